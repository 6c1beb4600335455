"""Shrines: an altar on a low dais, between two pillars under a lintel, in a bay of a meadow."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.worlds import layout
from minecraft_tasks.worlds.meadow import WALL_HEIGHT, Bay
from minecraft_tasks.worlds.world import Site


def build_shrine(blocks: np.ndarray, bay: Bay, altar: str = "gold_block") -> Site:
    """Builds a shrine; its site is where a body stands on the altar.

    Args:
        blocks: uint8[X, Y, Z].
        bay: Where it stands, its back to the wall.
        altar: Block of the altar.
    """
    for along in (-1, 0, 1):
        layout.column(blocks, *bay.at(along, 1), "stone_brick_slab")
        layout.column(blocks, *bay.at(along, 0), "stone_brick_slab" if along else altar)
    for along in range(-2, 3):
        pillar = ["stone_bricks"] * WALL_HEIGHT if abs(along) == 2 else []
        layout.column(blocks, *bay.at(along, 0), *pillar)
        layout.column(blocks, *bay.at(along, 0), "stone_bricks", base=layout.GROUND + WALL_HEIGHT)
    return Site(bay.x - 0.3, 1.9, bay.z - 0.3, bay.x + 1.3, 4.0, bay.z + 1.3)
