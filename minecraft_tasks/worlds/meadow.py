"""Walled meadows: the room, the bays along its walls, shrines, and scattered objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from minecraft_tasks.blocks.palette import AIR
from minecraft_tasks.worlds import layout
from minecraft_tasks.worlds.world import SUNRISE, SUNSET, Site

WALL_HEIGHT = 3
LINTEL = layout.GROUND + WALL_HEIGHT + 1
"""Height of the lintel of a shrine: there is sky between it and the wall."""


class Room(NamedTuple):
    """The meadow's inside: cells x0..x1-1, z0..z1-1."""

    x0: int
    z0: int
    x1: int
    z1: int

    def side(self, time: int, depth: float) -> Site:
        """The strip of that depth along the sunward wall."""
        x0, x1 = (self.x1 - depth, self.x1) if time == SUNRISE else (self.x0, self.x0 + depth)
        return Site(x0, 0.0, self.z0, x1, 8.0, self.z1)

    def cut(self, plane: np.ndarray) -> np.ndarray:
        """The part of an array [X, Z] over this room and its walls."""
        return plane[self.x0 - 1 : self.x1 + 1, self.z0 - 1 : self.z1 + 1]


class Bay(NamedTuple):
    """A place along a wall: its middle cell, one block off the wall, and the step into the room."""

    x: int
    z: int
    out_x: int
    out_z: int

    def at(self, along: int, out: int) -> tuple[int, int]:
        """The cell `along` blocks sideways and `out` blocks into the room."""
        return (
            self.x + out * self.out_x - along * self.out_z,
            self.z + out * self.out_z + along * self.out_x,
        )

    @property
    def middle(self) -> tuple[float, float]:
        """X and z in the middle of its cell."""
        return self.x + 0.5, self.z + 0.5

    @property
    def sun(self) -> int:
        """Time of day at which the sun is over its wall, the east or the west one."""
        return SUNRISE if self.out_x < 0 else SUNSET


def walled_meadow(
    shape: tuple[int, int, int], size: tuple[int, int], rng: np.random.Generator
) -> tuple[np.ndarray, Room]:
    """A world uint8[X, Y, Z] with a walled lawn in its middle, and the lawn's room.

    `size` is the smallest and the largest side of the room, in blocks.
    """
    width, depth = (int(side) for side in rng.integers(size[0], size[1] + 1, 2))
    x0, z0 = (shape[0] - width) // 2, (shape[2] - depth) // 2
    room = Room(x0, z0, x0 + width, z0 + depth)
    blocks = layout.ground(shape)
    layout.ring(blocks, *room, WALL_HEIGHT, "cobblestone")
    return blocks, room


def kept_free(shape: tuple[int, int, int], room: Room, bays: Sequence[Bay]) -> np.ndarray:
    """Cells without scattered objects, bool[X, Z]: all outside of the room, and its bays."""
    kept = np.ones((shape[0], shape[2]), bool)
    kept[room.x0 : room.x1, room.z0 : room.z1] = False
    for bay in bays:
        for along in range(-3, 4):
            for out in range(-1, 5):
                kept[bay.at(along, out)] = True
    return kept


def open_spots(
    blocks: np.ndarray, room: Room, bays: Sequence[Bay] = (), least: float = 0.0
) -> np.ndarray:
    """Middles x, z of the free cells that do not touch a wall, float64[S, 2].

    They are `least` blocks or more, along x or z, from the middle of every bay.
    """
    free = np.argwhere(~blocks[:, 1:4, :].any(axis=1)) + 0.5
    low, high = np.array([room.x0, room.z0]) + 1, np.array([room.x1, room.z1]) - 1
    free = free[((free > low) & (free < high)).all(axis=1)]
    middles = np.array([bay.middle for bay in bays]).reshape(-1, 1, 2)
    return free[(np.abs(free - middles).max(axis=2) >= least).all(axis=0)]


