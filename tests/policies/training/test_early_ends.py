"""Whatever ends a process in the middle of training, nothing is lost."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.locked import training_bank
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.runs.checkpoints import checkpoints
from policies.training import setup
from policies.training import train as training
from policies.training.train import train
from tests.support.children import environment
from tests.support.resuming import (
    ROLLOUT,
    SMALL,
    Watcher,
    assert_same_run,
    small,
    uninterrupted,
)
from tests.support.waiting import DEADLINE
from wrappers.sb3 import SB3VecEnv

CHILD = """
import json, os, resource, signal, sys
from pathlib import Path
from minecraft_tasks.core.errors import FalseBeaconError
from policies.runs.config import make_config
from policies.training.reporters import LineReporter
from policies.training.train import train

settings, directory, moment, what = json.loads(sys.argv[1])
last = Path(directory) / "checkpoints"

def full():
    size = min(path.stat().st_size for path in last.glob("*.zip"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, resource.RLIM_INFINITY))

class Reporter(LineReporter):
    def update(self, row):
        super().update(row)
        if row.steps == moment:
            full() if what == "full" else os.kill(os.getpid(), what)

try:
    train(make_config(**settings), out=Path(directory), reporter=Reporter())
except FalseBeaconError as error:
    sys.exit(str(error))
"""


@pytest.mark.parametrize("what", [signal.SIGKILL, signal.SIGTERM, "full"])
def test_processes_that_end_early_lose_nothing(what: int | str, tmp_path: Path) -> None:
    directory, whole = tmp_path / "run", uninterrupted(tmp_path / "whole")
    settings = SMALL if what != signal.SIGTERM else SMALL | {"save_seconds": 1e9}
    given = json.dumps([settings, str(directory), 8 * ROLLOUT, what])
    child = subprocess.run(
        [sys.executable, "-c", CHILD, given],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        env=environment(),
        check=False,
    )
    newest = checkpoints(directory)[-1]
    if what == signal.SIGKILL:
        assert child.returncode == -signal.SIGKILL
        assert int(newest.stem) == 7 * ROLLOUT
    else:
        assert child.returncode == 1
        assert "Traceback" not in child.stderr
        assert f"falsebeacon train --resume {directory}" in child.stderr
        assert str(newest) in child.stderr
        assert not list(directory.rglob("*.tmp"))
    if what == signal.SIGTERM:
        assert int(newest.stem) == 8 * ROLLOUT
        assert f"after {8 * ROLLOUT:,} of {10 * ROLLOUT:,} steps" in child.stderr
    if what == "full":
        assert "File too large" in child.stderr
        assert int(newest.stem) == 7 * ROLLOUT
    train(resume=directory, reporter=Watcher())
    assert_same_run(directory, whole)


class Impatient(MinecraftTaskVectorEnv):
    """Somebody presses Ctrl-C after so many decisions, in the middle of a rollout."""

    left = 5

    def step(self, actions: np.ndarray) -> Any:
        self.left -= 1
        if self.left == 0:
            signal.raise_signal(signal.SIGINT)
        return super().step(actions)


def test_ctrl_c_before_the_first_update(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the start, and after a resume, where there is nothing new to be saved."""

    def impatient(task: Any, config: Any) -> SB3VecEnv:
        return SB3VecEnv(Impatient(task, training_bank(task, config.layouts), config.num_envs))

    directory, whole = tmp_path / "run", uninterrupted(tmp_path / "whole")
    with monkeypatch.context() as patch:
        for module in (setup, training):
            patch.setattr(module, "make_env", impatient)
        with pytest.raises(FalseBeaconError, match="after 0 of"):
            train(small(), out=directory, reporter=Watcher())
        (first,) = checkpoints(directory)
        content = first.read_bytes()
        with pytest.raises(FalseBeaconError, match=str(first)):
            train(resume=directory, reporter=Watcher())
    assert checkpoints(directory) == [first]
    assert first.read_bytes() == content
    train(resume=directory, reporter=Watcher())
    assert_same_run(directory, whole)
