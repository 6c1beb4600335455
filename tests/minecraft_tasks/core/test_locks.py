"""Locks between processes."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.locks import LockHeldError, hold, is_held

HOLDER = """
import sys
from pathlib import Path
from minecraft_tasks.core.locks import hold
with hold(Path(sys.argv[1]), "busy"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_holder_is_named_and_its_end_releases_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "new" / ".lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert is_held(path)
        with pytest.raises(LockHeldError, match=rf"busy The holder is process {other.pid} on .*-c"):
            hold(path, "busy", seconds=0.0)
        other.kill()
        other.wait()
    assert not is_held(path)
    with hold(path, "busy"):
        assert path.read_text().startswith(f"process {os.getpid()} on ")


def test_a_holder_that_lets_go_in_time_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    first = hold(path, "busy")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(hold, path, "busy", 600.0)
        first.lock.release()
        waiting.result().lock.release()
    assert not is_held(path)


def test_a_look_makes_no_file(tmp_path: Path) -> None:
    assert not is_held(tmp_path / ".lock")
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FalseBeaconError, match=r"cannot lock .*file"):
        hold(tmp_path / "file" / ".lock", "busy")
