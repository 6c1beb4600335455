"""Generates levels: a task, a split and a seed determine a world."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.bank import LevelBank, make_bank
from minecraft_tasks.spec import Split, TaskSpec
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.worlds.check import check_world
from minecraft_tasks.worlds.placement import LayoutRejected
from minecraft_tasks.worlds.world import World

_ATTEMPTS = 500


def generator(spec: TaskSpec, split: Split, seed: int) -> np.random.Generator:
    """The random generator of a level; each task, version and split has streams of its own."""
    key = f"{spec.name}-v{spec.version}/{split.name}/{seed}".encode()
    return np.random.default_rng(np.frombuffer(hashlib.sha256(key).digest(), np.uint32))


def level(task: Task, of: str | Split, seed: int) -> World:
    """The world of a seed of a split, the same at every call.

    `of` is the split or its name.

    In a split with twins, seeds 2k and 2k + 1 share one layout with the candidates swapped, or with
    the sun on the other side.

    Raises:
        UnknownNameError: If the task has no such split.
        FalseBeaconError: If the seed is negative or no layout fits.
    """
    split = task.spec.split(of) if isinstance(of, str) else of
    if not 0 <= seed < 2**63:
        raise FalseBeaconError(f"seed of a level must be from 0 to 2**63 - 1, not {seed}.")
    stem, swapped = (seed // 2, bool(seed % 2)) if split.twins else (seed, False)
    rng = generator(task.spec, split, stem)
    for _ in range(_ATTEMPTS):
        try:
            world = task.build(split, rng, swapped)
        except LayoutRejected:
            continue
        check_world(world)
        return world
    raise FalseBeaconError(
        f"{task.spec.name} {split.name} seed {seed}: no layout in {_ATTEMPTS} draws; "
        "use another seed or a larger size."
    )


def content_hash(world: World) -> str:
    """Hash of a level's content: blocks, spawn, sites and time of day."""
    sites = sorted((name, *(float(side) for side in site)) for name, site in world.sites.items())
    rest = repr((world.blocks.shape, tuple(map(float, world.spawn)), sites, world.time))
    return hashlib.sha256(world.blocks.tobytes() + rest.encode()).hexdigest()[:16]


def seeded_bank(task: Task, split_name: str, seeds: Iterable[int]) -> LevelBank:
    """The levels of some seeds of one split, whether or not the rules admit them."""
    seeds = list(seeds)
    worlds = [level(task, split_name, seed) for seed in seeds]
    return make_bank(task.spec, worlds, [task.spec.split(split_name)] * len(seeds), seeds)
