"""The renderer at any pitch: the columns of the map from near to far.

The order starts at the eye's column, so that a block is visited before all that it hides. `faces`
paints full blocks; other shapes are painted ray by ray where they may be seen.
"""

from __future__ import annotations

import math

import numpy as np

from minecraft_tasks.backends.voxel.render.camera import HALF, frame_of, ray_direction, within
from minecraft_tasks.backends.voxel.render.cell import (
    BEAM_HIGH,
    BEAM_LOW,
    FAR,
    beam_hit,
    boxes_hit,
    paint,
)
from minecraft_tasks.backends.voxel.render.faces import Band, paint_flat, paint_side
from minecraft_tasks.backends.voxel.render.rays import paint_sky
from minecraft_tasks.backends.voxel.scene.bits import POSITIVE, highest, lowest, run
from minecraft_tasks.backends.voxel.scene.scene import (
    BEAM,
    BOTTOM,
    EAST,
    NORTH,
    NOTHING,
    SOUTH,
    TOP,
    WEST,
)
from minecraft_tasks.physics.compiled import inner, inner_call, njit

_BAND = 64
"""Columns of the screen drawn together: the bits of one mask."""

_HIGHEST = 1e6
"""Height in blocks at which a beam ends."""

WHOLE_COLUMN = -1
"""Layer that stands for the beam of a column."""


@inner_call
def _paint_rays(world, look, camera, band, cx, cy, cz, frame, out):
    """Paints a beam or a block that is no cube, ray by ray.

    Args:
        world, look, camera, band, out: As in `faces.paint_side`.
        cx, cy, cz: Cell of the block; `WHOLE_COLUMN` as cy for a beam.
        frame: Rows and columns that it may cover, from `camera.frame_of`.
    """
    first, end = max(frame[2] - band.left, 0), min(frame[3] - band.left, band.width)
    if first >= end:
        return
    window = run(first, end)
    ex, ey, ez = camera.x, camera.y, camera.z
    for row in range(frame[0], frame[1]):
        rest = band.still[row] & window
        while rest != 0:
            column = lowest(rest)
            rest &= rest - 1
            dx, dy, dz = ray_direction(camera, out.shape[0], out.shape[1], row, band.left + column)
            if cy == WHOLE_COLUMN:
                distance = beam_hit(world.beam[cx, cz], cx, cz, ex, ey, ez, dx, dy, dz)
                face = BEAM if distance < FAR else NOTHING
            else:
                distance, face = boxes_hit(
                    look, world.blocks[cx, cy, cz], ex - cx, ey - cy, ez - cz, dx, dy, dz
                )
            if face != NOTHING:
                paint(
                    world, look, face, distance, cx, cy, cz, ex, ey, ez, dx, dy, dz,
                    out, row, band.left + column,
                )  # fmt: skip
                band.still[row] &= ~(np.int64(1) << column)


@inner
def _paint_boxes(world, look, camera, band, cx, cy, cz, out):
    """Paints a block of another shape."""
    x, y, z = cx - camera.x, cy - camera.y, cz - camera.z
    frame = frame_of(camera, out.shape[0], out.shape[1], x, y, z, x + 1.0, y + 1.0, z + 1.0)
    _paint_rays(world, look, camera, band, cx, cy, cz, frame, out)


@inner
def _paint_beam(world, look, camera, band, cx, cz, out):
    """Paints a beacon's beam."""
    x, y, z = cx - camera.x, world.beam[cx, cz] - camera.y, cz - camera.z
    frame = frame_of(
        camera, out.shape[0], out.shape[1],
        x + BEAM_LOW, y, z + BEAM_LOW, x + BEAM_HIGH, _HIGHEST, z + BEAM_HIGH,
    )  # fmt: skip
    _paint_rays(world, look, camera, band, cx, WHOLE_COLUMN, cz, frame, out)


@inner
def _cubes_at(world, hidden, cx, cz):
    """Mask of the full blocks of a column, 0 beyond the world.

    A block around the eye is left out: `hidden` is its (cx, cz, mask).
    """
    if cx < 0 or cz < 0 or cx >= world.cubes.shape[0] or cz >= world.cubes.shape[1]:
        return np.int64(0)
    cubes = world.cubes[cx, cz]
    return cubes & ~hidden[2] if cx == hidden[0] and cz == hidden[1] else cubes


