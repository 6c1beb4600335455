"""Costs-to-go that are asked for again and again, remembered."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from minecraft_tasks.navigation.cost_to_go import cost_to_go
from minecraft_tasks.navigation.lattice import Lattice, make_lattice
from minecraft_tasks.spec import TaskSpec

REMEMBERED = 1024
"""Plans; each takes some 230 kB for the flagship."""


class Plan(NamedTuple):
    """The way to one site from everywhere. The arrays are shared: nobody may write to them.

    Attributes:
        height: float64[GX, GZ] feet height of who stands there; NaN where nobody can.
        cost: float32[GX, GZ, H] decisions still needed.
    """

    height: np.ndarray
    cost: np.ndarray


def navigation_plan(
    spec: TaskSpec, blocks: np.ndarray, spawn: np.ndarray, site: np.ndarray
) -> Plan:
    """The plan for one site of one world.

    Args:
        spec: The task; it must have `TaskSpec.headings`.
        blocks: uint8[X, Y, Z] palette ids.
        spawn: float64[5] where the body stands at first.
        site: float64[6].

    Raises:
        FalseBeaconError: If the task cannot be planned for.
    """
    x, y, z = spawn[:3].tolist()
    world = _World(blocks.tobytes(), blocks.shape, (x, y, z), spec.ticks, spec.headings)
    return _plan(world, tuple(site))


class _World(NamedTuple):
    """All that a lattice depends on, to be remembered by."""

    blocks: bytes
    shape: tuple[int, ...]
    start: tuple[float, float, float]
    ticks: int
    headings: int


@lru_cache(maxsize=REMEMBERED)
def _plan(world: _World, site: tuple) -> Plan:
    lattice = _lattice(world)
    return Plan(lattice.height, cost_to_go(lattice, np.array(site)))


@lru_cache(maxsize=8)
def _lattice(world: _World) -> Lattice:
    blocks = np.frombuffer(world.blocks, np.uint8).reshape(world.shape)
    return make_lattice(blocks, world.ticks, world.headings, world.start)
