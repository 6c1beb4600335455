"""Options of runs that train in a second, and still do all that a run does."""

from __future__ import annotations

from typing import Any

ROLLOUT = 8 * 8
"""Decisions between two updates."""

SMALL: dict[str, Any] = {
    "task": "BeaconShrine",
    "num_envs": 8,
    "n_steps": 8,
    "epochs": 1,
    "minibatches": 2,
    "hidden": 16,
    "layouts": 8,
    "heldout_levels": 2,
    "checkpoints": 3,
    "first_checkpoint": ROLLOUT,
    "threads": 1,
    "precision": "float32",
}
