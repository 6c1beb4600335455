"""Pixel areas of candidates at an equal distance."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.blocks.palette import AIR
from minecraft_tasks.levels.generate import level
from minecraft_tasks.levels.seed_file import Area
from minecraft_tasks.navigation.cost_to_go import UNREACHABLE
from minecraft_tasks.navigation.lattice import HEIGHTS, make_lattice
from minecraft_tasks.navigation.reachable import decisions_back, lattice_points
from minecraft_tasks.physics.motion import EYE
from minecraft_tasks.spec import Candidate, TaskSpec
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.visibility.footprint import count_pixels, marker_ids, place_world
from minecraft_tasks.worlds.world import World

AREA_DISTANCE = 6.0
"""Blocks between the feet and the middle of a site at which pixel areas are compared."""

AREA_BAND = 0.25
"""Largest deviation from that distance, in blocks."""

SIGHT_STEP = 0.1
"""Blocks between the points that are tested along a line of sight."""


def area(task: Task, split: str, seeds: Iterable[int], candidate: Candidate) -> Area:
    """The pixel area of a candidate at `AREA_DISTANCE` blocks in the levels of some seeds.

    The views are from all reachable ground at that distance from the middle of the site. Each
    faces the middle at pitch 0, and only the candidate's own blocks lie on the line to it.
    """
    backend = VoxelBackend(1, task.spec.world_shape)
    ids = marker_ids(candidate)
    counts: list[int] = []
    for seed in seeds:
        world = level(task, split, seed)
        site = world.sites[candidate.name]
        middle = np.array([(site.x0 + site.x1) / 2, (site.z0 + site.z1) / 2])
        place_world(backend, world)
        for feet in _in_the_open(task.spec, world, middle, ids):
            dx, dz = middle - feet
            backend.position[0] = (feet[0], HEIGHTS[0], feet[1])
            backend.yaw[0] = math.degrees(math.atan2(-dx, dz))
            counts.append(count_pixels(backend, ids))
    some = [count for count in counts if count]
    return Area(
        split=split,
        views=len(counts),
        seen=len(some),
        median=float(np.median(some)) if some else 0.0,
        largest=max(counts, default=0),
    )


def _in_the_open(spec: TaskSpec, world: World, middle: np.ndarray, ids: list[int]) -> np.ndarray:
    """Feet x and z, float64[P, 2], at that distance with a free line of sight to the middle."""
    lattice = make_lattice(world.blocks, spec.ticks, spec.headings)
    x, z = lattice_points(lattice)
    away = np.abs(np.hypot(x - middle[0], z - middle[1]) - AREA_DISTANCE) <= AREA_BAND
    back = decisions_back(world, lattice, world.sites.values())
    good = away & (lattice.height == HEIGHTS[0]) & (back < UNREACHABLE)
    i, k = np.nonzero(good)
    feet = np.stack([x[i, 0], z[0, k]], axis=1)
    share = np.linspace(0.0, 1.0, round(AREA_DISTANCE / SIGHT_STEP) + 1)[None, :, None]
    on_the_way = np.floor(feet[:, None] + share * (middle - feet)[:, None]).astype(int)
    high = np.array(world.blocks.shape)[[0, 2]] - 1
    cells = np.clip(on_the_way, 0, high)
    blocks = world.blocks[cells[..., 0], int(HEIGHTS[0] + EYE), cells[..., 1]]
    return feet[np.isin(blocks, [AIR, *ids]).all(axis=1)]
