"""The renderer at pitch 0: one walk over the map for each column of the screen.

At pitch 0 a column of the screen is a vertical plane through the world. Its rays cross the same
map cells at the same distances, so the walk visits each cell once per column, nearest first, and
paints the rows that end on its faces. Masks hold the open rows of the screen and the layers with
blocks.

The distance t is depth along the gaze, so row r at depth t is at height eye + slope(r) * t,
and height h is seen at row middle + (eye - h) * scale / t.
"""

from __future__ import annotations

import math

import numpy as np

from minecraft_tasks.backends.voxel.render.camera import HALF
from minecraft_tasks.backends.voxel.render.cell import (
    FAR,
    blended,
    column_hit,
    paint,
    put,
    row_of,
    shades,
    span,
)
from minecraft_tasks.backends.voxel.scene import sky
from minecraft_tasks.backends.voxel.scene.bits import POSITIVE, highest, lowest, run
from minecraft_tasks.backends.voxel.scene.scene import (
    BOTTOM,
    EAST,
    NORTH,
    NOTHING,
    SOUTH,
    TOP,
    WEST,
)
from minecraft_tasks.physics.compiled import inner, inner_call

_BAND = 64
"""Rows walked together: the bits of one mask."""

_NEAR = 1e-9


@inner
def _cut(row):
    """Number of rows of a band at or above a row, inside the band or not."""
    return np.int64(min(max(row + 1.0, 0.0), 64.0))


@inner
def _layers_seen(ey):
    """Masks of the layers with visible tops and with visible bottoms, for an eye at height `ey`."""
    over = math.ceil(min(max(ey, 0.0), 65.0)) - 1
    tops = (np.int64(2) << (over - 1)) - 1 if over > 0 else np.int64(0)
    under = math.floor(min(max(ey, -1.0), 63.0)) + 1
    bottoms = np.int64(-1) << under if under < 64 else np.int64(0)
    return tops, bottoms


@inner
def _layers_in_view(ey, middle, count):
    """Mask of the layers that may show in rows 0 ... count - 1 of a band."""
    level = math.floor(min(max(ey, -1.0), 64.0))
    if middle > count - 1:
        return np.int64(-1) << max(level, 0) if level < 64 else np.int64(0)
    if middle < 0.0:
        return run(0, min(level + 1, 64)) if level >= 0 else np.int64(0)
    return np.int64(-1)


@inner
def _paint_side(
    world, look, side, cx, cy, cz, u, out, column, top, todo, first, end, start, slope
):  # fmt: skip
    """Paints one block's side: the texture's row grows by `slope` per screen row."""
    block = world.blocks[cx, cy, cz]
    k0, ku, kv, kuv = shades(world, look, block, side, cx, cy, cz)
    base, gain = k0 + (2 * u + 1) * ku, kv + (2 * u + 1) * kuv
    base += gain
    gain += gain
    for row in range(first, end):
        if (todo >> row) & 1:
            v = np.int64(start + slope * row) & 15
            put(out, top + row, column, look, block, side, u, v, (base + gain * v) >> 10)


@inner
def _paint_flat(
    world, look, face, cx, cy, cz, out, column, top, todo, first, end, x, z, dx, dz, depth, middle
):  # fmt: skip
    """Paints one block's top or bottom; row r meets its height at depth / (r - middle)."""
    block = world.blocks[cx, cy, cz]
    k0, ku, kv, kuv = shades(world, look, block, face, cx, cy, cz)
    for row in range(first, end):
        if (todo >> row) & 1:
            t = depth / (row - middle)
            u, v = np.int64(x + dx * t) & 15, np.int64(z + dz * t) & 15
            shade = blended(k0, ku, kv, kuv, u, v)
            put(out, top + row, column, look, block, face, u, v, shade)


