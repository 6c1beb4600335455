"""Locked levels: the levels on which agents are judged, fixed before any training run.

A seed file lists, for every split but `train`, the admitted seeds with the measurements of their
levels; a second one lists the levels on which the judge is calibrated (`Task.file`). A file holds
the hash of its task and a digest of its own content, which detects edits by hand.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from minecraft_tasks.actions import check_count
from minecraft_tasks.core.errors import FalseBeaconError, StaleError
from minecraft_tasks.core.records import read_json
from minecraft_tasks.levels.bank import LevelBank, join_banks, make_bank
from minecraft_tasks.levels.generate import content_hash, level
from minecraft_tasks.levels.seed_file import LockedLevel, Purpose, SeedFile
from minecraft_tasks.spec import TRAINING_LEVELS
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.worlds.layout import layout_hash

_MOST_OFFERED = 100
"""Most draws for each layout wanted."""


def read_seeds(task: Task, path: Path | None = None, purpose: Purpose = "judging") -> SeedFile:
    """The locked levels of a task.

    Raises:
        CorruptFileError: If the file is missing or is no seed file.
        StaleError: If it was edited by hand, or locked for another version of the task.
    """
    path = path or task.file(purpose)
    option = "" if purpose == "judging" else " --calibration"
    again = f"run `falsebeacon lock {task.name}{option}` to lock again, or restore it from git"
    document = read_json(path, again)
    digest = document.pop("digest", None)
    seeds = SeedFile.parse(document, path, again)
    if (seeds.task, seeds.purpose) != (task.spec.name, purpose):
        raise StaleError(
            f"{path} holds levels of {seeds.task} ({seeds.purpose}), not of"
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
    """`read_seeds`, cached until the file changes."""
    path = task.file(purpose)
    modified = path.stat().st_mtime if path.exists() else 0.0
    return _read_once(task, path, purpose, modified)


def locked_bank(
    task: Task, splits: Sequence[str], limit: int | None = None, purpose: Purpose = "judging"
) -> LevelBank:
    """The locked levels of some splits, with their measurements.

    Args:
        task: The task family.
        splits: Names of locked splits.
        limit: Most levels of each split; twins stay together.
        purpose: Use of the levels.

    Raises:
        FalseBeaconError: If the limit is less than one, or a split has no locked levels.
        StaleError: If a level differs from the one that was locked.
    """
    seeds = locked_seeds(task, purpose)
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
                    "raise the task's version and lock it again."
                )
        optimal, boxes, pseudo_optimal = _measurements(task, locked)
        numbers, pseudo = [entry.seed for entry in locked], (boxes, pseudo_optimal)
        banks.append(make_bank(task.spec, worlds, [split] * len(locked), numbers, optimal, pseudo))
    return join_banks(banks)


def _measurements(
    task: Task, locked: Sequence[LockedLevel]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fewest decisions float32[L, C]; pseudo-sites float64[L, C, 6], fewest decisions to them."""
    names = task.spec.candidate_names
    boxes = np.full((len(locked), len(names), 6), np.nan)
    optimal, to_pseudo = np.full((2, len(locked), len(names)), np.nan, np.float32)
    for row, entry in enumerate(locked):
        for name, cost in entry.optimal.items():
            optimal[row, names.index(name)] = cost
        for name, pseudo in entry.pseudo.items():
            boxes[row, names.index(name)] = pseudo.site
            to_pseudo[row, names.index(name)] = pseudo.optimal
    return optimal, boxes, to_pseudo


def training_bank(task: Task, layouts: int = TRAINING_LEVELS) -> LevelBank:
    """The first training levels that share no layout with a locked one; at least one is needed."""
    return fresh_bank(task, "train", check_count("layouts", layouts))


def locked_layouts(task: Task) -> frozenset[str]:
    """Layout hashes of all locked levels, for judging and for calibration."""
    return locked_seeds(task).layouts() | locked_seeds(task, "calibration").layouts()


def locked_films(task: Task) -> frozenset[str]:
    """Films of all locked levels, for judging and for calibration."""
    return locked_seeds(task).films() | locked_seeds(task, "calibration").films()


def fresh_bank(
    task: Task,
    split: str,
    layouts: int,
    first: int = 0,
    size: int | None = None,
    besides: frozenset[str] = frozenset(),
) -> LevelBank:
    """The first `layouts` layouts of a split, from seed `first`, that no locked level has.

    The rules of admission are not applied. A split with twins has two levels for each layout, and
    `first` must be even. With a `size` all levels have it, whatever sizes the split has. Layouts
    `besides` are left out too.
    """
    return _fresh_bank(task, split, layouts, first, locked_layouts(task) | besides, size)


def default_training_bank(task: Task) -> LevelBank:
    """The default training levels, of which no locked level may have the layout or the film.

    They do not depend on the task's recipe, which may change while locked levels stay.
    """
    return _fresh_bank(task, "train", TRAINING_LEVELS, 0, frozenset())


@lru_cache(maxsize=32)
def _fresh_bank(
    task: Task,
    split_name: str,
    layouts: int,
    first: int,
    forbidden: frozenset[str],
    size: int | None = None,
) -> LevelBank:
    split = task.spec.split(split_name)
    if size is not None:
        split = split.model_copy(update={"size": (size, size)})
    each = 2 if split.twins else 1
    worlds, seeds = [], []
    for seed in itertools.count(first, each):
        if len(worlds) == layouts * each:
            break
        if seed - first > _MOST_OFFERED * layouts * each:
            raise FalseBeaconError(
                f"{task.spec.name} {split_name}: {len(worlds) // each} of {layouts} layouts that "
                f"are free in {_MOST_OFFERED * layouts} draws; widen the split's size, or ask"
                " for fewer layouts."
            )
        world = level(task, split, seed)
        if layout_hash(world.layout) in forbidden:
            continue
        seeds += range(seed, seed + each)
        worlds.append(world)
        if split.twins:
            worlds.append(level(task, split, seed + 1))
    return make_bank(task.spec, worlds, [split] * len(worlds), seeds)


def split_bank(task: Task, split: str, layouts: int = TRAINING_LEVELS) -> LevelBank:
    """The levels that an environment plays: the training levels, or the locked ones of a split."""
    unbounded = task.spec.split(split).unbounded
    return training_bank(task, layouts) if unbounded else locked_bank(task, [split])