@inner
def _paint_sides(world, look, camera, band, hidden, cx, cz, here, corners, out):
    """Paints the sides of a column's full blocks that face the eye."""
    x0, x1, z0, z1 = cx - camera.x, (cx + 1) - camera.x, cz - camera.z, (cz + 1) - camera.z
    if x0 > 0.0 or x1 < 0.0:
        west = x0 > 0.0
        face, plane = (WEST, x0) if west else (EAST, x1)
        near, far = (corners[0], corners[2]) if west else (corners[1], corners[3])
        sides = here & ~_cubes_at(world, hidden, cx - 1 if west else cx + 1, cz)
        while sides != 0:
            cy = lowest(sides)
            sides &= sides - 1
            paint_side(
                world, look, camera, band, face, cx, cy, cz, plane, z0, z1, near, far,
                band.ax, band.bx, band.az, band.bz, out,
            )  # fmt: skip
    if z0 > 0.0 or z1 < 0.0:
        north = z0 > 0.0
        face, plane = (NORTH, z0) if north else (SOUTH, z1)
        near, far = (corners[0], corners[1]) if north else (corners[2], corners[3])
        sides = here & ~_cubes_at(world, hidden, cx, cz - 1 if north else cz + 1)
        while sides != 0:
            cy = lowest(sides)
            sides &= sides - 1
            paint_side(
                world, look, camera, band, face, cx, cy, cz, plane, x0, x1, near, far,
                band.az, band.bz, band.ax, band.bx, out,
            )  # fmt: skip


@inner
def _paint_layers(world, look, camera, band, cx, cz, here, corners, out):
    """Paints tops, bottoms and other shapes of a column, from the eye's height outwards."""
    x0, x1, z0, z1 = cx - camera.x, (cx + 1) - camera.x, cz - camera.z, (cz + 1) - camera.z
    near = min(min(corners[0], corners[1]), min(corners[2], corners[3]))
    far = max(max(corners[0], corners[1]), max(corners[2], corners[3]))
    odd = world.odd[cx, cz]
    level = within(math.floor(camera.y) + 1.0, 64)
    under = run(0, level) if level > 0 else np.int64(0)
    rest = ((here & ~((here >> 1) & POSITIVE)) | odd) & under
    while rest != 0:
        cy = highest(rest)
        rest ^= np.int64(1) << cy
        if (odd >> cy) & 1:
            _paint_boxes(world, look, camera, band, cx, cy, cz, out)
        elif cy + 1 < camera.y:
            paint_flat(world, look, camera, band, TOP, cx, cy, cz, x0, x1, z0, z1, near, far, out)
    rest = ((here & ~(here << 1)) | odd) & ~under
    while rest != 0:
        cy = lowest(rest)
        rest &= rest - 1
        if (odd >> cy) & 1:
            _paint_boxes(world, look, camera, band, cx, cy, cz, out)
        elif cy > camera.y:
            paint_flat(
                world, look, camera, band, BOTTOM, cx, cy, cz, x0, x1, z0, z1, near, far, out
            )


@inner
def _paint_column(world, look, camera, band, hidden, cx, cz, here, corners, out):
    """Paints one column of the map.

    Args:
        world, look, camera, band, out: As in `faces.paint_side`.
        hidden: As in `_cubes_at`.
        cx, cz: Column.
        here: Mask of its full blocks.
        corners: Distances along the gaze of its corners, at (x0, z0), (x1, z0), (x0, z1) and
            (x1, z1).
    """
    # No block is above a beacon with a beam, so the beam is before or behind the whole column.
    beam = world.beam[cx, cz]
    if beam > 0 and camera.y >= beam:
        _paint_beam(world, look, camera, band, cx, cz, out)
    _paint_sides(world, look, camera, band, hidden, cx, cz, here, corners, out)
    _paint_layers(world, look, camera, band, cx, cz, here, corners, out)
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
                depth = _HIGHEST
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
            _paint_column(world, look, camera, band, hidden, cx, cz, here, corners, out)


@njit(cache=True, error_model="numpy")
def draw_tilted(world, look, camera, taken, out):
    """Draws one frame at any pitch.

    Args:
        world: `scene.Scene` of one world.
        look: `scene.Look`.
        camera: `camera.Camera`.
        taken: bool[H, W] pixels to keep, or of size 0.
        out: uint8[H, W, 3], drawn into.
    """
    height, width = out.shape[0], out.shape[1]
    dy, ax, az = np.empty(height), np.empty(height), np.empty(height)
    still = np.empty(height, np.int64)
    for left in range(0, width, _BAND):
        many = min(width - left, _BAND)
        for row in range(height):
            ax[row], dy[row], az[row] = ray_direction(camera, height, width, row, left)
            still[row] = run(0, many)
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
