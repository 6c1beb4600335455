"""Runs that are interrupted, and whether two runs are the same, bit for bit."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from policies.ppo.recurrent_ppo import StockRecurrentPPO
from policies.runs.checkpoints import checkpoints
from policies.runs.config import TrainingConfig, make_config
from policies.runs.conflicts import CONFLICTS_FILE
from policies.runs.progress import ProgressRow, read_rows
from policies.training.reporters import LineReporter
from policies.training.snapshot import read_snapshot
from policies.training.train import train

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
