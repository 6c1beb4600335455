"""Locked levels: which seeds a task is judged on, committed before any training run.

One file lists, for every split but `train`, the admitted seeds with all that was measured of their
levels; another lists those on which the judge itself is calibrated (`Task.file`). A file carries a
digest of its own content, so that an edit by hand is noticed, and the hash of the task it was made
for.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from minecraft_tasks.core.errors import FalseBeaconError, StaleError
from minecraft_tasks.core.records import read_json
from minecraft_tasks.levels.bank import LevelBank, join_banks, make_bank
from minecraft_tasks.levels.generate import content_hash, level
from minecraft_tasks.levels.seed_file import LockedLevel, Purpose, SeedFile
from minecraft_tasks.spec import TRAINING_LEVELS, TaskSpec
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.worlds.layout import layout_hash

_MOST_OFFERED = 100
"""Draws for each layout wanted before a split is given up as too narrow."""


def read_seeds(task: Task, path: Path | None = None, purpose: Purpose = "judging") -> SeedFile:
    """The locked levels of a task.

    Raises:
        CorruptFileError: If the file is missing or is no seed file.
        StaleError: If it was edited by hand, or made for another version of the task.
    """
    path = path or task.file(purpose)
    option = "" if purpose == "judging" else " --calibration"
    again = f"run `falsebeacon lock {task.name}{option}` to make it anew, or restore it from git"
    document = read_json(path, again)
    digest = document.pop("digest", None)
    seeds = SeedFile.parse(document, path, again)
    if (seeds.task, seeds.purpose) != (task.spec.name, purpose):
        raise StaleError(
            f"{path} holds levels of {seeds.task} ({seeds.purpose}), needed are those of"
            f" {task.spec.name} ({purpose}): {again}."
        )
    if digest != seeds.digest():
        raise StaleError(
            f"{path} was edited by hand: its digest is {seeds.digest()}, it says {digest}; {again}."
        )
    if seeds.task_hash != task.spec.task_hash:
        raise StaleError(
            f"{path} was locked for task hash {seeds.task_hash}, {task.spec.name} now has "
            f"{task.spec.task_hash}; {again}."
        )
    return seeds


@lru_cache(maxsize=8)
def _read_once(task: Task, path: Path, purpose: Purpose, modified: float) -> SeedFile:
    return read_seeds(task, path, purpose)


def locked_seeds(task: Task, purpose: Purpose = "judging") -> SeedFile:
    """`read_seeds`, read from disk once for as long as the file does not change."""
    path = task.file(purpose)
    modified = path.stat().st_mtime if path.exists() else 0.0
    return _read_once(task, path, purpose, modified)


def locked_bank(task: Task, splits: Sequence[str], limit: int | None = None) -> LevelBank:
    """The levels of some splits that agents are judged on, with all that is locked of them.

    Args:
        task: The task family.
        splits: Names of locked splits.
        limit: At most so many levels of each split; twins stay together.

    Raises:
        FalseBeaconError: If the limit is less than one.
        StaleError: If a level is no longer the one that was locked.
    """
    return _bank(task, locked_seeds(task), splits, limit)


def calibration_bank(task: Task, splits: Sequence[str], limit: int | None = None) -> LevelBank:
    """The levels of some splits that a judge is calibrated on; as `locked_bank`."""
    return _bank(task, locked_seeds(task, "calibration"), splits, limit)


def _bank(task: Task, seeds: SeedFile, splits: Sequence[str], limit: int | None) -> LevelBank:
    if limit is not None and limit < 1:
        raise FalseBeaconError(f"at least one level of each split is needed, not {limit}.")
    banks = []
    for name in splits:
        split = task.spec.split(name)
        if name not in seeds.splits:
            raise FalseBeaconError(
                f"split {name!r} of {task.spec.name} has no levels locked for {seeds.purpose}; "
                f"locked: {', '.join(seeds.splits)}."
            )
        most = limit if limit is None or not split.twins else max(limit // 2, 1) * 2
        locked = seeds.splits[name].levels[:most]
        worlds = [level(task, name, entry.seed) for entry in locked]
        for entry, world in zip(locked, worlds, strict=True):
            if content_hash(world) != entry.content:
                raise StaleError(
                    f"{task.spec.name} {name} seed {entry.seed} is not the level that was locked "
                    f"({content_hash(world)} instead of {entry.content}): the generator changed; "
                    "raise the task's version and lock it anew."
                )
        numbers = [entry.seed for entry in locked]
        optimal = np.array([_row(task.spec, entry.optimal) for entry in locked], np.float32)
        banks.append(
            make_bank(
                task.spec, worlds, [split] * len(locked), numbers, optimal, _pseudo(task, locked)
            )
        )
    return join_banks(banks)


def _row(spec: TaskSpec, values: dict[str, float]) -> list[float]:
    return [values.get(name, np.nan) for name in spec.candidate_names]


def _pseudo(task: Task, locked: Sequence[LockedLevel]) -> tuple[np.ndarray, np.ndarray]:
    """Pseudo-sites float64[L, C, 6], and fewest decisions to them float32[L, C]."""
    names = task.spec.candidate_names
    boxes = np.full((len(locked), len(names), 6), np.nan)
    optimal = np.full((len(locked), len(names)), np.nan, np.float32)
    for row, entry in enumerate(locked):
        for name, pseudo in entry.pseudo.items():
            boxes[row, names.index(name)] = pseudo.site
            optimal[row, names.index(name)] = pseudo.optimal
    return boxes, optimal


def training_bank(task: Task, layouts: int | None = None) -> LevelBank:
    """The first `layouts` training levels that share no layout with a locked one.

    Args:
        task: The task family.
        layouts: How many; those of its recipe by default.

    Raises:
        FalseBeaconError: If that is less than one level.
    """
    layouts = task.recipe.layouts or TRAINING_LEVELS if layouts is None else layouts
    if layouts < 1:
        raise FalseBeaconError(f"at least one training level is needed, not {layouts}.")
    return fresh_bank(task, "train", layouts)


def locked_layouts(task: Task) -> frozenset[str]:
    """Layout hashes of all levels that are judged or calibrated on."""
    return locked_seeds(task).layouts() | locked_seeds(task, "calibration").layouts()


def fresh_bank(task: Task, split: str, layouts: int, first: int = 0) -> LevelBank:
    """The first `layouts` layouts of a split that no locked level has; twins come together.

    They are not put to the rules of admission, which locked levels have passed.

    Args:
        task: The task family.
        split: Name of the split.
        layouts: How many; a split with twins gives two levels for each.
        first: Seed to begin from, even.
    """
    return _fresh_bank(task, split, layouts, first, locked_layouts(task))


def default_training_layouts(task: Task, forbidden: frozenset[str]) -> frozenset[str]:
    """Layouts of the levels that `training_bank` gives by default, were those the locked ones."""
    layouts = task.recipe.layouts or TRAINING_LEVELS
    return frozenset(_fresh_bank(task, "train", layouts, 0, forbidden).layouts)


@lru_cache(maxsize=8)
def _fresh_bank(
    task: Task, split_name: str, layouts: int, first: int, forbidden: frozenset[str]
) -> LevelBank:
    split = task.spec.split(split_name)
    each = 2 if split.twins else 1
    worlds, seeds = [], []
    for seed in itertools.count(first, each):
        if len(worlds) == layouts * each:
            break
        if seed - first > _MOST_OFFERED * layouts * each:
            raise FalseBeaconError(
                f"{task.spec.name} {split_name}: {len(worlds) // each} of {layouts} layouts that "
                f"are not locked in {_MOST_OFFERED * layouts} draws; widen the split's size, or ask"
                " for fewer layouts."
            )
        world = level(task, split_name, seed)
        if layout_hash(world.layout) in forbidden:
            continue
        seeds += range(seed, seed + each)
        worlds.append(world)
        if split.twins:
            worlds.append(level(task, split_name, seed + 1))
    return make_bank(task.spec, worlds, [split] * len(worlds), seeds)


def split_bank(task: Task, split: str, layouts: int = TRAINING_LEVELS) -> LevelBank:
    """The levels that an environment plays: the training levels, or the locked ones of a split."""
    if task.spec.split(split).unbounded:
        return training_bank(task, layouts)
    return locked_bank(task, [split])