def meadow_plan(blocks: np.ndarray, room: Room, bays: Sequence[Bay]) -> np.ndarray:
    """The plan of a meadow with empty bays, uint8[W, D]: 1 for a block, 2 for a bay."""
    plan = (blocks[:, layout.GROUND] != AIR).astype(np.uint8)
    for bay in bays:
        plan[bay.x, bay.z] = 2
    return room.cut(plan)


def bays_on(room: Room, wall: str) -> list[Bay]:
    """Every bay of one wall: ``e``, ``w``, ``n`` or ``s``."""
    if wall in "ew":
        x, out = (room.x1 - 2, -1) if wall == "e" else (room.x0 + 1, 1)
        return [Bay(x, z, out, 0) for z in range(room.z0 + 3, room.z1 - 3)]
    z, out = (room.z1 - 2, -1) if wall == "s" else (room.z0 + 1, 1)
    return [Bay(x, z, 0, out) for x in range(room.x0 + 3, room.x1 - 3)]


def mirrored(room: Room, bay: Bay) -> Bay:
    """The bay at the same place of the opposite wall, east or west."""
    return Bay(room.x0 + room.x1 - 1 - bay.x, bay.z, -bay.out_x, bay.out_z)


def build_shrine(blocks: np.ndarray, bay: Bay, altar: str = "gold_block") -> Site:
    """Builds an altar on a paved floor, before two pillars under a lintel in the bay's wall.

    A body comes to it as to any block that stands in its bay, because pillars and pavement are in
    nobody's way. Returns the site of a body that touches the altar.
    """
    for along in (-1, 0, 1):
        for out in (-1, 0, 1):
            layout.column(blocks, *bay.at(along, out), "stone_bricks", base=0)
    for along in range(-2, 3):
        pillar = ["stone_bricks"] * (WALL_HEIGHT + 1) if abs(along) == 2 else []
        layout.column(blocks, *bay.at(along, -2), *pillar)
        layout.column(blocks, *bay.at(along, -2), "stone_bricks", base=LINTEL)
    layout.column(blocks, *bay.at(0, 0), altar)
    return layout.cell_site(bay.x, bay.z)


def scatter(blocks: np.ndarray, room: Room, kept: np.ndarray, rng: np.random.Generator) -> None:
    """Scatters trees, rocks and sheds, two blocks apart or more, off the `kept` cells."""
    area = (room.x1 - room.x0) * (room.z1 - room.z0)
    taken = np.zeros_like(kept)
    for _ in range(int(rng.integers(area // 16, area // 8 + 1))):
        kind = str(rng.choice(["tree", "rock", "hut"], p=[0.45, 0.4, 0.15]))
        x = int(rng.integers(room.x0 + 2, room.x1 - 3))
        z = int(rng.integers(room.z0 + 2, room.z1 - 3))
        before, after = {"tree": (0, 0), "rock": (0, 1), "hut": (1, 1)}[kind]
        near = np.s_[x - before - 2 : x + after + 3, z - before - 2 : z + after + 3]
        on = np.s_[x - before : x + after + 1, z - before : z + after + 1]
        if kept[on].any() or taken[near].any():
            continue
        {"tree": layout.tree, "rock": layout.rock, "hut": layout.hut}[kind](blocks, x, z, rng)
        taken[on] = True


def partitions(blocks: np.ndarray, room: Room, kept: np.ndarray, rng: np.random.Generator) -> None:
    """Builds two walls across the room with openings far apart: dead ends and detours."""
    third, depth = (room.x1 - room.x0) // 3, room.z1 - room.z0
    opening = int(rng.integers(0, depth - 2))
    for x in (room.x0 + third, room.x1 - third - 1):
        x += int(rng.integers(-1, 2))
        width = int(rng.integers(2, 4))
        for z in range(depth):
            if not opening <= z < opening + width:
                layout.column(blocks, x, room.z0 + z, *["cobblestone"] * WALL_HEIGHT)
        kept[x - 1 : x + 2] = True
        far = [z for z in range(depth - 2) if abs(z - opening) >= depth // 2 - 1]
        opening = int(rng.choice(far))
