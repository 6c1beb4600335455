"""Block light, sky light and ambient occlusion, baked once per level.

Levels run from 0 to 15 as in Minecraft: 15 for open sky, its own level for an emitter, and light
loses 1 per step, or more in blocks that dim it. The brightness by level and time of day is
that of Minecraft 1.11's `World.getSunBrightness`, `WorldProvider` and lightmap at the lowest gamma,
without its tint. Corners are darkened as by its smooth lighting.
"""

from __future__ import annotations

import numpy as np

from minecraft_tasks.backends.voxel.scene.bits import POSITIVE, lowest
from minecraft_tasks.physics.compiled import inner, inner_call, njit
from minecraft_tasks.worlds.world import sun_direction

OPAQUE_SHARE = 0.2
"""Weight of an opaque cell at a corner; that of an open cell is 1."""

CURVE = np.array([(level / 15.0) / (4.0 - 3.0 * level / 15.0) for level in range(16)])
"""Brightness of a light level."""

_STEPS = ((-1, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0), (0, 0, -1), (0, 0, 1))


def daylight(time: int) -> float:
    """Brightness of sky light at a time of day in ticks, 0.2 to 1."""
    height = sun_direction(time)[1]
    return 0.2 + 0.8 * min(max(2.0 * height + 0.2, 0.0), 1.0)


def sky_brightness(time: int) -> int:
    """Brightness of the sky itself at a time of day in ticks, 0 to 256."""
    height = sun_direction(time)[1]
    return round(256 * min(max(2.0 * height + 0.5, 0.0), 1.0))


@inner_call
def brightness(sky, block, day):
    """Brightness 0 to 255 of a cell with levels of sky and block light, in float64."""
    both = CURVE[sky] * (0.95 * day + 0.05) + 1.5 * CURVE[block]
    return 255.0 * (0.96 * min(both, 1.0) + 0.03) / 0.99


@inner_call
def _flood(blocks, dims, levels, queue, waiting, count):
    """Spreads light from the `count` cells at the front of a ring of cells."""
    across, layers, deep = blocks.shape
    first = 0
    while count > 0:
        cell = queue[first]
        first = first + 1 if first + 1 < len(queue) else 0
        count -= 1
        x, y, z = cell >> 16, (cell >> 8) & 255, cell & 255
        waiting[x, y, z] = False
        level = levels[x, y, z]
        for step_x, step_y, step_z in _STEPS:
            nx, ny, nz = x + step_x, y + step_y, z + step_z
            if 0 <= nx < across and 0 <= ny < layers and 0 <= nz < deep:
                reached = level - max(dims[blocks[nx, ny, nz]], 1)
                if reached > levels[nx, ny, nz]:
                    levels[nx, ny, nz] = reached
                    if reached > 1 and not waiting[nx, ny, nz]:
                        waiting[nx, ny, nz] = True
                        last = first + count
                        last -= len(queue) if last >= len(queue) else 0
                        queue[last] = (nx << 16) | (ny << 8) | nz
                        count += 1


@inner_call
def _open_sky(blocks, dims, levels, low, queue, waiting):
    """Lights the cells under the open sky; returns the number of cells that can light others."""
    across, layers, deep = blocks.shape
    for x in range(across):
        for z in range(deep):
            y = layers
            while y > 0 and dims[blocks[x, y - 1, z]] == 0:
                y -= 1
                levels[x, y, z] = 15
            low[x, z] = y
    count = 0
    for x in range(across):
        for z in range(deep):
            if low[x, z] == layers:
                # Blocks in the top layer are lit from above.
                level = 15 - dims[blocks[x, layers - 1, z]]
                if level > 0:
                    levels[x, layers - 1, z] = level
                    waiting[x, layers - 1, z] = True
                    queue[count] = (x << 16) | ((layers - 1) << 8) | z
                    count += 1
            # The lowest open cell lights the cells below it.
            shaded = low[x, z] + 1 if low[x, z] > 0 else 0
            for nx, nz in ((x - 1, z), (x + 1, z), (x, z - 1), (x, z + 1)):
                if 0 <= nx < across and 0 <= nz < deep:
                    shaded = max(shaded, low[nx, nz])
            for y in range(low[x, z], min(shaded, layers)):
                waiting[x, y, z] = True
                queue[count] = (x << 16) | (y << 8) | z
                count += 1
    return count


@inner_call
def _emitters(blocks, emits, levels, queue, waiting):
    """Lights the cells that emit light; returns their number."""
    across, layers, deep = blocks.shape
    count = 0
    for x in range(across):
        for y in range(layers):
            for z in range(deep):
                level = emits[blocks[x, y, z]]
                if level > 0:
                    levels[x, y, z] = level
                    waiting[x, y, z] = True
                    queue[count] = (x << 16) | (y << 8) | z
                    count += 1
    return count


