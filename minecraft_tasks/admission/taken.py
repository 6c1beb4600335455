"""Layouts and films that other levels have, which a level must not share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.core.cache import kept_rows
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.generate import level
from minecraft_tasks.navigation.pursuit import Costs, costs
from minecraft_tasks.spec import Split
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.visibility.films import OPENING, film, opening
from minecraft_tasks.worlds.world import Pose, Site, World


class TrainingFilms:
    """Films of training levels. A film is made when one that begins as it does is looked up."""

    def __init__(self, task: Task, bank: LevelBank) -> None:
        """Draws the first frames of a bank of training levels."""
        self._task = task.name
        self._begin: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._films: dict[tuple[int, int], str] = {}
        backend, slot = VoxelBackend(1, task.spec.world_shape), np.zeros(1, np.int64)
        levels = zip(bank.seeds.tolist(), bank.sizes.tolist(), strict=True)
        for row, seed_and_size in enumerate(levels):
            rows = slice(row, row + 1)
            backend.place(slot, bank.blocks[rows], bank.spawn[rows], bank.time[rows])
            self._begin[opening(backend)].append(seed_and_size)

    def __contains__(self, of: str) -> bool:
        return any(self._film(*which) == of for which in self._begin.get(of[:OPENING], ()))

    def distinct(self) -> int:
        """Number of different films, for which levels that begin alike are filmed."""
        groups = self._begin.values()
        return sum(len({self._film(*which) for which in g}) if len(g) > 1 else 1 for g in groups)

    def _film(self, seed: int, size: int) -> str:
        if (seed, size) not in self._films:
            task = find_task(self._task)
            split = task.spec.of_kind("train")[0]
            if size:
                split = split.model_copy(update={"size": (size, size)})
            world = level(task, split, seed)
            goal = split.sites[0][0]
            world = replace(world, sites={goal: world.sites[goal]})
            limit, ticks, headings = split.time_limit, task.spec.ticks, task.spec.headings
            found = costs(world, limit, ticks, headings, near=True)
            backend = VoxelBackend(1, task.spec.world_shape)
            self._films[seed, size] = films(split, backend, world, found)[0]
        return self._films[seed, size]


def films(split: Split, backend: VoxelBackend, world: World, found: Costs) -> tuple[str, ...]:
    """The film of the best path to the first candidate of each group of `Split.sites`."""
    goals = [group[0] for group in split.sites]
    return tuple(film(backend, world, found.paths[name], found.yaws[name]) for name in goals)


def filmed(task: Task, bank: LevelBank, known: Set[str]) -> np.ndarray:
    """Whether the best path to a site of each level shows a known film: bool[L].

    A level that begins as a known film takes some 50 ms, so results are kept on disk.
    """
    names = tuple(sorted(set(bank.splits)))
    which = np.array([names.index(name) for name in bank.splits], np.int64)
    arrays = (which, bank.blocks, bank.spawn, bank.time, bank.sites)
    text = f"{task.spec.task_hash} {names} {sorted(known)}"
    rest = (task.name, names, frozenset(known))
    return kept_rows("filmed", text, _filmed, arrays, rest)


def _filmed(
    which: np.ndarray,
    blocks: np.ndarray,
    spawn: np.ndarray,
    time: np.ndarray,
    sites: np.ndarray,
    task_name: str,
    names: tuple[str, ...],
    known: frozenset[str],
) -> np.ndarray:
    spec = find_task(task_name).spec
    begins, found = {of[:OPENING] for of in known}, np.zeros(len(blocks), bool)
    backend, slot = VoxelBackend(1, spec.world_shape), np.zeros(1, np.int64)
    for row in range(len(blocks)):
        rows, split = slice(row, row + 1), spec.split(names[which[row]])
        backend.place(slot, blocks[rows], spawn[rows], time[rows])
        if opening(backend) not in begins:
            continue
        goals = [group[0] for group in split.sites]
        own = {name: Site(*sites[row, spec.candidate(name)]) for name in goals}
        # Neither paths nor pictures depend on the plan.
        plan = np.zeros((0, 0), np.uint8)
        world = World(blocks[row], Pose(*spawn[row]), own, plan, int(time[row]))
        ways = costs(world, split.time_limit, spec.ticks, spec.headings, near=True)
        found[row] = not known.isdisjoint(films(split, backend, world, ways))
    return found


class Taken(NamedTuple):
    """What other levels have; nothing by default.

    Attributes:
        layouts: Layout hashes.
        films: Films of locked levels.
        training: Films of training levels.
    """

    layouts: Set[str] = frozenset()
    films: Set[str] = frozenset()
    training: TrainingFilms | None = None

    def shows(self, of: str) -> bool:
        """Whether another level has a film."""
        return of in self.films or (self.training is not None and of in self.training)
