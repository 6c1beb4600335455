"""A run that was interrupted and resumed equals the one that was not, bit for bit."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from minecraft_tasks.core.errors import FalseBeaconError, StaleError
from minecraft_tasks.core.processes import HOST
from minecraft_tasks.levels.locked import training_bank
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.ppo.recurrent_ppo import StockRecurrentPPO
from policies.runs.checkpoints import checkpoint_path, checkpoints
from policies.runs.config import TrainingConfig, make_config
from policies.runs.conflicts import CONFLICTS_FILE, read_conflicts
from policies.runs.progress import ProgressRow, read_rows
from policies.runs.record import read_run
from policies.training import setup
from policies.training import train as training
from policies.training.reporters import LineReporter
from policies.training.snapshot import MEMBER, read_snapshot
from policies.training.train import train
from tests.support.children import environment
from tests.support.waiting import DEADLINE
from wrappers.sb3 import SB3VecEnv

ROLLOUT = 8 * 24
"""Decisions between updates: 24 in each environment, so that episodes of 128 straddle them."""
SMALL: dict[str, Any] = {
    "task": "BeaconShrine",
    "steps": 10 * ROLLOUT,
    "num_envs": 8,
    "n_steps": 24,
    "epochs": 2,
    "minibatches": 2,
    "hidden": 16,
    "layouts": 8,
    "heldout_levels": 2,
    "heldout_interval": 3 * ROLLOUT,
    "checkpoints": 3,
    "first_checkpoint": 2 * ROLLOUT,
    "save_seconds": 1e-6,
    "threads": 1,
    "precision": "float32",
}


def small(**changes: Any) -> TrainingConfig:
    return make_config(**(SMALL | changes))


class Killed(BaseException):
    """Ends training as a kill would: nothing is saved on the way out."""


class Watcher(LineReporter):
    """Does something when the row after so many rollouts is shown, before it is saved."""

    def __init__(self, rollouts: int = -1, what: Callable[[], None] | None = None) -> None:
        super().__init__(io.StringIO(), seconds=0.0)
        self.moment, self.what = rollouts * ROLLOUT, what

    def update(self, row: ProgressRow) -> None:
        super().update(row)
        if row.steps == self.moment and self.what is not None:
            self.what()

    @property
    def said(self) -> str:
        assert isinstance(self.stream, io.StringIO)
        return self.stream.getvalue()


def kill() -> None:
    raise Killed


def interrupted(directory: Path, rollouts: int, **changes: Any) -> None:
    """Leaves a run whose last checkpoint is the one before so many rollouts."""
    with pytest.raises(Killed):
        train(small(**changes), out=directory, reporter=Watcher(rollouts, kill))


def uninterrupted(directory: Path, **changes: Any) -> Path:
    return train(small(save_seconds=1e9, **changes), out=directory, reporter=Watcher())


def tensors(value: Any, name: str = "") -> dict[str, Any]:
    """Every leaf of a nested state by its path."""
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list | tuple):
        parts = enumerate(value)
    else:
        return {name: value}
    return {k: v for key, part in parts for k, v in tensors(part, f"{name}/{key}").items()}


def assert_same_state(first: Path, second: Path) -> None:
    """Weights, optimiser, counters, random state and environments of two checkpoints."""
    one, other = (StockRecurrentPPO.load(path, device="cpu") for path in (first, second))
    for state in ("policy", "policy.optimizer"):
        left, right = (tensors(model.get_parameters()[state]) for model in (one, other))
        assert left.keys() == right.keys()
        for name, value in left.items():
            same = torch.equal(value, right[name]) if torch.is_tensor(value) else None
            assert same if same is not None else value == right[name], name
    assert one.num_timesteps == other.num_timesteps
    assert one._n_updates == other._n_updates
    mine, theirs = read_snapshot(first), read_snapshot(second)
    assert mine is not None
    assert theirs is not None
    for name, value in vars(mine).items():
        left, right = tensors(value), tensors(getattr(theirs, name))
        for key, part in left.items():
            np.testing.assert_array_equal(part, right[key], err_msg=f"{name}{key}")


def untimed(directory: Path) -> list[str]:
    """Rows of progress.csv without what depends on the clock."""
    rows = read_rows(directory / "progress.csv")
    return [repr(row._replace(seconds=0.0, cpu_seconds=0.0, steps_per_second=0.0)) for row in rows]


def assert_same_run(first: Path, second: Path) -> None:
    assert untimed(first) == untimed(second)
    conflicts = [(run / CONFLICTS_FILE).read_bytes() for run in (first, second)]
    assert conflicts[0] == conflicts[1]
    names = [
        sorted(path.name for path in (run / "checkpoints").iterdir()) for run in (first, second)
    ]
    assert names[0] == names[1]
    for left, right in zip(checkpoints(first), checkpoints(second), strict=True):
        assert_same_state(left, right)


@pytest.mark.parametrize(
    "changes",
    [
        {"critic": "lstm"},
        {"critic": "shared"},
        {"critic": "memoryless"},
        {"encoder": "frozen"},
        {"encoder": "blind"},
        {"wrappers": "sticky_actions:probability=0.5,grey,frame_stack:n=2"},
        {"wrappers": "action_repeat:repeat=2,resize:size=36"},
        {"final_ent_coef": 0.0},
        {"sampling": "curriculum"},
        {"sampling": "prioritised", "wrappers": "action_repeat:repeat=2"},
        {"sampling": "prioritised", "conflict_fraction": 0.5},
        {"sampling": "regret", "conflict_fraction": 0.5, "withheld": "beacon"},
        {"sampling": "learnability", "conflict_fraction": 0.5, "detour_fraction": 0.5},
    ],
    ids=str,
)
def test_a_killed_run_resumes_to_the_same_bits(changes: dict[str, Any], tmp_path: Path) -> None:
    directory, whole = tmp_path / "run", uninterrupted(tmp_path / "whole", **changes)
    interrupted(directory, 8, **changes)
    newest = checkpoints(directory)[-1]
    assert int(newest.stem) == 7 * ROLLOUT
    before = read_conflicts(directory / CONFLICTS_FILE)
    assert len(before.rows["steps"]), "no episode in which candidates came apart"
    snapshot = read_snapshot(newest)
    assert snapshot is not None
    assert not snapshot.kept
    assert len(snapshot.episodes) > 0
    assert (snapshot.env["elapsed"] > 0).any(), "no episode straddles the checkpoint"
    assert np.abs(snapshot.env["velocity"]).any()
    train(resume=directory, reporter=Watcher())
    assert_same_run(directory, whole)
    sessions = read_run(directory).sessions
    assert [(part.steps, part.until) for part in sessions] == [
        (0, 10 * ROLLOUT),
        (7 * ROLLOUT, 10 * ROLLOUT),
    ]


def test_a_run_killed_again_and_again_and_left_untidy(tmp_path: Path) -> None:
    directory, whole = tmp_path / "run", uninterrupted(tmp_path / "whole")
    interrupted(directory, 1)
    assert not checkpoints(directory)
    for rollouts in (3, 4, 7, 10):
        with pytest.raises(Killed):
            train(resume=directory, reporter=Watcher(rollouts, kill))
    passing = checkpoints(directory)[-1]
    for name in (f".000000777.zip.1-0-{HOST}.tmp", "000000777.safetensors"):
        (directory / "checkpoints" / name).write_bytes(b"half")
    (directory / f".run.json.1-0-{HOST}.tmp").write_text("half")
    older = checkpoint_path(directory, 3)
    older.write_bytes(passing.read_bytes())
    train(resume=directory, reporter=Watcher())
    assert_same_run(directory, whole)
    assert not list(directory.rglob("*.tmp"))


def test_a_corrupt_newest_checkpoint_is_played_again(tmp_path: Path) -> None:
    directory, whole = tmp_path / "run", uninterrupted(tmp_path / "whole")
    interrupted(directory, 9)
    *_, before, newest = checkpoints(directory)
    newest.write_bytes(newest.read_bytes()[:5000])
    reporter = Watcher()
    train(resume=directory, reporter=reporter)
    assert f"{newest} is corrupt" in reporter.said
    assert f"resuming from {before}" in reporter.said
    assert_same_run(directory, whole)


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


def test_an_extended_run_can_be_interrupted_too(tmp_path: Path) -> None:
    """Its learning rate is, from the resume on, that of a run of the new length."""
    rates = []
    for name in ("whole", "run"):
        directory = tmp_path / name
        train(small(steps=4 * ROLLOUT), out=directory, reporter=Watcher())
        assert len(checkpoints(directory)) == 3
        longer = small(steps=8 * ROLLOUT)
        if name == "run":
            with pytest.raises(Killed):
                train(longer, resume=directory, reporter=Watcher(7, kill))
            newest = StockRecurrentPPO.load(checkpoints(directory)[-1], device="cpu")
            rates = [group["lr"] for group in newest.policy.optimizer.param_groups]
            assert newest.num_timesteps == 6 * ROLLOUT
        train(longer, resume=directory, reporter=Watcher())
    assert_same_run(tmp_path / "run", tmp_path / "whole")
    start, end = longer.learning_rate, longer.final_learning_rate
    assert rates == [pytest.approx(start + (end - start) * 6 / 8)]


def rewrite(path: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """Changes members of a zip, or leaves them out."""
    with zipfile.ZipFile(path) as archive:
        members = {name: change(name, archive.read(name)) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            if content is not None:
                archive.writestr(name, content)


def test_checkpoints_without_a_snapshot_resume_with_new_episodes(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    interrupted(directory, 3)
    newest = checkpoints(directory)[-1]
    rewrite(newest, lambda name, content: None if name == MEMBER else content)
    reporter = Watcher()
    train(resume=directory, reporter=reporter)
    assert f"{newest} cannot give its episodes back" in reporter.said
    rows = read_rows(directory / "progress.csv")
    assert [row.steps for row in rows] == [ROLLOUT * (index + 1) for index in range(10)]


def test_snapshots_of_another_schema_and_sound_zips_that_are_no_checkpoints(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    interrupted(directory, 4)
    before, newest = checkpoints(directory)[-2:]
    whole = newest.read_bytes()

    def newer(name: str, content: bytes) -> bytes:
        if name != MEMBER:
            return content
        with np.load(io.BytesIO(content)) as arrays:
            changed = dict(arrays) | {"schema": np.array(7)}
        out = io.BytesIO()
        np.savez(out, allow_pickle=False, **changed)
        return out.getvalue()

    rewrite(newest, newer)
    with pytest.raises(StaleError, match="schema 7"):
        train(resume=directory, reporter=Watcher())
    newest.write_bytes(whole)
    rewrite(newest, lambda name, content: content if name == "data" else None)
    reporter = Watcher()
    train(resume=directory, reporter=reporter)
    assert f"{newest} cannot be loaded" in reporter.said
    assert f"resuming from {before}" in reporter.said


def test_a_finished_run_says_so(tmp_path: Path) -> None:
    directory = train(small(steps=100), out=tmp_path / "run", reporter=Watcher())
    record = (directory / "run.json").read_bytes()
    reporter = Watcher()
    train(resume=directory, reporter=reporter)
    assert "already has its 100 steps" in reporter.said
    with pytest.raises(FalseBeaconError, match="larger number with --steps"):
        train(small(steps=101), resume=directory, reporter=Watcher())
    assert (directory / "run.json").read_bytes() == record
