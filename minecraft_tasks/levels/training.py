"""Training levels of every condition of a study: shares of episodes by split, and their banks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.bank import LevelBank, join_banks
from minecraft_tasks.levels.locked import fresh_bank, training_bank
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks.base import Task

FRESH_SEEDS = 2**40
"""First training seed of the splits whose locked levels start at seed 0."""


class TrainingLevels(NamedTuple):
    """A bank and the relative frequency float64[L] of its levels; None for equal ones."""

    bank: LevelBank
    weights: np.ndarray | None


def episode_shares(
    spec: TaskSpec, conflict_fraction: float = 0.0, decorrelated: bool = False, reward: str = ""
) -> dict[str, float]:
    """The share of training episodes by split.

    Args:
        spec: The task.
        conflict_fraction: Share of episodes on conflict levels of the rewarded candidate, every
            other candidate equally often.
        decorrelated: Whether every candidate has a site of its own in the other episodes.
        reward: Rewarded candidate; the intended goal where it is empty.

    Returns:
        Split -> share above 0, in the order of the task; they add up to 1.

    Raises:
        UnknownNameError: If the task has no such candidate.
        FalseBeaconError: If it has no levels of that kind.
    """
    name = spec.candidate_names[spec.rewarded(reward)]
    usual = [split.name for split in spec.of_kind("factorial" if decorrelated else "train")]
    conflicts = [split.name for split in spec.conflicts(name)]
    if not usual:
        raise FalseBeaconError(
            f"{spec.name} has no factorial split, so it cannot be trained with its candidates "
            "decorrelated: leave out `decorrelated`."
        )
    if conflict_fraction and not conflicts:
        raise FalseBeaconError(
            f"{spec.name} has no conflict split with {name!r}: leave out `conflict_fraction`."
        )
    shares = dict.fromkeys(usual, (1 - conflict_fraction) / len(usual))
    shares |= {split: conflict_fraction / len(conflicts) for split in conflicts}
    return {split: share for split, share in shares.items() if share > 0}


def training_levels(task: Task, layouts: int, shares: Mapping[str, float]) -> TrainingLevels:
    """Levels that share no layout with a locked one; levels of one split are equally frequent.

    The rules of admission are not applied. Twins stay together.

    Args:
        task: The task family.
        layouts: Layouts of the `train` or factorial split, and of all conflict splits together.
        shares: From `episode_shares`.
    """
    splits = [task.spec.split(name) for name in shares]
    if all(split.unbounded for split in splits):
        return TrainingLevels(training_bank(task, layouts), None)
    conflicts = sum(split.twins for split in splits)
    banks, weights = [], []
    for split in splits:
        if split.unbounded:
            bank = training_bank(task, layouts)
        else:
            count = -(-layouts // conflicts) if split.twins else layouts
            bank = fresh_bank(task, split.name, count, FRESH_SEEDS)
        banks.append(bank)
        weights.append(np.full(len(bank), shares[split.name] / len(bank)))
    return TrainingLevels(join_banks(banks), np.concatenate(weights))
