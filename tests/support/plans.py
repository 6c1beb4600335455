"""Worlds as plans that a person can see."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.blocks.palette import block_id
from minecraft_tasks.worlds.layout import cell_site, ground
from minecraft_tasks.worlds.world import Pose, Site, World

LETTERS = {
    ".": (),
    "#": ("cobblestone",) * 3,
    "o": ("cobblestone",),
    "_": ("stone_brick_slab",),
    "R": ("red_wool",) * 3,
    "G": ("gold_block",),
}


def world(plan: str, yaw: float = 0.0, sites: dict[str, Site] | None = None) -> World:
    """A world from a plan: x runs right, z runs down, ``@`` is the spawn.

    ``R`` is the site `post`, ``G`` the site `altar`.
    """
    rows = plan.split()
    blocks = ground((len(rows[0]), 6, len(rows)))
    found: dict[str, Site] = {}
    spawn = Pose(0.5, 1.0, 0.5, yaw)
    for z, row in enumerate(rows):
        for x, letter in enumerate(row):
            if letter == "@":
                spawn = Pose(x + 0.5, 1.0, z + 0.5, yaw)
                continue
            for y, name in enumerate(LETTERS[letter]):
                blocks[x, 1 + y, z] = block_id(name)
            if letter == "R":
                found["post"] = cell_site(x, z)
            if letter == "G":
                found["altar"] = Site(x - 0.3, 1.9, z - 0.3, x + 1.3, 4.0, z + 1.3)
    layout = (blocks[:, 1] > 0).astype(np.uint8)
    return World(blocks, spawn, found if sites is None else sites, layout)


def draw(made: World) -> str:
    """A world's ground plan: ``#`` stands three blocks high, ``o`` lower, ``@`` is the spawn."""
    rows = []
    for z in range(made.blocks.shape[2]):
        row = ""
        for x in range(made.blocks.shape[0]):
            standing = made.blocks[x, 1:, z] > 0
            letter = "." if not standing[0] else "#" if standing[:3].all() else "o"
            row += "@" if (x, z) == (int(made.spawn.x), int(made.spawn.z)) else letter
        rows.append(row)
    return "\n".join(rows)
