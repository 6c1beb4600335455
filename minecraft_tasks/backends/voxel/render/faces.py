"""Paints the visible faces of full blocks, row by row of the screen.

A mask of 64 bits per screen row holds the open pixels, so that every pixel is painted once.

In screen row r the rays of columns c are (ax[r] + bx c, dy[r], az[r] + bz c): the height dy is
the same for a whole row, and the edges of a face are linear in c. Neighbouring faces compute
their common edge from the same numbers, so that no pixel is left between them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from minecraft_tasks.backends.voxel.render.camera import NEAR, within
from minecraft_tasks.backends.voxel.render.cell import blended, put, shades
from minecraft_tasks.backends.voxel.scene.bits import lowest, run
from minecraft_tasks.backends.voxel.scene.scene import EAST, NORTH, TOP
from minecraft_tasks.physics.compiled import inner

PARALLEL = 1e-9
"""Change per column below which an edge runs along a row."""


class Band(NamedTuple):
    """The columns left ... left + width - 1 of a picture, and the rays through them.

    Attributes:
        left, width: In pixels.
        scale: Pixels per block at a depth of 1.
        middle, centre: Row, and column of the band, that the eye looks along.
        dy, ax, az: float64[H] by row; bx, bz: by column, as in this module's text.
        still: int64[H] open pixels of each row.
    """

    left: int
    width: int
    scale: float
    middle: float
    centre: float
    dy: np.ndarray
    ax: np.ndarray
    az: np.ndarray
    bx: float
    bz: float
    still: np.ndarray


@inner
def _halve(low, high, start, gain, inverse):
    """The part of low ... high where start + gain * c is not negative."""
    if gain > PARALLEL:
        low = max(low, -start * inverse)
    elif gain < -PARALLEL:
        high = min(high, -start * inverse)
    elif start < 0.0:
        high = -1.0
    return low, high


@inner
def _take(band, row, low, high):
    """Closes the open pixels of a row whose columns are in [low, high); returns their mask."""
    if not low < high:
        return np.int64(0)
    first, end = int(math.ceil(low)), int(math.ceil(high))
    if first >= end:
        return np.int64(0)
    mask = band.still[row] & run(first, end)
    band.still[row] &= ~mask
    return mask


@inner
def _side_rows(camera, band, near, far, y0, y1):
    """Rows first ... end - 1 that a side between the heights y0 and y1 may cover."""
    low, high = 1e9, -1e9
    behind = 0
    for corner in range(4):
        ahead, y = near if corner & 1 else far, y0 if corner & 2 else y1
        depth = camera.flat * ahead - camera.dip * y
        if depth <= NEAR:
            behind += 1
            continue
        row = band.middle - band.scale * (camera.dip * ahead + camera.flat * y) / depth
        low, high = min(low, row), max(high, row)
    if behind == 4:
        return 0, 0
    height = band.still.shape[0]
    if behind > 0:
        return 0, height
    return within(math.floor(low), height), within(math.floor(high) + 2.0, height)


@inner
def paint_side(
    world, look, camera, band, face, cx, cy, cz, plane, q0, q1, near, far, pa, pb, qa, qb, out
):
    """Paints a block's side, which lies in a plane of one horizontal axis.

    Args:
        world: `scene.Scene` of one world.
        look: `scene.Look`.
        camera: `camera.Camera`.
        band: `Band`.
        face, cx, cy, cz: Which face of which cell.
        plane: Where the face lies on its axis; all lengths are from the eye.
        q0, q1: Where it starts and ends on the other horizontal axis.
        near, far: Distances of its two upright edges, along the ground and the gaze.
        pa, pb: float64[H] and float: rays along the first axis; qa, qb: along the second.
        out: uint8[H, W, 3].
    """
    y0, y1 = cy - camera.y, (cy + 1) - camera.y
    first, end = _side_rows(camera, band, near, far, y0, y1)
    if first >= end:
        return
    block = world.blocks[cx, cy, cz]
    k0, ku, kv, kuv = shades(world, look, block, face, cx, cy, cz)
    flip = face == EAST or face == NORTH
    # At a ray's depth 1 / w it is at height dy / w and at q / w, all linear in the column.
    inverse = 1.0 / plane
    gain = pb * inverse
    gain_y0, gain_y1, gain_q0, gain_q1 = -y0 * gain, y1 * gain, qb - q0 * gain, q1 * gain - qb
    inv_y0, inv_y1, inv_q0, inv_q1 = 1.0 / gain_y0, 1.0 / gain_y1, 1.0 / gain_q0, 1.0 / gain_q1
    for row in range(first, end):
        if band.still[row] == 0:
            continue
        dy, q, w = band.dy[row], qa[row], pa[row] * inverse
        low, high = _halve(0.0, float(band.width), dy - y0 * w, gain_y0, inv_y0)
        low, high = _halve(low, high, y1 * w - dy, gain_y1, inv_y1)
        low, high = _halve(low, high, q - q0 * w, gain_q0, inv_q0)
        low, high = _halve(low, high, q1 * w - q, gain_q1, inv_q1)
        mask = _take(band, row, low, high)
        while mask != 0:
            column = lowest(mask)
            mask &= mask - 1
            t = 1.0 / (w + gain * column)
            across = (q + qb * column) * t - q0
            if flip:
                across = 1.0 - across
            u = int(min(max(across * 16.0, 0.0), 15.0))
            v = int(min(max((y1 - dy * t) * 16.0, 0.0), 15.0))
            shade = blended(k0, ku, kv, kuv, u, v)
            put(out, row, band.left + column, look, block, face, u, v, shade)


@inner
def _flat_rows(camera, band, near, far, y):
    """Rows first ... end - 1 that a top or bottom at height y may cover."""
    depth = camera.flat * far - camera.dip * y
    if depth <= NEAR:
        return 0, 0
    a = band.middle - band.scale * (camera.dip * far + camera.flat * y) / depth
    depth = camera.flat * near - camera.dip * y
    if depth > NEAR:
        b = band.middle - band.scale * (camera.dip * near + camera.flat * y) / depth
    else:
        b = 1e9 if y < 0.0 else -1e9
    height = band.still.shape[0]
    return within(math.floor(min(a, b)), height), within(math.floor(max(a, b)) + 2.0, height)


@inner
def _between(low, high, start, gain, near, far):
    """The part of low ... high where start + gain * c is between two values."""
    if abs(gain) <= PARALLEL:
        return (low, high) if min(near, far) <= start < max(near, far) else (low, -1.0)
    a, b = (near - start) / gain, (far - start) / gain
    return max(low, min(a, b)), min(high, max(a, b))


@inner
def paint_flat(world, look, camera, band, face, cx, cy, cz, x0, x1, z0, z1, near, far, out):
    """Paints a block's top or bottom, from x0 to x1 and z0 to z1 off the eye.

    The other arguments are those of `paint_side`; here `near` and `far` are the distances of
    the nearest and the farthest corner.
    """
    y = (cy + 1 if face == TOP else cy) - camera.y
    first, end = _flat_rows(camera, band, near, far, y)
    if first >= end:
        return
    block = world.blocks[cx, cy, cz]
    k0, ku, kv, kuv = shades(world, look, block, face, cx, cy, cz)
    inverse = 1.0 / y
    for row in range(first, end):
        # A row of rays meets the height at one depth, t.
        w = band.dy[row] * inverse
        if band.still[row] == 0 or w <= 1e-12:
            continue
        low, high = _between(0.0, float(band.width), band.ax[row], band.bx, x0 * w, x1 * w)
        low, high = _between(low, high, band.az[row], band.bz, z0 * w, z1 * w)
        mask = _take(band, row, low, high)
        if mask == 0:
            continue
        t = 16.0 / w
        u0, u1 = band.ax[row] * t - x0 * 16.0, band.bx * t
        v0, v1 = band.az[row] * t - z0 * 16.0, band.bz * t
        while mask != 0:
            column = lowest(mask)
            mask &= mask - 1
            u = int(min(max(u0 + u1 * column, 0.0), 15.0))
            v = int(min(max(v0 + v1 * column, 0.0), 15.0))
            shade = blended(k0, ku, kv, kuv, u, v)
            put(out, row, band.left + column, look, block, face, u, v, shade)
