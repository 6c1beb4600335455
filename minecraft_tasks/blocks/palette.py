"""The palette: the blocks that exist, with their shapes and looks.

Names and variants are Minecraft 1.11's. A block's index in `PALETTE` is its id in every
block array; ids are stable, so new blocks are appended. `families` makes the blocks that
come in directions, colours or halves.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from minecraft_tasks.blocks import families
from minecraft_tasks.blocks.block import Block
from minecraft_tasks.blocks.shapes import BALL, FARMLAND, LOWER_HALF, WATER, WHEAT, table
from minecraft_tasks.core.errors import lookup

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
    Block("beacon", "beacon", texture="beacon", light=15, beam=True, dims=0),
    Block("glowstone", "glowstone", texture="glowstone", light=15),
    Block("red_wool", "wool", "RED", texture="red_wool"),
    Block("lime_wool", "wool", "LIME", texture="lime_wool"),
    Block("oak_log", "log", "oak", texture="oak_log", top="oak_log_top"),
    Block("oak_leaves", "leaves", "oak", texture="oak_leaves", dims=1),
    Block("hedge", "leaves", "spruce", texture="hedge", dims=1),
    Block("oak_planks", "planks", "oak", texture="oak_planks"),
    Block("spruce_log", "log", "spruce", texture="spruce_log", top="spruce_log_top"),
    Block("bricks", "brick_block", texture="bricks"),
    Block("iron_block", "iron_block", texture="iron_block"),
    *families.wools(without=("red", "lime")),
    *families.carpets(),
    *families.torches(),
    Block("redstone_lamp", "redstone_lamp", texture="redstone_lamp"),
    Block("redstone_lamp_lit", "lit_redstone_lamp", texture="redstone_lamp_lit", light=15),
    Block("stone", "stone", "stone", texture="stone"),
    Block("sand", "sand", "sand", texture="sand"),
    Block("sandstone", "sandstone", "sandstone", texture="sandstone", top="sandstone_top"),
    Block("obsidian", "obsidian", texture="obsidian"),
    Block("snow", "snow", texture="snow"),
    Block("clay", "clay", texture="clay"),
    Block("hardened_clay", "hardened_clay", texture="hardened_clay"),
    Block("bookshelf", "bookshelf", texture="bookshelf", top="oak_planks"),
    Block("crafting_table", "crafting_table", texture="crafting_table", top="crafting_table_top"),
    Block("note_block", "noteblock", texture="note_block"),
    Block("hay_block", "hay_block", texture="hay_side", top="hay_top", properties=(("axis", "y"),)),
    Block("grass_path", "grass_path", "", FARMLAND, texture="path_side", top="path_top"),
    Block("farmland", "farmland", "", FARMLAND, texture="dirt", top="farmland_top"),
    Block("water", "water", "", WATER, solid=(), texture="water", dims=3),
    families.wheat("wheat_young", WHEAT, age=2),
    families.wheat("wheat", WHEAT, age=7),
    *families.slabs(),
    *families.furnaces(),
    *families.chests(),
    *families.levers(),
    *families.hooks(),
    *families.doors("oak_door", "wooden_door"),
    Block("glass", "glass", texture="glass", cutout=True),
    *families.panes(),
    *families.fences(),
    *families.stairs_blocks(),
    *families.fruits(BALL),
    *families.doors("red_door", "acacia_door"),
    *families.doors("blue_door", "dark_oak_door"),
    Block("bedrock", "bedrock", texture="bedrock"),
)

_IDS = {block.name: index for index, block in enumerate(PALETTE)}

AIR = 0
SKY_ID, SUN_ID, BEAM_ID, FIGURE_ID = 255, 254, 253, 252
"""Ids of sky, sun, beam and figures in pictures of ids."""


def block_id(name: str) -> int:
    """Index of the block of that name in `PALETTE`.

    Raises:
        UnknownNameError: If the palette has no such block.
    """
    return lookup("block", name, _IDS)


def connected(name: str, sides: Iterable[str]) -> int:
    """Id of a fence or pane that reaches to those sides of its cell.

    Args:
        name: ``oak_fence`` or ``glass_pane``.
        sides: Any of ``north``, ``south``, ``west``, ``east``, in any order.

    Raises:
        UnknownNameError: If there is no such block, or no such side.
    """
    return block_id(families.connected_name(name, sides))


def box_table() -> tuple[np.ndarray, np.ndarray]:
    """Visible boxes of every block float64[B, M, 6], padded with zeros; their counts int64[B]."""
    return table([block.boxes for block in PALETTE])


def collision_table() -> tuple[np.ndarray, np.ndarray]:
    """Collision boxes of every block, as `box_table`."""
    return table([block.collision for block in PALETTE])
