"""Single rays, followed over the map column by column: slower than the renderers, same picture."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.backends.voxel.render.cell import FAR, column_hit, row_of, span
from minecraft_tasks.backends.voxel.scene import sky
from minecraft_tasks.backends.voxel.scene.scene import EAST, NORTH, NOTHING, SOUTH, WEST
from minecraft_tasks.physics.compiled import inner, inner_call


@inner
def between(low, high):
    """Mask of the layers low ... high; -1 and 64 are outside of the world."""
    low, high = max(low, 0), min(high, 63)
    return (np.int64(-1) << low) & ((np.int64(2) << high) - 1) if low <= high else np.int64(0)


@inner_call
def trace_ray(world, look, ex, ey, ez, dx, dy, dz, limit):
    """The first thing that a ray meets within a distance.

    Args:
        world: `scene.Scene` of one world.
        look: `scene.Look`.
        ex, ey, ez: Eye, in blocks.
        dx, dy, dz: Direction; distances are in its lengths.
        limit: How far to look.

    Returns:
        (distance, face, cx, cy, cz); the face is NOTHING where it meets nothing.
    """
    across, deep = world.cubes.shape
    x_in, x_out = span(ex, dx, 0.0, float(across))
    z_in, z_out = span(ez, dz, 0.0, float(deep))
    t0 = max(x_in, z_in, 0.0)
    if not t0 < min(x_out, z_out):
        return FAR, NOTHING, 0, 0, 0
    enters_x, enters_z = WEST if dx > 0.0 else EAST, NORTH if dz > 0.0 else SOUTH
    side = NOTHING
    if t0 > 0.0:
        side = enters_x if x_in > z_in else enters_z
    cx = max(row_of(ex + dx * t0, across - 1), 0)
    cz = max(row_of(ez + dz * t0, deep - 1), 0)
    hop_x, hop_z, next_x, next_z = FAR, FAR, FAR, FAR
    if abs(dx) >= 1e-12:
        hop_x = 1.0 / abs(dx)
        next_x = (cx + (dx > 0.0) - ex) / dx
    if abs(dz) >= 1e-12:
        hop_z = 1.0 / abs(dz)
        next_z = (cz + (dz > 0.0) - ez) / dz
    layers = world.blocks.shape[1]
    layer = row_of(ey + dy * t0, layers)
    while t0 < limit:
        t1 = min(next_x, next_z)
        leaving = row_of(ey + dy * t1, layers)
        crossed = between(min(layer, leaving), max(layer, leaving))
        here = world.cubes[cx, cz] | world.odd[cx, cz]
        if (here & crossed) != 0 or world.beam[cx, cz] != 0:
            distance, face, cy = column_hit(
                world, look, cx, cz, ex, ey, ez, dx, dy, dz, t0, t1, side
            )
            if face != NOTHING:
                return distance, face, cx, cy, cz
        t0, layer = t1, leaving
        if next_x < next_z:
            cx += 1 if dx > 0.0 else -1
            next_x += hop_x
            side = enters_x
        else:
            cz += 1 if dz > 0.0 else -1
            next_z += hop_z
            side = enters_z
        if cx < 0 or cz < 0 or cx >= across or cz >= deep or t0 >= FAR:
            break
    return FAR, NOTHING, 0, 0, 0


@inner_call
def paint_sky(world, look, dx, dy, dz, out, row, column):
    """Paints the sky or the sun into one pixel."""
    if sky.in_sun(dx, dy, dz, world.sun[0], world.sun[1]):
        for channel in range(3):
            out[row, column, channel] = look.sun[channel]
    else:
        level = sky.light_level(dx, dy, dz)
        for channel in range(3):
            out[row, column, channel] = (look.sky[level, channel] * world.day) >> 8
