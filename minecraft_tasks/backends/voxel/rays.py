"""The renderer at any pitch: one ray per pixel, walked over the map column by column."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from minecraft_tasks.backends.voxel import sky
from minecraft_tasks.backends.voxel.cell import FAR, hit, paint, row_of, span
from minecraft_tasks.backends.voxel.scene import NOTHING, SIDE_X, SIDE_Z

HALF = math.tan(math.radians(sky.FIELD_OF_VIEW) / 2.0)


@njit(cache=True, error_model="numpy", forceinline=True)
def between(low, high):
    """Mask of the layers low ... high, where -1 and 64 lie outside of the world."""
    low, high = max(low, 0), min(high, 63)
    return (np.int64(-1) << low) & ((np.int64(2) << high) - 1) if low <= high else np.int64(0)


@njit(cache=True, error_model="numpy", forceinline=True)
def _trace(blocks, cubes, odd, beam, look, ex, ey, ez, dx, dy, dz, out, row, column):
    """Paints the pixel of one ray, and says whether it met anything."""
    across, deep = cubes.shape
    x_in, x_out = span(ex, dx, 0.0, float(across))
    z_in, z_out = span(ez, dz, 0.0, float(deep))
    t0 = max(x_in, z_in, 0.0)
    if not t0 < min(x_out, z_out):
        return False
    side = NOTHING
    if t0 > 0.0:
        side = SIDE_X if x_in > z_in else SIDE_Z
    cx = max(row_of(ex + dx * t0, across - 1), 0)
    cz = max(row_of(ez + dz * t0, deep - 1), 0)
    hop_x, hop_z, next_x, next_z = FAR, FAR, FAR, FAR
    if abs(dx) >= 1e-12:
        hop_x = 1.0 / abs(dx)
        next_x = (cx + (dx > 0.0) - ex) / dx
    if abs(dz) >= 1e-12:
        hop_z = 1.0 / abs(dz)
        next_z = (cz + (dz > 0.0) - ez) / dz
    layers = blocks.shape[1]
    layer = row_of(ey + dy * t0, layers)
    while True:
        t1 = min(next_x, next_z)
        leaving = row_of(ey + dy * t1, layers)
        crossed = between(min(layer, leaving), max(layer, leaving))
        if ((cubes[cx, cz] | odd[cx, cz]) & crossed) != 0 or beam[cx, cz] != 0:
            distance, face, block = hit(
                blocks, int(beam[cx, cz]), look, cx, cz, ex, ey, ez, dx, dy, dz, t0, t1, side
            )
            if face != NOTHING:
                paint(look, block, face, distance, cx, cz, ex, ey, ez, dx, dy, dz, out, row, column)
                return True
        t0, layer = t1, leaving
        if next_x < next_z:
            cx += 1 if dx > 0.0 else -1
            next_x += hop_x
            side = SIDE_X
        else:
            cz += 1 if dz > 0.0 else -1
            next_z += hop_z
            side = SIDE_Z
        if cx < 0 or cz < 0 or cx >= across or cz >= deep or t0 >= FAR:
            return False


@njit(cache=True, error_model="numpy")
def draw_any(blocks, cubes, odd, beam, look, ex, ey, ez, yaw, pitch, sun_x, sun_y, out):
    """Draws one frame; the arguments are those of `raycast.draw_level`, and the pitch."""
    height, width = out.shape[0], out.shape[1]
    if not (math.isfinite(ex + ey + ez) and math.isfinite(yaw + pitch)):
        # A pose that is no pose sees the sky: west of the world, looking west.
        ex, ey, ez, yaw, pitch = -1.0, 0.0, 0.0, 90.0, 0.0
    sine, cosine = math.sin(math.radians(yaw)), math.cos(math.radians(yaw))
    dip, flat = math.sin(math.radians(pitch)), math.cos(math.radians(pitch))
    for row in range(height):
        up = HALF * (1.0 - (2 * row + 1) / height)
        ahead, dy = flat + up * dip, up * flat - dip
        for column in range(width):
            right = HALF * (2 * column + 1 - width) / height
            dx, dz = -sine * ahead - right * cosine, cosine * ahead - right * sine
            if not _trace(blocks, cubes, odd, beam, look, ex, ey, ez, dx, dy, dz, out, row, column):
                if sky.in_sun(dx, dy, dz, sun_x, sun_y):
                    for channel in range(3):
                        out[row, column, channel] = look.sun[channel]
                else:
                    level = sky.level(dx, dy, dz)
                    for channel in range(3):
                        out[row, column, channel] = look.sky[level, channel]
