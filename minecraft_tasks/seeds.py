"""Locked levels: which seeds a task is judged on, committed before any training run.

`world_seeds/<task>.json` lists, for every split but `train`, the admitted seeds with their layout
hash and the fewest decisions to each candidate. The file carries a digest of its own content, so
that an edit by hand is noticed, and the hash of the task it was made for.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from minecraft_tasks.errors import CorruptFileError, FalseBeaconError, StaleError
from minecraft_tasks.files import write_text
from minecraft_tasks.layout import layout_hash
from minecraft_tasks.levels import LevelBank, content_hash, join_banks, level, make_bank
from minecraft_tasks.spec import Record
from minecraft_tasks.tasks.base import Task

SCHEMA = 1
TRAINING_LEVELS = 2048
"""Training levels that an environment draws from unless it is told otherwise."""

SEEDS_DIRECTORY = Path(__file__).resolve().parent.parent / "world_seeds"
"""Beside the packages, in a checkout as in an installed wheel."""


class LockedLevel(Record):
    """One admitted level: its seed, hashes, and fewest decisions to each candidate."""

    seed: int
    layout: str
    content: str
    optimal: dict[str, float]


class LockedSplit(Record):
    """The admitted levels of a split, and how many seeds were offered and refused for what."""

    levels: tuple[LockedLevel, ...]
    offered: int
    refused: dict[str, int]


class SeedFile(Record):
    """A task's locked levels."""

    falsebeacon_seeds: int = SCHEMA
    task: str
    task_hash: str
    thresholds: dict[str, float]
    splits: dict[str, LockedSplit]

    def digest(self) -> str:
        """Sixteen hexadecimal digits over the content."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def layouts(self) -> frozenset[str]:
        """Layout hashes of every split: none of them may be trained on."""
        return frozenset(locked.layout for split in self.splits.values() for locked in split.levels)


def seed_path(name: str) -> Path:
    """Where the locked levels of a task are."""
    return SEEDS_DIRECTORY / f"{name}.json"


def write_seeds(seeds: SeedFile, path: Path) -> None:
    """Write a seed file, whole or not at all, one level per line."""
    content = {"digest": seeds.digest(), **seeds.model_dump(mode="json")}
    lines: dict[str, str] = {}
    for name, split in content["splits"].items():
        for number, locked in enumerate(split["levels"]):
            split["levels"][number] = f"@{name}@{number}@"
            lines[json.dumps(split["levels"][number])] = json.dumps(locked)
    text = json.dumps(content, indent=1)
    for mark, line in lines.items():
        text = text.replace(mark, line)
    write_text(path, text + "\n")


def read_seeds(task: Task, path: Path | None = None) -> SeedFile:
    """The locked levels of a task.

    Raises:
        CorruptFileError: If the file is missing or is no seed file.
        StaleError: If it was edited by hand, or made for another version of the task.
    """
    path = path or seed_path(task.spec.name)
    again = f"run `falsebeacon lock {task.spec.name}` to make it anew, or restore it from git"
    try:
        content: dict[str, Any] = json.loads(path.read_text())
        digest = content.pop("digest")
        seeds = SeedFile.model_validate(content)
    except FileNotFoundError:
        raise CorruptFileError(f"no seed file {path}: {again}.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorruptFileError(
            f"{path} is no seed file ({type(error).__name__}): {again}."
        ) from None
    if seeds.falsebeacon_seeds != SCHEMA or seeds.task != task.spec.name:
        raise StaleError(
            f"{path} holds version {seeds.falsebeacon_seeds} for {seeds.task}, needed is version "
            f"{SCHEMA} for {task.spec.name}; {again}."
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


@lru_cache(maxsize=4)
def _read_once(task: Task, path: Path, modified: float) -> SeedFile:
    return read_seeds(task, path)


def locked_seeds(task: Task) -> SeedFile:
    """`read_seeds`, read from disk once for as long as the file does not change."""
    path = seed_path(task.spec.name)
    modified = path.stat().st_mtime if path.exists() else 0.0
    return _read_once(task, path, modified)


def locked_bank(task: Task, splits: Sequence[str], limit: int | None = None) -> LevelBank:
    """The locked levels of some splits, with their fewest decisions to each candidate.

    Args:
        task: The task family.
        splits: Names of locked splits.
        limit: At most so many levels of each split; twins stay together.

    Raises:
        FalseBeaconError: If the limit is less than one.
        StaleError: If a level is no longer the one that was locked.
    """
    if limit is not None and limit < 1:
        raise FalseBeaconError(f"at least one level of each split is needed, not {limit}.")
    seeds = locked_seeds(task)
    banks = []
    for name in splits:
        split = task.spec.split(name)
        if name not in seeds.splits:
            raise FalseBeaconError(
                f"split {name!r} of {task.spec.name} has no locked levels; "
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
        optimal = np.array(
            [
                [entry.optimal.get(candidate, np.nan) for candidate in task.spec.candidate_names]
                for entry in locked
            ],
            np.float32,
        )
        count = len(locked)
        banks.append(
            make_bank(task.spec, worlds, [split] * count, [e.seed for e in locked], optimal)
        )
    return join_banks(banks)


def training_bank(task: Task, layouts: int = TRAINING_LEVELS) -> LevelBank:
    """The first `layouts` training levels that share no layout with a locked one.

    Raises:
        FalseBeaconError: If that is less than one level.
    """
    if layouts < 1:
        raise FalseBeaconError(f"at least one training level is needed, not {layouts}.")
    return fresh_bank(task, "train", layouts)


def fresh_bank(task: Task, split: str, layouts: int, first: int = 0) -> LevelBank:
    """The first `layouts` layouts of a split that no locked level has; twins come together.

    They are not put to the rules of admission, which locked levels have passed.

    Args:
        task: The task family.
        split: Name of the split.
        layouts: How many; a split with twins gives two levels for each.
        first: Seed to begin from, even.
    """
    return _fresh_bank(task, split, layouts, first, locked_seeds(task).layouts())


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
    if split == "train":
        return training_bank(task, layouts)
    return locked_bank(task, [split])
