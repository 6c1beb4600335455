"""The renderer at any pitch: the faces of blocks, from near to far, row by row of the screen.

A mask of 64 bits per screen row tells which pixels are still open, so that every pixel is
painted once. The map is visited from the eye's column outwards, which is an order in which
nothing is visited before what hides it.

In screen row r the rays of columns c are (ax[r] + bx c, dy[r], az[r] + bz c): the height dy is
the same for a whole row, and the edges of a face are linear in c. Neighbouring faces work out
their common edge from the same numbers, so no pixel falls between them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from minecraft_tasks.backends.voxel.bits import highest, lowest
from minecraft_tasks.backends.voxel.camera import HALF, NEAR, direction, frame_of, within
from minecraft_tasks.backends.voxel.cell import (
    BEAM_HIGH,
    BEAM_LOW,
    FAR,
    beam_hit,
    blended,
    boxes_hit,
    paint,
    put,
    shades,
)
from minecraft_tasks.backends.voxel.compiled import inner, inner_call
from minecraft_tasks.backends.voxel.rays import paint_sky
from minecraft_tasks.backends.voxel.scene import (
    BEAM,
    BOTTOM,
    EAST,
    NORTH,
    NOTHING,
    SOUTH,
    TOP,
    WEST,
)

BAND = 64
"""Columns of the screen drawn together: the bits of one mask."""

PARALLEL = 1e-9
POSITIVE = 0x7FFFFFFFFFFFFFFF
HIGHEST = 1e6
"""Height in blocks at which a beam ends."""


class Band(NamedTuple):
    """Columns left ... left + width - 1 of a picture, and the rays through them.

    Attributes:
        left, width: In pixels.
        scale: Pixels per block at a depth of 1.
        middle, centre: Row, and column of the band, that the eye looks along.
        dy, ax, az: float64[H] by row; bx, bz: by column, as in the text above.
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
def _bits(first, end):
    """Mask of the columns first ... end - 1, which are not none."""
    return (np.int64(-1) << first) & ((np.int64(2) << (end - 1)) - 1)


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
    mask = band.still[row] & _bits(first, end)
    band.still[row] &= ~mask
    return mask


@inner
def _paint_side(
    world, look, band, face, cx, cy, cz, plane, q0, q1, y0, y1, pa, pb, qa, qb, first, end, out
):
    """Paints a block's side, which lies in a plane of one horizontal axis.

    Args:
        world, look, band, out: As everywhere.
        face, cx, cy, cz: Which face of which cell.
        plane: Where the face lies on its axis; all lengths are from the eye.
        q0, q1: Where it starts and ends on the other horizontal axis.
        y0, y1: Its lower and upper edge.
        pa, pb: float64[H] and float: rays along the first axis; qa, qb: along the second.
        first, end: Rows that it may show in.
    """
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
def _between(low, high, start, gain, near, far):
    """The part of low ... high where start + gain * c is between two values."""
    if abs(gain) <= PARALLEL:
        return (low, high) if min(near, far) <= start < max(near, far) else (low, -1.0)
    a, b = (near - start) / gain, (far - start) / gain
    return max(low, min(a, b)), min(high, max(a, b))


@inner
def _paint_flat(world, look, band, face, cx, cy, cz, y, x0, x1, z0, z1, first, end, out):
    """Paints a block's top or bottom, at height y and from x0 to x1 and z0 to z1 off the eye."""
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


@inner
def _side_rows(camera, band, near, far, y0, y1):
    """Rows first ... end - 1 that a side may show in.

    Args:
        camera, band: As everywhere.
        near, far: Distances of its two upright edges, along the ground and the gaze.
        y0, y1: Its lower and upper edge, off the eye.
    """
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
def _flat_rows(camera, band, near, far, y):
    """Rows first ... end - 1 that a top or bottom may show in; see `_side_rows`."""
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
def _window(band, first, end):
    """Mask of the picture's columns first ... end - 1 that lie in a band."""
    first, end = max(first - band.left, 0), min(end - band.left, band.width)
    return _bits(first, end) if first < end else np.int64(0)


@inner_call
def _paint_boxes(world, look, camera, band, cx, cy, cz, out):
    """Paints a block of another shape, ray by ray."""
    block = world.blocks[cx, cy, cz]
    x, y, z = camera.x - cx, camera.y - cy, camera.z - cz
    height, width = out.shape[0], out.shape[1]
    frame = frame_of(camera, height, width, -x, -y, -z, 1.0 - x, 1.0 - y, 1.0 - z)
    window = _window(band, frame[2], frame[3])
    for row in range(frame[0], frame[1]):
        rest = band.still[row] & window
        while rest != 0:
            column = lowest(rest)
            rest &= rest - 1
            dx, dy, dz = direction(camera, height, width, row, band.left + column)
            distance, face = boxes_hit(look, block, x, y, z, dx, dy, dz)
            if face != NOTHING:
                paint(
                    world, look, face, distance, cx, cy, cz, camera.x, camera.y, camera.z,
                    dx, dy, dz, out, row, band.left + column,
                )  # fmt: skip
                band.still[row] &= ~(np.int64(1) << column)


