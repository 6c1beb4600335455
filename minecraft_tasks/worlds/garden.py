"""Gardens: a look-out over all roofs, and passages on two lower levels without a view."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from minecraft_tasks.worlds import layout

LOOKOUT, PASSAGE, ARM = 4, 2, 1
"""Heights of the feet: each is a step down from the one before, too high to climb back."""

_WALL_HEIGHT = 4
"""Blocks over the ground: a parapet of the look-out, below the eyes, and level with all roofs."""

OUTSIDE = {"wall": 4, "thing": 5}
"""Numbers in a plan for walls and rocks; all others are heights of the feet."""

GardenCell = tuple[int, int]
"""Blocks to the right of the fork and ahead of it, in the direction ahead at the spawn."""


class Garden(NamedTuple):
    """The plan of a garden.

    Attributes:
        floor: Cell -> height of the feet there; the first cells are the look-out.
        shaft: Cell below the look-out, which is open to the sky.
        lamps: Cells with a lamp in the roof.
        bays: Cells for the goal at the end of the left and of the right arm; a body can touch
            the first cell of each.
        gaze: Yaw at the spawn, in degrees to the right of straight ahead.
    """

    floor: dict[GardenCell, int]
    shaft: GardenCell
    lamps: set[GardenCell]
    bays: tuple[list[GardenCell], list[GardenCell]]
    gaze: float


class Frame(NamedTuple):
    """Placement of a garden in its world: block of its fork, and the steps ahead and right."""

    x: int
    z: int
    ahead: GardenCell
    right: GardenCell

    def at(self, cell: GardenCell) -> GardenCell:
        """Block x and z of a cell."""
        (u, v), (ax, az), (rx, rz) = cell, self.ahead, self.right
        return self.x + u * rx + v * ax, self.z + u * rz + v * az

    def yaw(self, gaze: float) -> float:
        """Yaw in degrees, in [-180, 180), of a gaze to the right of straight ahead."""
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
    """The cells of a path from `start`, and its corners; `legs` are steps and their numbers."""
    cells, corners = [start], set()
    for step, length in legs:
        cells += leg(cells[-1], step, length)
        corners.add(cells[-1])
    return cells, corners


def around(cells: Iterable[GardenCell]) -> set[GardenCell]:
    """Those cells and all that touch one of them, corners included."""
    near = (-1, 0, 1)
    return {(u + du, v + dv) for u, v in cells for du in near for dv in near}


def _place(cells: set[GardenCell], shape: tuple[int, ...], rng: np.random.Generator) -> Frame:
    """A random turn, mirrored or not, of a garden in the middle of its world."""
    ahead = ((0, 1), (-1, 0), (0, -1), (1, 0))[int(rng.integers(4))]
    sign = (-1, 1)[int(rng.integers(2))]
    frame = Frame(0, 0, ahead, (-sign * ahead[1], sign * ahead[0]))
    spots = np.array([frame.at(cell) for cell in cells])
    x, z = (np.array(shape)[[0, 2]] - 1 - spots.min(axis=0) - spots.max(axis=0)) // 2
    return frame._replace(x=int(x), z=int(z))


def build_garden(
    blocks: np.ndarray, garden: Garden, materials: Sequence[str], rng: np.random.Generator
) -> tuple[Frame, np.ndarray]:
    """Builds a garden and the lawn around it.

    Args:
        blocks: uint8[X, Y, Z] of the world.
        garden: The plan.
        materials: Blocks of the walls; each column is of one of them.
        rng: Source of randomness.

    Returns:
        Its placement, and its plan uint8[X, Z].
    """
    roof_block = str(rng.choice(materials))
    walls = around(garden.floor) - set(garden.floor)
    frame = _place(walls, blocks.shape, rng)
    plan = np.zeros((blocks.shape[0], blocks.shape[2]), np.uint8)
    for cell in sorted(walls):
        layout.column(blocks, *frame.at(cell), *[str(rng.choice(materials))] * _WALL_HEIGHT)
        plan[frame.at(cell)] = OUTSIDE["wall"]
    for cell, height in garden.floor.items():
        x, z = frame.at(cell)
        layout.column(blocks, x, z, *["gravel"] * height, base=0)
        plan[x, z] = height
        if height != LOOKOUT and cell != garden.shaft:
            roof = "glowstone" if cell in garden.lamps else roof_block
            layout.column(blocks, x, z, roof, base=_WALL_HEIGHT)
    scatter_low(blocks, plan, rng)
    return frame, plan


def scatter_low(blocks: np.ndarray, plan: np.ndarray, rng: np.random.Generator) -> None:
    """Puts rocks that are lower than the walls onto the lawn and into the plan."""
    for _ in range(int(rng.integers(6, 13))):
        x, z = (int(side) for side in rng.integers(2, np.array(plan.shape) - 2))
        near, on = np.s_[x - 2 : x + 3, z - 2 : z + 3], np.s_[x - 1 : x + 2, z - 1 : z + 2]
        if not plan[near].any():
            layout.rock(blocks, x, z, rng)
            plan[on] = (blocks[:, layout.GROUND][on] != 0) * OUTSIDE["thing"]
