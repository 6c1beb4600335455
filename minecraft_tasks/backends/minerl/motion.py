"""Keys and headings of a body, and an estimate of its motion."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.actions import ActionTable
from minecraft_tasks.physics.motion import (
    AIR_DRAG,
    AIR_INERTIA,
    GRAVITY,
    GROUND_INERTIA,
    JUMP_VELOCITY,
)


def wrapped(degrees: float) -> float:
    """The same heading in [-180, 180)."""
    return (degrees + 180.0) % 360.0 - 180.0


def held(table: ActionTable, action: int) -> list[str]:
    """The keys that an action holds, by MineRL's names."""
    keys = {
        "forward": table.forward[action] > 0,
        "back": table.forward[action] < 0,
        "left": table.strafe[action] > 0,
        "right": table.strafe[action] < 0,
        "jump": bool(table.jump[action]),
    }
    return [key for key, pressed in keys.items() if pressed]


def carried(moved: np.ndarray, grounded: bool) -> tuple[np.ndarray, bool]:
    """Velocity after a tick, as the embedded engine computes it without a collision.

    Args:
        moved: float64[3] blocks in that tick.
        grounded: Whether the body stood on the ground before it.

    Returns:
        float64[3] blocks per tick, and whether the body probably stands on the ground.
    """
    # No jump rises so fast; a step onto a slab does.
    stands = bool(moved[1] == 0.0 or moved[1] > JUMP_VELOCITY)
    velocity = moved * (GROUND_INERTIA if grounded else AIR_INERTIA)
    velocity[1] = ((0.0 if stands else moved[1]) - GRAVITY) * AIR_DRAG
    return velocity, stands
