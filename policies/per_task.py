"""Where a task is trained otherwise than the rest: the one place for it.

`TrainingConfig`'s defaults hold for every task that does not stand here, and for every option
that a task does not name. `studies/search.toml` tries their neighbours on BeaconShrine, by
success on held-out levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict


class Usual(TypedDict, total=False):
    """Options of `TrainingConfig` that may depend on the task."""

    steps: int
    num_envs: int
    n_steps: int
    epochs: int
    minibatches: int
    learning_rate: float
    final_learning_rate: float
    gamma: float
    gae_lambda: float
    ent_coef: float
    layouts: int
    heldout_interval: int


PER_TASK: Mapping[str, Usual] = {
    "BeaconShrine": {"steps": 400_000},
    # Short episodes, of which a rollout holds both what is seen and the choice that asks for it.
    "HiddenGoal": {
        "steps": 300_000,
        "num_envs": 32,
        "n_steps": 64,
        "epochs": 3,
        "minibatches": 4,
        "learning_rate": 1e-3,
        "gamma": 0.98,
        "ent_coef": 0.02,
    },
}


def usual(task: str) -> Usual:
    """What a task changes; nothing for one that does not stand here, known or not."""
    return PER_TASK.get(task, {})