@inner_call
def _corner(cubes, light, ax, ay, az, bx, by, bz, x, y, z):
    """Brightness of the corner that cell (x, y, z) shares with three cells before it.

    The others lie at -a, -b and -a-b. Of two open cells that touch only along an edge, one counts.
    """
    across, layers, deep = light.shape
    inside, open_cells, total = 0, 0, 0.0
    pattern = 0
    for i in range(2):
        for j in range(2):
            cx, cy, cz = x - i * ax - j * bx, y - i * ay - j * by, z - i * az - j * bz
            if 0 <= cx < across and 0 <= cy < layers and 0 <= cz < deep:
                inside += 1
                if (cubes[cx, cz] >> cy) & 1 == 0:
                    open_cells += 1
                    total += light[cx, cy, cz]
                    pattern |= 1 << (2 * i + j)
    if open_cells == 0:
        return 0
    mean = total / open_cells
    if inside == 4 and (pattern == 0b1001 or pattern == 0b0110):
        open_cells = 1
    share = (open_cells + OPAQUE_SHARE * (inside - open_cells)) / inside
    return int(mean * share + 0.5)


@inner
def _at(masks, x, z):
    """The mask of a column, 0 beyond the world."""
    inside = 0 <= x < masks.shape[0] and 0 <= z < masks.shape[1]
    return masks[x, z] if inside else np.int64(0)


@inner
def _points(cells, marks):
    """Heights of the points around cells with a marked neighbour."""
    return (cells | (cells << 1)) & (marks | (marks << 1))


@inner_call
def _smooth(cubes, light, full, marks, corners):
    """Fills `corners` with `full`, except for points near a marked cell and before a face."""
    across, layers, deep = light.shape
    corners[:] = full
    for x in range(across + 1):
        for z in range(deep + 1):
            near = _at(marks, x, z) | _at(marks, x - 1, z)
            near |= _at(marks, x, z - 1) | _at(marks, x - 1, z - 1)
            floors = np.int64(0)
            for i in range(2):
                for j in range(2):
                    column = _at(cubes, x - i, z - j)
                    floors |= ((column << 1) | ((column >> 1) & POSITIVE)) & ~column
            rest = near & floors
            while rest != 0:
                y = lowest(rest)
                rest &= rest - 1
                if y < layers:
                    corners[1, x, y + 1, z] = _corner(cubes, light, 1, 0, 0, 0, 0, 1, x, y, z)
            if x < across:
                walls = np.int64(0)
                for j in range(2):
                    beside = _at(cubes, x - 1, z - j) | _at(cubes, x + 1, z - j)
                    walls |= beside & ~_at(cubes, x, z - j)
                rest = _points(walls, _at(marks, x, z) | _at(marks, x, z - 1))
                while rest != 0:
                    y = lowest(rest)
                    rest &= rest - 1
                    corners[0, x + 1, y, z] = _corner(cubes, light, 0, 1, 0, 0, 0, 1, x, y, z)
                if walls < 0:
                    corners[0, x + 1, 64, z] = _corner(cubes, light, 0, 1, 0, 0, 0, 1, x, 64, z)
            if z < deep:
                walls = np.int64(0)
                for j in range(2):
                    beside = _at(cubes, x - j, z - 1) | _at(cubes, x - j, z + 1)
                    walls |= beside & ~_at(cubes, x - j, z)
                rest = _points(walls, _at(marks, x, z) | _at(marks, x - 1, z))
                while rest != 0:
                    y = lowest(rest)
                    rest &= rest - 1
                    corners[2, x, y, z + 1] = _corner(cubes, light, 0, 1, 0, 1, 0, 0, x, y, z)
                if walls < 0:
                    corners[2, x, 64, z + 1] = _corner(cubes, light, 0, 1, 0, 1, 0, 0, x, 64, z)


@njit(cache=True)
def bake(blocks, cubes, emits, dims, day, light, corners):
    """Lights one level.

    A face of a full block is as bright as the cells in front of it. Its corners are kept by
    axis and by the layer of those cells: ``corners[0, x + 1, y, z]`` at the point (y, z) before
    a west or east face whose front cells have that x, ``corners[1, x, y + 1, z]`` before a
    bottom or top, ``corners[2, x, y, z + 1]`` before a north or south face.

    Args:
        blocks: uint8[X, Y, Z] palette ids.
        cubes: int64[X, Z], bit y set where a full block is.
        emits, dims: uint8[B], light that a block emits, and that is lost in it.
        day: Brightness of sky light, 0 to 1.
        light: uint8[X, Y, Z] brightness of every cell, written to.
        corners: uint8[3, X + 2, Y + 2, Z + 2] brightness of corners, written to.
    """
    across, layers, deep = blocks.shape
    queue = np.empty(blocks.size, np.int64)
    waiting = np.zeros(blocks.shape, np.bool_)
    sky = np.zeros(blocks.shape, np.int8)
    block = np.zeros(blocks.shape, np.int8)
    low = np.empty((across, deep), np.int64)
    _flood(blocks, dims, sky, queue, waiting, _open_sky(blocks, dims, sky, low, queue, waiting))
    _flood(blocks, dims, block, queue, waiting, _emitters(blocks, emits, block, queue, waiting))
    table = np.empty((16, 16), np.uint8)
    for i in range(16):
        for j in range(16):
            table[i, j] = int(brightness(i, j, day) + 0.5)
    full = table[15, 0]
    marks = np.zeros((across, deep), np.int64)
    for x in range(across):
        for z in range(deep):
            mark = cubes[x, z]
            for y in range(layers):
                value = table[sky[x, y, z], block[x, y, z]]
                light[x, y, z] = value
                if value != full:
                    mark |= np.int64(1) << y
            marks[x, z] = mark
    _smooth(cubes, light, full, marks, corners)
