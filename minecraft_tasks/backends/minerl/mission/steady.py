"""Ground that stays as it is drawn until the console stops the world's own changes.

Minecraft ticks for a second or so before anyone can speak to it. Leaves without a log nearby may
vanish meanwhile, and grass beneath an opaque block turns to dirt.
"""

from __future__ import annotations

import numpy as np

from minecraft_tasks.blocks.palette import PALETTE, block_id

GRASS, _DIRT, LOG = (block_id(name) for name in ("grass", "dirt", "oak_log"))

_LEAVES = np.array([block.minecraft == "leaves" for block in PALETTE])
_OPAQUE = np.array([block.opaque for block in PALETTE])


def steady(blocks: np.ndarray) -> np.ndarray:
    """uint8[X, Y, Z] with a log beneath leaves that stand on the ground, and dirt beneath walls.

    Neither is seen: both are covered from above, and by other ground from the sides.
    """
    firm = blocks.copy()
    ground, above = firm[:, 0], blocks[:, 1]
    ground[_LEAVES[above]] = LOG
    ground[_OPAQUE[above] & (ground == GRASS)] = _DIRT
    return firm
