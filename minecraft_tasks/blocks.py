"""The palette: which blocks exist, what shape they have, and how they look.

Names and variants are Minecraft 1.11's. A block's index in `PALETTE` is its id in every
block array; ids are stable, so new blocks are appended.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minecraft_tasks.errors import lookup

Box = tuple[float, float, float, float, float, float]
CUBE: tuple[Box, ...] = ((0.0, 0.0, 0.0, 1.0, 1.0, 1.0),)
LOWER_HALF: tuple[Box, ...] = ((0.0, 0.0, 0.0, 1.0, 0.5, 1.0),)


@dataclass(frozen=True)
class Block:
    """One kind of block.

    Attributes:
        name: Our name, unique in the palette.
        minecraft: Minecraft 1.11's block name.
        state: Minecraft's colour, variant or type, where the block has one.
        boxes: Boxes (x0, y0, z0, x1, y1, z1) inside the unit cube, both for collision and
            for sight; none for air.
        texture: Recipe in `backends.voxel.textures` for the sides.
        top: Recipe for the top and bottom, where it differs.
        light: Block light emitted, 0 to 15.
        beam: Whether a beacon's beam rises from it to the sky.
    """

    name: str
    minecraft: str
    state: str = ""
    boxes: tuple[Box, ...] = CUBE
    texture: str = ""
    top: str = ""
    light: int = 0
    beam: bool = False

    @property
    def is_cube(self) -> bool:
        """Whether the block fills its whole cell."""
        return self.boxes == CUBE


PALETTE: tuple[Block, ...] = (
    Block("air", "air", boxes=()),
    Block("grass", "grass", texture="grass_side", top="grass_top"),
    Block("dirt", "dirt", texture="dirt"),
    Block("gravel", "gravel", texture="gravel"),
    Block("cobblestone", "cobblestone", texture="cobblestone"),
    Block("mossy_cobblestone", "mossy_cobblestone", texture="mossy_cobblestone"),
    Block("stone_bricks", "stonebrick", "stonebrick", texture="stone_bricks"),
    Block("stone_brick_slab", "stone_slab", "stone_brick", LOWER_HALF, texture="stone_bricks"),
    Block("gold_block", "gold_block", texture="gold_block"),
    Block("beacon", "beacon", texture="beacon", light=15, beam=True),
    Block("glowstone", "glowstone", texture="glowstone", light=15),
    Block("red_wool", "wool", "RED", texture="red_wool"),
    Block("lime_wool", "wool", "LIME", texture="lime_wool"),
    Block("oak_log", "log", "oak", texture="oak_log", top="oak_log_top"),
    Block("oak_leaves", "leaves", "oak", texture="oak_leaves"),
    Block("hedge", "leaves", "spruce", texture="hedge"),
    Block("oak_planks", "planks", "oak", texture="oak_planks"),
    Block("spruce_log", "log", "spruce", texture="spruce_log", top="spruce_log_top"),
    Block("bricks", "brick_block", texture="bricks"),
    Block("iron_block", "iron_block", texture="iron_block"),
)

_IDS = {block.name: index for index, block in enumerate(PALETTE)}
AIR = 0


def block_id(name: str) -> int:
    """Index of the block of that name in `PALETTE`.

    Raises:
        UnknownNameError: If the palette has no such block.
    """
    return lookup("block", name, _IDS)


def box_table() -> tuple[np.ndarray, np.ndarray]:
    """Every block's boxes as arrays for the kernels.

    Returns:
        boxes float64[B, M, 6] in blocks, padded with zeros; counts int64[B].
    """
    most = max(len(block.boxes) for block in PALETTE)
    boxes = np.zeros((len(PALETTE), most, 6), np.float64)
    counts = np.zeros(len(PALETTE), np.int64)
    for index, block in enumerate(PALETTE):
        counts[index] = len(block.boxes)
        for slot, box in enumerate(block.boxes):
            boxes[index, slot] = box
    return boxes, counts
