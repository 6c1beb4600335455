"""Changes of a level's blocks that Minecraft needs to show it as the embedded engine does.

A beacon shines only over a base of nine blocks of metal, and its beam passes no opaque block but
bedrock. Levels have beacons without a base. So a second beacon with a base is hidden in the ground
beneath each, and opaque blocks between the two become bedrock; only the pedestal looks different.

Minecraft ticks for about a second before it takes commands. Meanwhile leaves without a log nearby
may vanish, and grass beneath an opaque block turns to dirt.
"""

from __future__ import annotations

import numpy as np

from minecraft_tasks.backends.minerl.mission.cuboids import Cuboid
from minecraft_tasks.blocks.palette import PALETTE, block_id

TICKS = 130
"""Until every beam is visible: a beacon checks every 80 ticks, and its beam grows for 40."""

BASE, BEACON, BEDROCK, GRASS, DIRT, LOG = (
    block_id(name) for name in ("iron_block", "beacon", "bedrock", "grass", "dirt", "oak_log")
)
_SHINES = np.array([block.beam for block in PALETTE])
_OPAQUE = np.array([block.opaque for block in PALETTE])
_LEAVES = np.array([block.minecraft == "leaves" for block in PALETTE])


def cleared(blocks: np.ndarray) -> np.ndarray:
    """uint8[X, Y, Z] with bedrock in place of opaque blocks beneath beacons."""
    free = blocks.copy()
    for x, y, z in np.argwhere(_SHINES[blocks]).tolist():
        column = free[x, :y, z]
        column[_OPAQUE[column]] = BEDROCK
    return free


def hidden(blocks: np.ndarray) -> list[Cuboid]:
    """Boxes below the ground of uint8[X, Y, Z]: a working beacon under each beacon."""
    boxes = []
    for x, _, z in np.argwhere(_SHINES[blocks]).tolist():
        boxes.append(Cuboid(BASE, x - 1, -2, z - 1, x + 1, -2, z + 1))
        boxes.append(Cuboid(BEACON, x, -1, z, x, -1, z))
    return boxes


def steady(blocks: np.ndarray) -> np.ndarray:
    """uint8[X, Y, Z] with a log beneath leaves that stand on the ground, and dirt beneath walls.

    Neither is visible: the block above covers both, and other ground surrounds them.
    """
    firm = blocks.copy()
    ground, above = firm[:, 0], blocks[:, 1]
    ground[_LEAVES[above]] = LOG
    ground[_OPAQUE[above] & (ground == GRASS)] = DIRT
    return firm
