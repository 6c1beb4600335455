"""Files and directories appear whole or not at all, and what killed writers leave is swept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from minecraft_tasks.core import files
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import atomic_write, published, staged, sweep, write_csv, write_text
from minecraft_tasks.core.processes import HOST, is_alive, mark

WRITER = """
import sys, time
from pathlib import Path
from minecraft_tasks.core import files

out, where = Path(sys.argv[1]), sys.argv[2]

def pause(path):
    print(path, flush=True)
    time.sleep(600)

if where == "file":
    with files.atomic_write(out) as temporary:
        temporary.write_text("half")
        pause(temporary)
if where == "move":
    files.Path.replace = lambda entry, target: pause(entry)
with files.published(out, ["old"]) as made:
    (made / "new").write_text("half" if where == "made" else "new")
    (made / "folder").mkdir()
    (made / "folder" / "part").write_text("new")
    if where == "made":
        pause(made)
"""


def killed(out: Path, where: str) -> None:
    """Leaves what a writer leaves that was killed at some point."""
    command = [sys.executable, "-c", WRITER, str(out), where]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline().startswith(str(out.parent))
        assert list(out.parent.glob(".*.tmp"))
        sweep(out.parent)
        assert list(out.parent.glob(".*.tmp")), "what a running process writes stays"
        os.kill(writer.pid, signal.SIGKILL)


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def earlier(out: Path) -> None:
    with published(out) as made:
        (made / "new").write_text("earlier")
        (made / "old").write_text("earlier")


def test_a_killed_writer_leaves_no_file_once_another_has_started(tmp_path: Path) -> None:
    out = tmp_path / "file"
    write_text(out, "earlier")
    killed(out, "file")
    assert out.read_text() == "earlier"
    # As in a process that starts now.
    files._swept.clear()
    write_text(tmp_path / "other", "text")
    assert names(tmp_path) == ["file", "other"]


def test_a_killed_writer_leaves_the_earlier_directory(tmp_path: Path) -> None:
    out = tmp_path / "out"
    earlier(out)
    killed(out, "made")
    assert names(out) == ["new", "old"]
    earlier(out)
    assert names(tmp_path) == ["out"]
    assert (out / "new").read_text() == "earlier"


def test_a_directory_that_was_whole_is_moved_to_the_end(tmp_path: Path) -> None:
    out = tmp_path / "out"
    earlier(out)
    (out / "note").write_text("mine")
    killed(out, "move")
    sweep(tmp_path)
    assert names(tmp_path) == ["out"]
    assert names(out) == ["folder", "new", "note"]
    assert (out / "new").read_text() == "new"


def test_a_directory_is_replaced_but_for_what_is_not_written_anew(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for text in ("first", "second"):
        with published(out, ["gone"]) as made:
            assert text == "first" or (out / "folder" / "first").exists()
            (made / "folder").mkdir()
            (made / "folder" / text).touch()
            (made / ".scratch").touch()
            if text == "first":
                (made / "gone").touch()
                (made / "stays").touch()
    assert names(out) == ["folder", "stays"]
    assert names(out / "folder") == ["second"]
    assert names(tmp_path) == ["out"]


def test_an_exception_while_publishing_keeps_the_earlier_one(tmp_path: Path) -> None:
    def publish_half() -> None:
        with published(tmp_path / "out") as made:
            (made / "new").write_text("half")
            raise KeyError

    earlier(tmp_path / "out")
    with pytest.raises(KeyError):
        publish_half()
    assert names(tmp_path) == ["out"]
    assert (tmp_path / "out" / "new").read_text() == "earlier"


def test_the_working_directory_can_be_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    earlier(Path())
    assert names(Path()) == ["new", "old"]


def test_only_what_was_staged_by_the_dead_is_swept(tmp_path: Path) -> None:
    kept = [staged(tmp_path / "own"), tmp_path / ".own.tmp", tmp_path / ".x.5-5-otherhost.tmp"]
    gone = [tmp_path / f".x.{2**22 + 1}-5-{HOST}.tmp", tmp_path / f".x.1-0-{HOST}.tmp"]
    for path in (*kept, *gone):
        path.touch()
    os.utime(tmp_path / ".own.tmp", (0, 0))
    sweep(tmp_path)
    assert set(tmp_path.iterdir()) == set(kept)
    os.utime(kept[2], (0, 0))
    sweep(tmp_path)
    assert set(tmp_path.iterdir()) == set(kept[:2])


def test_a_mark_is_of_one_process() -> None:
    assert is_alive(mark()) is True
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_alive(mark().replace(str(os.getpid()), str(child.pid), 1)) is False, "a zombie"
    child.wait()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(FalseBeaconError, match=r"cannot write .*below"),
        atomic_write(tmp_path / "file" / "below"),
    ):
        pass


def test_cells_of_a_csv_file_are_quoted_where_they_must_be(tmp_path: Path) -> None:
    write_csv(tmp_path / "rows.csv", [("a", 1), ("b, c", 0.5)])
    assert (tmp_path / "rows.csv").read_bytes() == b'a,1\n"b, c",0.5\n'