@inner_call
def _paint_odd(
    world, look, out, column, top, still, cx, cz, ex, ey, ez, dx, dz, t0, t1, side, middle, scale
):
    """Paints a cell with odd shapes ray by ray; returns the rows that pass through it."""
    rest = still
    if world.beam[cx, cz] == 0:
        # Rows above all blocks of the column need no ray.
        tall = highest(world.cubes[cx, cz] | world.odd[cx, cz]) + 1.0 - ey
        first = _cut(middle - tall * scale / max(t1 if tall < 0.0 else t0, _NEAR) - 1.0)
        rest &= run(first, 64) if first < 64 else np.int64(0)
    while rest != 0:
        row = lowest(rest)
        rest &= rest - 1
        dy = (middle - row) / scale
        distance, face, cy = column_hit(world, look, cx, cz, ex, ey, ez, dx, dy, dz, t0, t1, side)
        if face != NOTHING:
            paint(
                world, look, face, distance, cx, cy, cz, ex, ey, ez, dx, dy, dz,
                out, top + row, column,
            )  # fmt: skip
            still &= ~(np.int64(1) << row)
    return still


@inner
def _paint_sky(world, look, out, column, top, still, dx, dz, middle, scale):
    """Dims the sky by the time of day, and paints the sun, in the rows that met nothing."""
    if world.day != 256:
        for row in range(_BAND):
            if (still >> row) & 1:
                for channel in range(3):
                    value = out[top + row, column, channel]
                    out[top + row, column, channel] = (value * world.day) >> 8
    sun_x, sun_y = world.sun[0], world.sun[1]
    if abs(sun_x * dz) > sky.SUN_REACH * math.sqrt(dx * dx + dz * dz):
        return
    while still != 0:
        row = lowest(still)
        still &= still - 1
        if sky.in_sun(dx, (middle - row) / scale, dz, sun_x, sun_y):
            for channel in range(3):
                out[top + row, column, channel] = look.sun[channel]


