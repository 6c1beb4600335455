"""Walled meadows: the room, the bays along its walls, and what is scattered over it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minecraft_tasks.worlds import layout

WALL_HEIGHT = 3


class Room(NamedTuple):
    """The meadow's inside: cells x0..x1-1, z0..z1-1."""

    x0: int
    z0: int
    x1: int
    z1: int


class Bay(NamedTuple):
    """A place along a wall: its middle cell, one block off the wall, and the way out of it."""

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


def bays_on(room: Room, wall: str) -> list[Bay]:
    """Every bay of one wall: ``e``, ``w``, ``n`` or ``s``."""
    if wall in "ew":
        x, out = (room.x1 - 2, -1) if wall == "e" else (room.x0 + 1, 1)
        return [Bay(x, z, out, 0) for z in range(room.z0 + 3, room.z1 - 3)]
    z, out = (room.z1 - 2, -1) if wall == "s" else (room.z0 + 1, 1)
    return [Bay(x, z, 0, out) for x in range(room.x0 + 3, room.x1 - 3)]


def mirrored(room: Room, bay: Bay) -> Bay:
    """The bay at the same place of the opposite wall, east for west."""
    return Bay(room.x0 + room.x1 - 1 - bay.x, bay.z, -bay.out_x, bay.out_z)


def scatter(blocks: np.ndarray, room: Room, kept: np.ndarray, rng: np.random.Generator) -> None:
    """Trees, rocks and sheds off the cells that are kept free, two blocks apart or more."""
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
    """Two walls across the room, their openings far apart: dead ends and detours for `skill`."""
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
