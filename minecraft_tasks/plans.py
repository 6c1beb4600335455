"""Costs-to-go that are asked for again and again, remembered."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from minecraft_tasks.lattice import Lattice, make_lattice
from minecraft_tasks.navigation import cost_to_go
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


def plan(spec: TaskSpec, blocks: np.ndarray, site: np.ndarray) -> Plan:
    """The plan for one site of one world.

    Args:
        spec: The task; it must have `TaskSpec.headings`.
        blocks: uint8[X, Y, Z] palette ids.
        site: float64[6].

    Raises:
        FalseBeaconError: If the task cannot be planned for.
    """
    return _plan(blocks.tobytes(), blocks.shape, tuple(site), spec.ticks, spec.headings)


@lru_cache(maxsize=REMEMBERED)
def _plan(blocks: bytes, shape: tuple[int, ...], site: tuple, ticks: int, headings: int) -> Plan:
    lattice = _lattice(blocks, shape, ticks, headings)
    return Plan(lattice.height, cost_to_go(lattice, np.array(site)))


@lru_cache(maxsize=8)
def _lattice(blocks: bytes, shape: tuple[int, ...], ticks: int, headings: int) -> Lattice:
    return make_lattice(np.frombuffer(blocks, np.uint8).reshape(shape), ticks, headings)
