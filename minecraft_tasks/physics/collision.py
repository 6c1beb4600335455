"""Motion of a body among boxes: along each axis up to contact, and up low steps."""

from __future__ import annotations

from math import floor
from typing import NamedTuple

import numpy as np

from minecraft_tasks.blocks.palette import AIR, block_id, collision_table
from minecraft_tasks.physics.compiled import inner, inner_call

HALF_WIDTH, BODY_HEIGHT = 0.3, 1.8
STEP_HEIGHT = 0.6

CONTACT = 1e-9
"""Overlap in blocks up to which boxes only touch: rounding must not open a wall."""


class Shapes(NamedTuple):
    """Collision boxes by block id.

    Attributes:
        boxes: float64[B, M, 6] from `blocks.collision_table`.
        counts: int64[B] boxes of each block.
        outside: Block id beyond the sides of the array and below it.
    """

    boxes: np.ndarray
    counts: np.ndarray
    outside: int


def shapes(outside: int | None = None) -> Shapes:
    """Collision boxes of the palette; `outside` is the block beyond the array, solid by default."""
    boxes, counts = collision_table()
    return Shapes(boxes, counts, block_id("stone_bricks") if outside is None else outside)


@inner
def _block(blocks, outside, x, y, z):
    """Block id at any cell, inside the array or not."""
    if x < 0 or z < 0 or y < 0 or x >= blocks.shape[0] or z >= blocks.shape[2]:
        return np.int64(outside)
    if y >= blocks.shape[1]:
        return np.int64(AIR)
    return np.int64(blocks[x, y, z])


@inner_call
def _allowed(blocks, shapes, axis, x0, y0, z0, x1, y1, z1, offset):
    """The part of `offset` that a box can move along an axis (0 x, 1 y, 2 z)."""
    if offset == 0.0:
        return offset
    forth, back = max(offset, 0.0), min(offset, 0.0)
    cx0 = floor(x0 + (back if axis == 0 else 0.0) - CONTACT)
    # A fence reaches half a block into the cell above it.
    cy0 = floor(y0 + (back if axis == 1 else 0.0) - CONTACT) - 1
    cz0 = floor(z0 + (back if axis == 2 else 0.0) - CONTACT)
    cx1 = floor(x1 + (forth if axis == 0 else 0.0) + CONTACT)
    cy1 = floor(y1 + (forth if axis == 1 else 0.0) + CONTACT)
    cz1 = floor(z1 + (forth if axis == 2 else 0.0) + CONTACT)
    low = x0 if axis == 0 else (y0 if axis == 1 else z0)
    high = x1 if axis == 0 else (y1 if axis == 1 else z1)
    for cx in range(cx0, cx1 + 1):
        for cy in range(cy0, cy1 + 1):
            for cz in range(cz0, cz1 + 1):
                block = _block(blocks, shapes.outside, cx, cy, cz)
                for slot in range(shapes.counts[block]):
                    box = shapes.boxes[block, slot]
                    bx0, bx1 = cx + box[0], cx + box[3]
                    by0, by1 = cy + box[1], cy + box[4]
                    bz0, bz1 = cz + box[2], cz + box[5]
                    if axis != 0 and (x1 <= bx0 + CONTACT or x0 >= bx1 - CONTACT):
                        continue
                    if axis != 1 and (y1 <= by0 + CONTACT or y0 >= by1 - CONTACT):
                        continue
                    if axis != 2 and (z1 <= bz0 + CONTACT or z0 >= bz1 - CONTACT):
                        continue
                    near = bx0 if axis == 0 else (by0 if axis == 1 else bz0)
                    far = bx1 if axis == 0 else (by1 if axis == 1 else bz1)
                    if offset > 0.0 and high <= near + CONTACT:
                        offset = min(offset, max(near - high, 0.0))
                    elif offset < 0.0 and low >= far - CONTACT:
                        offset = max(offset, min(far - low, 0.0))
    return offset


@inner_call
def _slide(blocks, shapes, x, y, z, dx, dy, dz):
    """Moves a body along y, then x, then z; returns the distances moved."""
    x0, x1, z0, z1 = x - HALF_WIDTH, x + HALF_WIDTH, z - HALF_WIDTH, z + HALF_WIDTH
    dy = _allowed(blocks, shapes, 1, x0, y, z0, x1, y + BODY_HEIGHT, z1, dy)
    y0, y1 = y + dy, y + dy + BODY_HEIGHT
    dx = _allowed(blocks, shapes, 0, x0, y0, z0, x1, y1, z1, dx)
    dz = _allowed(blocks, shapes, 2, x0 + dx, y0, z0, x1 + dx, y1, z1, dz)
    return dx, dy, dz


@inner_call
def _step(blocks, shapes, x, y, z, dx, dz, px, pz):
    """The move raised by up to the step height and let down again: (dx, dy, dz) reached.

    (px, pz) is the part of (dx, dz) that collision allowed. The first rise spans it, as in
    prismarine-physics; in Minecraft it spans (dx, dz), which cancels a jump in the tick in which
    the head would meet the edge of a ceiling two blocks high.

    As in Minecraft the longer of two moves is taken: with the rise that is free over the whole
    move, and with the rise that is free over its start.
    """
    x0, x1, z0, z1 = x - HALF_WIDTH, x + HALF_WIDTH, z - HALF_WIDTH, z + HALF_WIDTH
    way = _allowed(
        blocks, shapes, 1, x0 + min(px, 0.0), y, z0 + min(pz, 0.0),
        x1 + max(px, 0.0), y + BODY_HEIGHT, z1 + max(pz, 0.0), STEP_HEIGHT,
    )  # fmt: skip
    start = _allowed(blocks, shapes, 1, x0, y, z0, x1, y + BODY_HEIGHT, z1, STEP_HEIGHT)
    ax, _, az = _slide(blocks, shapes, x, y + way, z, dx, 0.0, dz)
    bx, _, bz = _slide(blocks, shapes, x, y + start, z, dx, 0.0, dz)
    if ax * ax + az * az > bx * bx + bz * bz:
        sx, sy, sz = ax, way, az
    else:
        sx, sy, sz = bx, start, bz
    down = _allowed(
        blocks, shapes, 1, x0 + sx, y + sy, z0 + sz, x1 + sx, y + sy + BODY_HEIGHT, z1 + sz, -sy
    )
    return sx, sy + down, sz


@inner_call
def move(blocks, shapes, x, y, z, wx, wy, wz, on_ground):
    """Moves by the wanted velocity: (dx, dy, dz, landed, stopped)."""
    dx, dy, dz = _slide(blocks, shapes, x, y, z, wx, wy, wz)
    falling = wy < 0.0
    stopped = dy != wy
    if (on_ground or (stopped and falling)) and (dx != wx or dz != wz):
        sx, sy, sz = _step(blocks, shapes, x, y, z, wx, wz, dx, dz)
        if sx * sx + sz * sz > dx * dx + dz * dz:
            # Coming down from a step always ends on it, so a fall counts as landed.
            dx, dy, dz, stopped = sx, sy, sz, True
    return dx, dy, dz, stopped and falling, stopped
