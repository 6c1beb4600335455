"""Levels to train on, for every condition of a study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from minecraft_tasks.levels.bank import LevelBank, join_banks
from minecraft_tasks.levels.locked import fresh_bank, training_bank
from minecraft_tasks.tasks.base import Task

FRESH_SEEDS = 2**40
"""Seeds from here on are for training in splits that are locked from seed 0 upwards."""


class TrainingLevels(NamedTuple):
    """A bank, and how often an episode is played on each level.

    Attributes:
        bank: The levels.
        weights: float64[L], adding up to 1; None for all equally often.
    """

    bank: LevelBank
    weights: np.ndarray | None


def training_levels(task: Task, layouts: int, shares: Mapping[str, float]) -> TrainingLevels:
    """Levels with no layout of a locked one, in which every level of a split is as frequent.

    Only that and what a task's `build` promises is checked: conflict and factorial levels are not
    put to the rules of admission on paths, costs and views. Twins come together.

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
    banks = []
    for split in splits:
        if split.unbounded:
            banks.append(training_bank(task, layouts))
        else:
            count = -(-layouts // conflicts) if split.twins else layouts
            banks.append(fresh_bank(task, split.name, count, FRESH_SEEDS))
    weights = [
        np.full(len(bank), share / len(bank))
        for bank, share in zip(banks, shares.values(), strict=True)
    ]
    return TrainingLevels(join_banks(banks), np.concatenate(weights))