@inner
def _walk(world, look, out, column, top, still, seen, ex, ey, ez, dx, dz, middle, scale):
    """Walks over the map for one screen column; returns the open rows. `seen` masks the layers."""
    across, deep = world.cubes.shape
    x_in, x_out = span(ex, dx, 0.0, float(across))
    z_in, z_out = span(ez, dz, 0.0, float(deep))
    t0, t1 = max(x_in, z_in, 0.0), min(x_out, z_out)
    if not t0 < t1 < FAR:
        return still
    enters_x, enters_z = WEST if dx > 0.0 else EAST, NORTH if dz > 0.0 else SOUTH
    side = NOTHING
    if t0 > 0.0:
        side = enters_x if x_in > z_in else enters_z
    cx, cz = row_of(ex + dx * t0, across - 1), row_of(ez + dz * t0, deep - 1)
    cx, cz = max(cx, 0), max(cz, 0)
    step_x, step_z = (1 if dx > 0.0 else -1), (1 if dz > 0.0 else -1)
    hop_x, hop_z, next_x, next_z = FAR, FAR, FAR, FAR
    if abs(dx) >= 1e-12:
        hop_x = 1.0 / abs(dx)
        next_x = (cx + (dx > 0.0) - ex) / dx
    if abs(dz) >= 1e-12:
        hop_z = 1.0 / abs(dz)
        next_z = (cz + (dz > 0.0) - ez) / dz
    see_tops, see_bottoms = _layers_seen(ey)
    before = np.int64(0)
    s0 = scale / max(t0, _NEAR)
    while True:
        t1 = min(next_x, next_z)
        s1 = scale / max(t1, _NEAR)
        here = world.cubes[cx, cz] & seen
        if side == NOTHING:
            # A block around the eye is not seen.
            inside = row_of(ey, 64)
            if 0 <= inside < 64:
                here &= ~(np.int64(1) << inside)
        else:
            sides = here & ~before
            if sides != 0:
                across_x = side == enters_x
                u = ez + dz * t0 - cz if across_x else ex + dx * t0 - cx
                if side == EAST or side == NORTH:
                    u = 1.0 - u
                u = np.int64(min(max(u * 16.0, 0.0), 15.0))
                while sides != 0:
                    cy = lowest(sides)
                    sides &= sides - 1
                    first = _cut(middle + (ey - cy - 1.0) * s0)
                    end = _cut(middle + (ey - cy) * s0)
                    if first < end:
                        todo = still & run(first, end)
                        if todo != 0:
                            slope = 16.0 / s0
                            _paint_side(
                                world, look, side, cx, cy, cz, u, out, column, top,
                                todo, first, end, (cy + 1.0 - ey) * 16.0 - middle * slope, slope,
                            )  # fmt: skip
                            still &= ~todo
                if still == 0:
                    return still
        if world.odd[cx, cz] & seen != 0 or world.beam[cx, cz] != 0:
            still = _paint_odd(
                world, look, out, column, top, still, cx, cz, ex, ey, ez, dx, dz, t0, t1, side,
                middle, scale,
            )  # fmt: skip
        else:
            tops = here & ~((here >> 1) & POSITIVE) & see_tops
            while tops != 0:
                cy = highest(tops)
                tops ^= np.int64(1) << cy
                drop = ey - (cy + 1.0)
                first, end = _cut(middle + drop * s1), _cut(middle + drop * s0)
                if first < end:
                    todo = still & run(first, end)
                    if todo != 0:
                        _paint_flat(
                            world, look, TOP, cx, cy, cz, out, column, top, todo,
                            first, end, (ex - cx) * 16.0, (ez - cz) * 16.0,
                            dx * 16.0, dz * 16.0, drop * scale, middle,
                        )  # fmt: skip
                        still &= ~todo
            bottoms = here & ~(here << 1) & see_bottoms
            while bottoms != 0:
                cy = lowest(bottoms)
                bottoms &= bottoms - 1
                drop = ey - cy
                first, end = _cut(middle + drop * s0), _cut(middle + drop * s1)
                if first < end:
                    todo = still & run(first, end)
                    if todo != 0:
                        _paint_flat(
                            world, look, BOTTOM, cx, cy, cz, out, column, top, todo,
                            first, end, (ex - cx) * 16.0, (ez - cz) * 16.0,
                            dx * 16.0, dz * 16.0, drop * scale, middle,
                        )  # fmt: skip
                        still &= ~todo
        if still == 0:
            return still
        before, t0, s0 = here, t1, s1
        if next_x < next_z:
            cx += step_x
            if cx < 0 or cx >= across:
                return still
            next_x += hop_x
            side = enters_x
        else:
            cz += step_z
            if cz < 0 or cz >= deep:
                return still
            next_z += hop_z
            side = enters_z


@inner_call
def draw_level(world, look, camera, taken, out):
    """Draws one frame at pitch 0 over a sky.

    Args:
        world: `scene.Scene` of one world.
        look: `scene.Look`.
        camera: `camera.Camera`, whose pitch is 0.
        taken: bool[H, W] pixels to keep, or of size 0.
        out: uint8[H, W, 3], drawn into; it holds `sky.level_gaze`.
    """
    height, width = out.shape[0], out.shape[1]
    busy = taken.size > 0
    scale = height / (2.0 * HALF)
    for column in range(width):
        right = HALF * (2 * column + 1 - width) / height
        dx = -camera.sine - right * camera.cosine
        dz = camera.cosine - right * camera.sine
        for top in range(0, height, _BAND):
            middle = height / 2.0 - 0.5 - top
            count = min(height - top, _BAND)
            still = run(0, count)
            if busy:
                for row in range(count):
                    if taken[top + row, column]:
                        still &= ~(np.int64(1) << row)
            still = _walk(
                world, look, out, column, top, still, _layers_in_view(camera.y, middle, count),
                camera.x, camera.y, camera.z, dx, dz, middle, scale,
            )  # fmt: skip
            if still != 0:
                _paint_sky(world, look, out, column, top, still, dx, dz, middle, scale)