@inner_call
def _paint_beam(world, look, camera, band, cx, cz, out):
    """Paints a beacon's beam, ray by ray."""
    base = world.beam[cx, cz]
    x, z = cx - camera.x, cz - camera.z
    height, width = out.shape[0], out.shape[1]
    frame = frame_of(
        camera, height, width, x + BEAM_LOW, base - camera.y, z + BEAM_LOW,
        x + BEAM_HIGH, HIGHEST, z + BEAM_HIGH,
    )  # fmt: skip
    window = _window(band, frame[2], frame[3])
    for row in range(frame[0], frame[1]):
        rest = band.still[row] & window
        while rest != 0:
            column = lowest(rest)
            rest &= rest - 1
            dx, dy, dz = direction(camera, height, width, row, band.left + column)
            if beam_hit(base, cx, cz, camera.x, camera.y, camera.z, dx, dy, dz) < FAR:
                paint(
                    world, look, BEAM, 0.0, cx, 0, cz, camera.x, camera.y, camera.z,
                    dx, dy, dz, out, row, band.left + column,
                )  # fmt: skip
                band.still[row] &= ~(np.int64(1) << column)


@inner
def _cubes_at(world, hidden, cx, cz):
    """Mask of the full blocks of a column; those beyond the world are none.

    What the eye is inside of hides nothing: `hidden` is its (column, column, mask).
    """
    if cx < 0 or cz < 0 or cx >= world.cubes.shape[0] or cz >= world.cubes.shape[1]:
        return np.int64(0)
    cubes = world.cubes[cx, cz]
    return cubes & ~hidden[2] if cx == hidden[0] and cz == hidden[1] else cubes


@inner
def _draw_column(world, look, camera, band, hidden, cx, cz, here, corners, out):
    """Draws what stands in one column of the map.

    Args:
        world, look, camera, band, hidden, out: As everywhere.
        cx, cz: Column.
        here: Mask of its full blocks.
        corners: Distances along the gaze of its corners, at (x0, z0), (x1, z0), (x0, z1) and
            (x1, z1).
    """
    x0, x1, z0, z1 = cx - camera.x, (cx + 1) - camera.x, cz - camera.z, (cz + 1) - camera.z
    if x0 > 0.0 or x1 < 0.0:
        west = x0 > 0.0
        sides = here & ~_cubes_at(world, hidden, cx - 1 if west else cx + 1, cz)
        near, far = (corners[0], corners[2]) if west else (corners[1], corners[3])
        while sides != 0:
            cy = lowest(sides)
            sides &= sides - 1
            y0, y1 = cy - camera.y, (cy + 1) - camera.y
            first, end = _side_rows(camera, band, near, far, y0, y1)
            if first < end:
                _paint_side(
                    world, look, band, WEST if west else EAST, cx, cy, cz,
                    x0 if west else x1, z0, z1, y0, y1,
                    band.ax, band.bx, band.az, band.bz, first, end, out,
                )  # fmt: skip
    if z0 > 0.0 or z1 < 0.0:
        north = z0 > 0.0
        sides = here & ~_cubes_at(world, hidden, cx, cz - 1 if north else cz + 1)
        near, far = (corners[0], corners[1]) if north else (corners[2], corners[3])
        while sides != 0:
            cy = lowest(sides)
            sides &= sides - 1
            y0, y1 = cy - camera.y, (cy + 1) - camera.y
            first, end = _side_rows(camera, band, near, far, y0, y1)
            if first < end:
                _paint_side(
                    world, look, band, NORTH if north else SOUTH, cx, cy, cz,
                    z0 if north else z1, x0, x1, y0, y1,
                    band.az, band.bz, band.ax, band.bx, first, end, out,
                )  # fmt: skip
    near, far = (
        min(min(corners[0], corners[1]), min(corners[2], corners[3])),
        max(max(corners[0], corners[1]), max(corners[2], corners[3])),
    )
    odd, beam = world.odd[cx, cz], world.beam[cx, cz]
    level = within(math.floor(camera.y) + 1.0, 64)
    under = _bits(0, level) if level > 0 else np.int64(0)
    if beam > 0 and camera.y >= beam:
        _paint_beam(world, look, camera, band, cx, cz, out)
    rest = ((here & ~((here >> 1) & POSITIVE)) | odd) & under
    while rest != 0:
        cy = highest(rest)
        rest ^= np.int64(1) << cy
        if (odd >> cy) & 1:
            _paint_boxes(world, look, camera, band, cx, cy, cz, out)
        elif cy + 1 < camera.y:
            y = (cy + 1) - camera.y
            first, end = _flat_rows(camera, band, near, far, y)
            if first < end:
                _paint_flat(world, look, band, TOP, cx, cy, cz, y, x0, x1, z0, z1, first, end, out)
    rest = ((here & ~(here << 1)) | odd) & ~under
    while rest != 0:
        cy = lowest(rest)
        rest &= rest - 1
        if (odd >> cy) & 1:
            _paint_boxes(world, look, camera, band, cx, cy, cz, out)
        elif cy > camera.y:
            y = cy - camera.y
            first, end = _flat_rows(camera, band, near, far, y)
            if first < end:
                _paint_flat(
                    world, look, band, BOTTOM, cx, cy, cz, y, x0, x1, z0, z1, first, end, out
                )
    if beam > 0 and camera.y < beam:
        _paint_beam(world, look, camera, band, cx, cz, out)


