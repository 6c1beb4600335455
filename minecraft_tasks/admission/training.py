"""Training levels of every condition of a study, and what their sampling knows of them.

A training level shares neither its layout nor its film with a locked one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from minecraft_tasks.actions import check_count
from minecraft_tasks.admission.taken import filmed
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.bank import LevelBank, join_banks, subset
from minecraft_tasks.levels.locked import fresh_bank, locked_films
from minecraft_tasks.levels.sampler import LevelFacts
from minecraft_tasks.levels.sampling import Sampling
from minecraft_tasks.navigation.fewest import fewest_decisions
from minecraft_tasks.spec import TRAINING_LEVELS
from minecraft_tasks.tasks.base import Task

FRESH_SEEDS = 2**40
"""First training seed of the splits whose locked levels start at seed 0."""

SIZE_SEEDS = 2**32
"""Seeds between the first training seeds of two sizes."""

DISTANCES = 8
"""Stages of a curriculum by distance: as many levels in each."""

Sizes = tuple[int, int]
"""Smallest and largest size of a level, in the task's own unit."""


class TrainingLevels(NamedTuple):
    """A bank and the relative frequency float64[L] of its levels; None for equal ones."""

    bank: LevelBank
    weights: np.ndarray | None


def training_levels(
    task: Task,
    layouts: int,
    shares: Mapping[str, float],
    sizes: Sizes | None = None,
    sampling: Sampling = "uniform",
    conflict_layouts: int | None = None,
) -> TrainingLevels:
    """Levels that share no layout and no film with a locked one.

    Levels of one split are equally frequent. The rules of admission are not applied. Twins stay
    together.

    Args:
        task: The task family.
        layouts: Layouts of each split but the conflicts; levels with a film that is locked are left
            out afterwards.
        shares: From `spec.episode_shares`.
        sizes: Sizes of all levels, each equally often, without those that a split cannot have; by
            default the task draws them.
        sampling: A curriculum needs to know each level's size, so that the sizes of each split are
            then equally frequent.
        conflict_layouts: Layouts that the conflicts share, as many as `layouts` by default.

    Raises:
        FalseBeaconError: If `layouts` is less than one, the sizes are not in order, no level of
            such a size can be built, or no level is left.
    """
    if sizes is not None and not 1 <= sizes[0] <= sizes[1]:
        raise FalseBeaconError(f"sizes must be two numbers from 1, in order, not {list(sizes)}.")
    layouts = check_count("layouts", layouts)
    splits = [task.spec.split(name) for name in shares]
    conflicts = sum(split.twins for split in splits)
    banks, weights = [], []
    for split in splits:
        extent = sizes or (split.size if sampling == "curriculum" else None)
        count = -(-(conflict_layouts or layouts) // conflicts) if split.twins else layouts
        first = 0 if split.unbounded else FRESH_SEEDS
        bank = _sized_bank(task, split.name, count, first, extent)
        if not split.unbounded or extent is not None or layouts > TRAINING_LEVELS:
            # The films of the default training levels are never locked.
            bank = _unlike_locked(task, bank)
        banks.append(bank)
        weights.append(np.full(len(bank), shares[split.name] / max(len(bank), 1)))
    if not all(len(bank) for bank in banks):
        empty = [name for name, bank in zip(shares, banks, strict=True) if not len(bank)]
        raise FalseBeaconError(
            f"{task.spec.name} has no training level of {', '.join(empty)} that shows other things "
            "than the locked ones: ask for more with --layouts or --conflict-layouts."
        )
    if len(banks) == 1 and splits[0].unbounded:
        return TrainingLevels(banks[0], None)
    return TrainingLevels(join_banks(banks), np.concatenate(weights))


def recipe_levels(task: Task) -> LevelBank:
    """The training levels of the task's recipe."""
    train = task.spec.of_kind("train")[0].name
    layouts = task.recipe.layouts or TRAINING_LEVELS
    return training_levels(task, layouts, {train: 1.0}, task.recipe.sizes).bank


def _unlike_locked(task: Task, bank: LevelBank) -> LevelBank:
    """The levels of a bank whose films are not locked; twins go together."""
    shown = filmed(task, bank, locked_films(task))
    if not shown.any():
        return bank
    split = task.spec.split(bank.splits[0])
    if split.twins:
        shown = np.repeat(shown.reshape(-1, 2).any(axis=1), 2)
    return subset(bank, np.flatnonzero(~shown))


def _sized_bank(task: Task, split: str, layouts: int, first: int, sizes: Sizes | None) -> LevelBank:
    """As many layouts of each size that can be built as of any other; see `fresh_bank`."""
    own = task.spec.split(split).size
    if sizes is None or (sizes == own and own[0] == own[1]):
        return fresh_bank(task, split, layouts, first)
    possible, reason = [], ""
    for index, size in enumerate(range(sizes[0], sizes[1] + 1)):
        begin = first + index * SIZE_SEEDS
        try:
            fresh_bank(task, split, 1, begin, size)
            possible.append((size, begin))
        except Exception as error:
            # A task's builder knows sizes of its own splits only, and may raise anything.
            reason = str(error)
    if not possible:
        raise FalseBeaconError(
            f"{task.spec.name} {split} has no training levels of sizes {list(sizes)} ({reason}):"
            f" name others with --sizes; its own are {list(own)}."
        )
    counts = [len(part) for part in np.array_split(np.arange(layouts), len(possible))]
    return join_banks(
        [
            fresh_bank(task, split, count, begin, size)
            for (size, begin), count in zip(possible, counts, strict=True)
            if count
        ]
    )


def level_facts(
    task: Task, levels: TrainingLevels, sampling: Sampling, rewarded: int, gamma: float
) -> LevelFacts:
    """What a sampling knows of training levels.

    Args:
        task: The task family.
        levels: From `training_levels`.
        sampling: The sampling.
        rewarded: Index of the candidate that reward pays for.
        gamma: Discount per decision.

    Raises:
        FalseBeaconError: If the sampling needs the fewest decisions to the goal, and the task
            cannot be planned for.
    """
    bank, spec = levels.bank, task.spec
    weights = np.full(len(bank), 1.0) if levels.weights is None else levels.weights
    # Conflicts are drawn at their own share, and no curriculum looks at success there.
    staged = np.array([not spec.split(name).twins for name in bank.splits])
    stages, optimal = np.where(staged, bank.sizes, -1), np.full(len(bank), np.nan)
    by_distance = sampling == "curriculum" and len(np.unique(bank.sizes[staged])) < 2
    if sampling == "regret" or by_distance:
        try:
            optimal = fewest_decisions(spec, bank, rewarded)
        except FalseBeaconError as error:
            raise FalseBeaconError(
                f"--sampling {sampling} needs the fewest decisions to the goal of a level"
                f"{' without a range of sizes' if by_distance else ''}: {error}"
            ) from error
    if by_distance and staged.any():
        edges = np.quantile(optimal[staged], np.linspace(0, 1, DISTANCES + 1)[1:-1])
        stages = np.where(staged, np.searchsorted(edges, optimal, side="left"), -1)
    if sampling == "curriculum" and staged.any() and len(np.unique(stages[staged])) < 2:
        raise FalseBeaconError(
            f"--sampling curriculum needs training levels of different sizes or distances; those of"
            f" {spec.name} are all alike: name several --sizes, or sample otherwise."
        )
    return LevelFacts(weights, stages, optimal, bank.time_limits, gamma, spec.step_cost)
