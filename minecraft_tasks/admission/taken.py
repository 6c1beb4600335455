"""Layouts and films that other levels have, which a level must not share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.generate import level
from minecraft_tasks.navigation.pursuit import Costs, costs
from minecraft_tasks.spec import Split
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.visibility.films import OPENING, film, opening
from minecraft_tasks.worlds.world import World


class TrainingFilms:
    """Films of training levels. A film is made when one that begins as it does is looked up."""

    def __init__(self, task: Task, bank: LevelBank) -> None:
        """Draws the first frames of a bank of training levels."""
        self._task = task.name
        self._begin: dict[str, list[int]] = defaultdict(list)
        self._films: dict[int, str] = {}
        backend, slot = VoxelBackend(1, task.spec.world_shape), np.zeros(1, np.int64)
        for row, seed in enumerate(bank.seeds.tolist()):
            rows = slice(row, row + 1)
            backend.place(slot, bank.blocks[rows], bank.spawn[rows], bank.time[rows])
            self._begin[opening(backend)].append(seed)

    def __contains__(self, of: str) -> bool:
        return any(self._film(seed) == of for seed in self._begin.get(of[:OPENING], ()))

    def distinct(self) -> int:
        """Number of different films, for which levels that begin alike are filmed."""
        groups = self._begin.values()
        return sum(len({self._film(seed) for seed in g}) if len(g) > 1 else 1 for g in groups)

    def _film(self, seed: int) -> str:
        if seed not in self._films:
            task = find_task(self._task)
            split = task.spec.of_kind("train")[0]
            world = level(task, split.name, seed)
            goal = split.sites[0][0]
            world = replace(world, sites={goal: world.sites[goal]})
            found = costs(world, split.time_limit, task.spec.ticks, task.spec.headings)
            backend = VoxelBackend(1, task.spec.world_shape)
            self._films[seed] = films(split, backend, world, found)[0]
        return self._films[seed]


def films(split: Split, backend: VoxelBackend, world: World, found: Costs) -> tuple[str, ...]:
    """The film of the best path to the first candidate of each group of `Split.sites`."""
    goals = [group[0] for group in split.sites]
    return tuple(film(backend, world, found.paths[name], found.yaws[name]) for name in goals)


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
