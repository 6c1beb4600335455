"""What Minecraft asks for before a beam rises from a beacon.

A beacon shines only over a base of nine blocks of metal, and its beam passes no opaque block but
bedrock. Levels have beacons without a base, as the embedded engine shows them. So a second beacon,
with its base, is hidden in the ground beneath each, and what is opaque between the two is bedrock:
of what is seen in the level, only what the beacon stands on differs.
"""

from __future__ import annotations

import numpy as np

from minecraft_tasks.backends.minerl.mission.cuboids import Cuboid
from minecraft_tasks.blocks.palette import PALETTE, block_id

TICKS = 130
"""Until every beam is seen: a beacon looks about every 80 ticks, and its beam grows for 40."""

BASE, BEACON, BEDROCK = (block_id(name) for name in ("iron_block", "beacon", "bedrock"))

_SHINES = np.array([block.beam for block in PALETTE])
_OPAQUE = np.array([block.opaque for block in PALETTE])


def shining(blocks: np.ndarray) -> np.ndarray:
    """int64[K, 3] cells of the beacons of uint8[X, Y, Z]."""
    return np.argwhere(_SHINES[blocks])


def cleared(blocks: np.ndarray) -> np.ndarray:
    """uint8[X, Y, Z] with bedrock for what would hold up a beam from below."""
    free = blocks.copy()
    for x, y, z in shining(blocks).tolist():
        column = free[x, :y, z]
        column[_OPAQUE[column]] = BEDROCK
    return free


def hidden(blocks: np.ndarray) -> list[Cuboid]:
    """Boxes below the level's ground: under each beacon a beacon that works."""
    boxes = []
    for x, _, z in shining(blocks).tolist():
        boxes.append(Cuboid(BASE, x - 1, -2, z - 1, x + 1, -2, z + 1))
        boxes.append(Cuboid(BEACON, x, -1, z, x, -1, z))
    return boxes
