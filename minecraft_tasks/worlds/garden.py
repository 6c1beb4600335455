"""Gardens of roofed passages on three levels, which hide what a look-out shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from minecraft_tasks.worlds import layout

LOOKOUT, PASSAGE, ARM = 4, 2, 1
"""Height of the feet: each is a step down from the one before, which nobody climbs back."""

_WALL_HEIGHT = 4
"""Blocks over the ground: a parapet to the look-out, below the eyes there. The roof of all that
is lower is level with it."""

OUTSIDE = {"wall": 4, "thing": 5}
"""Numbers in a plan for what is not walked on; the rest is the height of the feet."""

GardenCell = tuple[int, int]
"""Blocks to the right of the fork and ahead of it, for whoever looks ahead at the spawn."""


class Garden(NamedTuple):
    """Where one walks.

    Attributes:
        floor: Cell -> height of the feet there; the first cells are the look-out.
        shaft: Cell below the look-out, which is open to the sky.
        lamps: Cells with a lamp in the roof.
        bays: What the goal may take up at the end of the left and of the right arm; a body
            can touch the first cell of each.
        gaze: Degrees to the right of straight ahead, where the agent looks first.
    """

    floor: dict[GardenCell, int]
    shaft: GardenCell
    lamps: set[GardenCell]
    bays: tuple[list[GardenCell], list[GardenCell]]
    gaze: float


class Frame(NamedTuple):
    """How a garden lies in its world: block of its fork, and the ways ahead and to the right."""

    x: int
    z: int
    ahead: GardenCell
    right: GardenCell

    def at(self, cell: GardenCell) -> GardenCell:
        """Block x and z of a cell."""
        (u, v), (ax, az), (rx, rz) = cell, self.ahead, self.right
        return self.x + u * rx + v * ax, self.z + u * rz + v * az

    def yaw(self, gaze: float) -> float:
        """Degrees of yaw, in [-180, 180), of a gaze to the right of straight ahead."""
        ax, az = self.ahead
        facing = {(0, 1): 0.0, (-1, 0): 90.0, (0, -1): 180.0, (1, 0): -90.0}[self.ahead]
        turn = gaze if self.right == (-az, ax) else -gaze
        return (facing + turn + 180.0) % 360.0 - 180.0


def leg(start: GardenCell, step: GardenCell, length: int) -> list[GardenCell]:
    """The cells after `start`, in a straight line."""
    return [(start[0] + step[0] * k, start[1] + step[1] * k) for k in range(1, length + 1)]


def route(
    start: GardenCell, legs: Iterable[tuple[GardenCell, int]]
) -> tuple[list[GardenCell], set[GardenCell]]:
    """The cells of a way from `start` on, and the corners at the ends of its legs.

    Args:
        start: The first cell.
        legs: Step and length of each straight part.
    """
    cells, corners = [start], set()
    for step, length in legs:
        cells += leg(cells[-1], step, length)
        corners.add(cells[-1])
    return cells, corners


def around(cells: Iterable[GardenCell]) -> set[GardenCell]:
    """Those cells and all that touch one of them, at a corner too."""
    near = (-1, 0, 1)
    return {(u + du, v + dv) for u, v in cells for du in near for dv in near}


def _place(cells: set[GardenCell], shape: tuple[int, ...], rng: np.random.Generator) -> Frame:
    """Turn a garden any way, mirrored or not, and put it into the middle of the world."""
    ahead = ((0, 1), (-1, 0), (0, -1), (1, 0))[int(rng.integers(4))]
    sign = (-1, 1)[int(rng.integers(2))]
    frame = Frame(0, 0, ahead, (-sign * ahead[1], sign * ahead[0]))
    spots = np.array([frame.at(cell) for cell in cells])
    x, z = (np.array(shape)[[0, 2]] - 1 - spots.min(axis=0) - spots.max(axis=0)) // 2
    return frame._replace(x=int(x), z=int(z))


def build_garden(
    blocks: np.ndarray, garden: Garden, wall: str, rng: np.random.Generator
) -> tuple[Frame, np.ndarray]:
    """The garden and the lawn around it; returns how it lies, and its plan, uint8[X, Z]."""
    walls = around(garden.floor) - set(garden.floor)
    frame = _place(walls, blocks.shape, rng)
    plan = np.zeros((blocks.shape[0], blocks.shape[2]), np.uint8)
    for cell in walls:
        layout.column(blocks, *frame.at(cell), *[wall] * _WALL_HEIGHT)
        plan[frame.at(cell)] = OUTSIDE["wall"]
    for cell, height in garden.floor.items():
        x, z = frame.at(cell)
        layout.column(blocks, x, z, *["gravel"] * height, base=0)
        plan[x, z] = height
        if height != LOOKOUT and cell != garden.shaft:
            roof = "glowstone" if cell in garden.lamps else wall
            layout.column(blocks, x, z, roof, base=_WALL_HEIGHT)
    scatter_low(blocks, plan, rng)
    return frame, plan


def scatter_low(blocks: np.ndarray, plan: np.ndarray, rng: np.random.Generator) -> None:
    """Rocks on the lawn, no higher than the walls, noted in the plan."""
    for _ in range(int(rng.integers(6, 13))):
        x, z = (int(side) for side in rng.integers(2, np.array(plan.shape) - 2))
        near, on = np.s_[x - 2 : x + 3, z - 2 : z + 3], np.s_[x - 1 : x + 2, z - 1 : z + 2]
        if not plan[near].any():
            layout.rock(blocks, x, z, rng)
            plan[on] = (blocks[:, layout.GROUND][on] != 0) * OUTSIDE["thing"]