@inner_call
def _draw_map(world, look, camera, band, out):
    """Visits the columns of the map that are in view, from near to far."""
    across, layers, deep = world.blocks.shape
    own_x = int(math.floor(min(max(camera.x, -1.0), float(across))))
    own_z = int(math.floor(min(max(camera.z, -1.0), float(deep))))
    own_y = int(math.floor(min(max(camera.y, -1.0), 64.0)))
    inside = np.int64(1) << own_y if 0 <= own_y < 64 else np.int64(0)
    hidden = (own_x, own_z, inside)
    start_x, start_z = min(max(own_x, 0), across), min(max(own_z, 0), deep)
    leftmost = -(band.centre + 0.5) / band.scale
    rightmost = leftmost + band.width / band.scale
    lift = max(camera.dip * camera.y, camera.dip * (camera.y - layers))
    for i in range(across):
        cx = start_x + i if start_x + i < across else across - 1 - i
        x0, x1 = cx - camera.x, (cx + 1) - camera.x
        for k in range(deep):
            cz = start_z + k if start_z + k < deep else deep - 1 - k
            here = _cubes_at(world, hidden, cx, cz)
            beam = world.beam[cx, cz] > 0
            if (here | world.odd[cx, cz]) == 0 and not beam:
                continue
            z0, z1 = cz - camera.z, (cz + 1) - camera.z
            ahead_x0, ahead_x1 = -camera.sine * x0, -camera.sine * x1
            ahead_z0, ahead_z1 = camera.cosine * z0, camera.cosine * z1
            far = max(ahead_x0, ahead_x1) + max(ahead_z0, ahead_z1)
            depth = camera.flat * far + lift
            if beam and camera.dip < 0.0:
                depth = HIGHEST
            if depth <= 0.0:
                continue
            right_x0, right_x1 = -camera.cosine * x0, -camera.cosine * x1
            right_z0, right_z1 = -camera.sine * z0, -camera.sine * z1
            if min(right_x0, right_x1) + min(right_z0, right_z1) > max(rightmost, 0.0) * depth:
                continue
            if max(right_x0, right_x1) + max(right_z0, right_z1) < min(leftmost, 0.0) * depth:
                continue
            corners = (
                ahead_x0 + ahead_z0, ahead_x1 + ahead_z0, ahead_x0 + ahead_z1, ahead_x1 + ahead_z1
            )  # fmt: skip
            _draw_column(world, look, camera, band, hidden, cx, cz, here, corners, out)


@njit(cache=True, error_model="numpy")
def draw_tilted(world, look, camera, taken, out):
    """Draws one frame at any pitch.

    Args:
        world: `scene.Scene` of one world.
        look: `scene.Look`.
        camera: `rays.Camera`.
        taken: bool[H, W] pixels to leave alone, or of size 0.
        out: uint8[H, W, 3], drawn into.
    """
    height, width = out.shape[0], out.shape[1]
    dy, ax, az = np.empty(height), np.empty(height), np.empty(height)
    still = np.empty(height, np.int64)
    for left in range(0, width, BAND):
        many = min(width - left, BAND)
        for row in range(height):
            ax[row], dy[row], az[row] = direction(camera, height, width, row, left)
            still[row] = _bits(0, many)
            if taken.size > 0:
                for column in range(many):
                    if taken[row, left + column]:
                        still[row] &= ~(np.int64(1) << column)
        pixel = 2.0 * HALF / height
        band = Band(
            left, many, 1.0 / pixel, height / 2.0 - 0.5, width / 2.0 - 0.5 - left,
            dy, ax, az, -pixel * camera.cosine, -pixel * camera.sine, still,
        )  # fmt: skip
        _draw_map(world, look, camera, band, out)
        for row in range(height):
            rest = still[row]
            while rest != 0:
                column = lowest(rest)
                rest &= rest - 1
                paint_sky(
                    world, look, ax[row] + band.bx * column, dy[row], az[row] + band.bz * column,
                    out, row, left + column,
                )  # fmt: skip
