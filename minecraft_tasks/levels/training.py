"""Training levels of every condition of a study: shares of episodes by split, and their banks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from minecraft_tasks.levels.bank import LevelBank, join_banks
from minecraft_tasks.levels.locked import fresh_bank, training_bank
from minecraft_tasks.tasks.base import Task

FRESH_SEEDS = 2**40
"""First training seed of the splits whose locked levels start at seed 0."""


class TrainingLevels(NamedTuple):
    """A bank and the relative frequency float64[L] of its levels; None for equal ones."""

    bank: LevelBank
    weights: np.ndarray | None


def training_levels(task: Task, layouts: int, shares: Mapping[str, float]) -> TrainingLevels:
    """Levels that share no layout with a locked one; levels of one split are equally frequent.

    The rules of admission are not applied. Twins stay together.

    Args:
        task: The task family.
        layouts: Layouts of the `train` or factorial split; as many again are shared out among the
            conflicts.
        shares: From `spec.episode_shares`.

    Raises:
        FalseBeaconError: If `layouts` is less than one.
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
