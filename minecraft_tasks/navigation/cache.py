"""A cache of costs-to-go, in memory and on disk: every judged agent meets the same levels."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from minecraft_tasks.core.cache import kept
from minecraft_tasks.navigation.cost_to_go import cost_to_go
from minecraft_tasks.navigation.lattice import Lattice, make_lattice
from minecraft_tasks.spec import TaskSpec

REMEMBERED = 1024
"""Plans kept; each takes some 230 kB for the flagship."""


class Plan(NamedTuple):
    """The cost-to-go of one site. The arrays are shared and must not be written to.

    Attributes:
        height: float64[GX, GZ] height of standing feet; NaN where no body can stand.
        cost: float32[GX, GZ, H] decisions to the site.
    """

    height: np.ndarray
    cost: np.ndarray


def navigation_plan(
    spec: TaskSpec, blocks: np.ndarray, spawn: np.ndarray, site: np.ndarray
) -> Plan:
    """The plan for one site float64[6] of a world uint8[X, Y, Z], from a spawn float64[5].

    Raises:
        FalseBeaconError: If the task has no `TaskSpec.headings`.
    """
    x, y, z = spawn[:3].tolist()
    world = _World(blocks.tobytes(), blocks.shape, (x, y, z), spec.ticks, spec.headings)
    return _plan(world, tuple(site))


class _World(NamedTuple):
    """Key of a lattice: all that it depends on."""

    blocks: bytes
    shape: tuple[int, ...]
    start: tuple[float, float, float]
    ticks: int
    headings: int


@lru_cache(maxsize=REMEMBERED)
def _plan(world: _World, site: tuple) -> Plan:
    """The plan from memory, from disk, or made: one takes 50 ms to make and 40 kB to keep."""

    def make() -> tuple[np.ndarray, ...]:
        lattice = _lattice(world)
        return lattice.height, cost_to_go(lattice, np.array(site))

    blocks = np.frombuffer(world.blocks, np.uint8)
    return Plan(*kept("plan", (str(world[1:]), blocks, np.array(site)), make))


@lru_cache(maxsize=8)
def _lattice(world: _World) -> Lattice:
    blocks = np.frombuffer(world.blocks, np.uint8).reshape(world.shape)
    return make_lattice(blocks, world.ticks, world.headings, world.start)
