"""Checks that an engine can show a world and that a body fits at its spawn."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.blocks.palette import PALETTE
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.physics.collision import BODY_HEIGHT, CONTACT, HALF_WIDTH
from minecraft_tasks.worlds.world import TALLEST, Pose, World


def check_world(world: World) -> None:
    """Checks a world's height, its blocks and its spawn.

    Raises:
        FalseBeaconError: If the world is too tall, a block is unknown, or the spawn is outside of
            the world or inside a block.
    """
    blocks, spawn = world.blocks, world.spawn
    if blocks.shape[1] > TALLEST:
        raise FalseBeaconError(
            f"world of shape {blocks.shape} is {blocks.shape[1]} blocks tall; at most {TALLEST}"
        )
    unknown = np.argwhere(blocks >= len(PALETTE))
    if len(unknown):
        x, y, z = unknown[0].tolist()
        raise FalseBeaconError(
            f"unknown block id {blocks[x, y, z]} at ({x}, {y}, {z}); "
            f"the palette holds 0 to {len(PALETTE) - 1}"
        )
    feet = np.array([spawn.x, spawn.y, spawn.z])
    low = np.subtract(feet, (HALF_WIDTH, 0.0, HALF_WIDTH))
    high = np.add(feet, (HALF_WIDTH, BODY_HEIGHT, HALF_WIDTH))
    if (low < -CONTACT).any() or (high > np.add(blocks.shape, CONTACT))[[0, 2]].any():
        raise FalseBeaconError(
            f"spawn ({spawn.x:g}, {spawn.y:g}, {spawn.z:g}) is outside of the world, "
            f"whose shape is {blocks.shape}"
        )
    _check_room(blocks, spawn, low, high)


def _check_room(blocks: np.ndarray, spawn: Pose, low: np.ndarray, high: np.ndarray) -> None:
    # A fence reaches half a block into the cell above it.
    first = np.maximum(np.floor(np.subtract(low, (0, 1, 0))), 0).astype(int)
    last = np.minimum(np.floor(high), np.array(blocks.shape) - 1).astype(int)
    for offset in np.ndindex(*(last - first + 1)):
        cell = first + offset
        block = PALETTE[blocks[tuple(cell)]]
        for box in block.collision:
            apart = (high <= cell + box[:3] + CONTACT) | (low >= cell + box[3:] - CONTACT)
            if not apart.any():
                x, y, z = cell.tolist()
                raise FalseBeaconError(
                    f"spawn ({spawn.x:g}, {spawn.y:g}, {spawn.z:g}) is inside of the "
                    f"{block.name} at ({x}, {y}, {z}); move the spawn or clear the block"
                )
