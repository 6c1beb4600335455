"""The renderer that anyone would write first: one 3-D DDA per pixel. The yardstick.

It draws the picture of `backends.voxel` from the same textures, boxes, sky, sun and beam,
and shares none of its ray casting.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from minecraft_tasks.backends.voxel import sky
from minecraft_tasks.backends.voxel.physics import EYE
from minecraft_tasks.backends.voxel.scene import BOXES, CUBE, Look
from minecraft_tasks.world import sun_direction

FAR = 1e30
HALF = math.tan(math.radians(sky.FIELD_OF_VIEW) / 2.0)


@njit(cache=True, error_model="numpy", forceinline=True)
def _enter(boxes, row, slot, ox, oy, oz, dx, dy, dz):
    """(distance, axis) at which a ray from outside enters a box, or (FAR, -1)."""
    enter, leave, axis = 0.0, FAR, -1
    for i in range(3):
        origin = ox if i == 0 else (oy if i == 1 else oz)
        direction = dx if i == 0 else (dy if i == 1 else dz)
        if abs(direction) < 1e-12:
            if not boxes[row, slot, i] < origin < boxes[row, slot, i + 3]:
                return FAR, -1
            continue
        a, b = (
            (boxes[row, slot, i] - origin) / direction,
            (boxes[row, slot, i + 3] - origin) / direction,
        )
        if min(a, b) > enter:
            enter, axis = min(a, b), i
        leave = min(leave, max(a, b))
    if axis < 0 or enter >= leave:
        return FAR, -1
    return enter, axis


@njit(cache=True, error_model="numpy", forceinline=True)
def _cell(position, size):
    return int(min(max(math.floor(position), 0.0), size - 1.0))


@njit(cache=True, error_model="numpy", forceinline=True)
def _meet(blocks, look, world, ex, ey, ez, dx, dy, dz):
    """(distance, axis, block, cell x, y, z) of the first face that a ray meets."""
    t, axis = 0.0, -1
    size_x, size_y, size_z = blocks.shape
    if not (0 <= ex < size_x and 0 <= ey < size_y and 0 <= ez < size_z):
        t, axis = _enter(world, 0, 0, ex, ey, ez, dx, dy, dz)
        if axis < 0:
            return FAR, -1, 0, 0, 0, 0
    cx, cy = _cell(ex + dx * t, size_x), _cell(ey + dy * t, size_y)
    cz = _cell(ez + dz * t, size_z)
    step_x, step_y, step_z = (1 if dx > 0 else -1), (1 if dy > 0 else -1), (1 if dz > 0 else -1)
    next_x = (cx + (dx > 0) - ex) / dx if dx != 0.0 else FAR
    next_y = (cy + (dy > 0) - ey) / dy if dy != 0.0 else FAR
    next_z = (cz + (dz > 0) - ez) / dz if dz != 0.0 else FAR
    hop_x = abs(1.0 / dx) if dx != 0.0 else FAR
    hop_y = abs(1.0 / dy) if dy != 0.0 else FAR
    hop_z = abs(1.0 / dz) if dz != 0.0 else FAR
    while True:
        block = blocks[cx, cy, cz]
        if block != 0:
            kind = look.kind[block]
            if kind == CUBE and axis >= 0:
                return t, axis, block, cx, cy, cz
            if kind == BOXES:
                near, near_axis = FAR, -1
                for slot in range(look.counts[block]):
                    enter, entered = _enter(
                        look.boxes, block, slot, ex - cx, ey - cy, ez - cz, dx, dy, dz
                    )
                    if enter < near:
                        near, near_axis = enter, entered
                if near_axis >= 0:
                    return near, near_axis, block, cx, cy, cz
        if next_x < next_y and next_x < next_z:
            t, axis = next_x, 0
            cx += step_x
            next_x += hop_x
            if cx < 0 or cx >= blocks.shape[0]:
                break
        elif next_y < next_z:
            t, axis = next_y, 1
            cy += step_y
            next_y += hop_y
            if cy < 0 or cy >= blocks.shape[1]:
                break
        else:
            t, axis = next_z, 2
            cz += step_z
            next_z += hop_z
            if cz < 0 or cz >= blocks.shape[2]:
                break
    return FAR, -1, 0, 0, 0, 0


@njit(cache=True, error_model="numpy", forceinline=True)
def _pixel(
    blocks, look, world, beams, level, sun_x, sun_y, ex, ey, ez, dx, dy, dz, out, row, column
):
    """Paints one pixel: the beam, the block, the sun or the sky."""
    distance, axis, block, cx, cy, cz = _meet(blocks, look, world, ex, ey, ez, dx, dy, dz)
    for i in range(beams.shape[1]):
        if _enter(beams, level, i, ex, ey, ez, dx, dy, dz)[0] < distance:
            for channel in range(3):
                out[row, column, channel] = look.beam[channel]
            return
    if axis < 0:
        along = dx * sun_x + dy * sun_y
        reach = along * sky.SUN_HALF_WIDTH
        if along > 0 and abs(dz) <= reach and abs(dx * sun_y - dy * sun_x) <= reach:
            for channel in range(3):
                out[row, column, channel] = look.sun[channel]
            return
        rise = dy / math.sqrt(dx * dx + dy * dy + dz * dz)
        shade = int((rise + 1.0) / 2.0 * (look.sky.shape[0] - 1) + 0.5)
        for channel in range(3):
            out[row, column, channel] = look.sky[shade, channel]
        return
    x, y, z = ex + dx * distance - cx, ey + dy * distance - cy, ez + dz * distance - cz
    if axis == 0:
        face, u, v = 1, (z if dx > 0 else 1.0 - z), 1.0 - y
    elif axis == 2:
        face, u, v = 0, (1.0 - x if dz > 0 else x), 1.0 - y
    else:
        face, u, v = (2 if dy < 0 else 3), x, z
    across, along = int(min(max(u * 16, 0.0), 15.0)), int(min(max(v * 16, 0.0), 15.0))
    for channel in range(3):
        out[row, column, channel] = look.atlas[block, face, across, along, channel]


@njit(cache=True, error_model="numpy")
def draw(blocks, look, world, beams, level, ex, ey, ez, yaw, pitch, sun_x, sun_y, out):
    """Draws one frame.

    Args:
        blocks: uint8[X, Y, Z].
        look: `scene.Look`.
        world: float64[1, 1, 6] box of the whole array.
        beams: float64[N, K, 6] boxes of every level's beams.
        level: Which of the N levels this is.
        ex, ey, ez: Eye.
        yaw, pitch: Degrees.
        sun_x, sun_y: Direction of the sun.
        out: uint8[H, W, 3].
    """
    height, width = out.shape[0], out.shape[1]
    sine, cosine = math.sin(math.radians(yaw)), math.cos(math.radians(yaw))
    dip, flat = math.sin(math.radians(pitch)), math.cos(math.radians(pitch))
    for row in range(height):
        up = HALF * (1.0 - (2 * row + 1) / height)
        for column in range(width):
            right = HALF * (2 * column + 1 - width) / height
            ahead = flat + up * dip
            _pixel(
                blocks, look, world, beams, level, sun_x, sun_y, ex, ey, ez,
                -sine * ahead - right * cosine, up * flat - dip, cosine * ahead - right * sine,
                out, row, column,
            )  # fmt: skip


@njit(cache=True)
def draw_all(blocks, look, world, beams, eyes, yaw, pitch, sun, out):
    """Draws N frames uint8[N, H, W, 3] of N worlds; arguments as `draw`'s, with an axis N."""
    for i in range(out.shape[0]):
        draw(
            blocks[i], look, world, beams, i, eyes[i, 0], eyes[i, 1], eyes[i, 2],
            yaw[i], pitch[i], sun[i, 0], sun[i, 1], out[i],
        )  # fmt: skip


def render(
    blocks: np.ndarray,
    look: Look,
    feet: np.ndarray,
    yaw: np.ndarray,
    pitch: np.ndarray,
    time: np.ndarray,
    out: np.ndarray,
) -> None:
    """What N bodies see, as `VoxelBackend.frames` draws it.

    Args:
        blocks: uint8[N, X, Y, Z].
        look: `scene.Look`.
        feet: float64[N, 3].
        yaw, pitch: float64[N] degrees.
        time: int64[N] time of day in ticks.
        out: uint8[N, H, W, 3].
    """
    world = np.array([[[0, 0, 0, *blocks.shape[1:]]]], np.float64)
    cells = [np.argwhere(look.beacon[level]).astype(np.float64) for level in blocks]
    beams = np.zeros((len(blocks), max(map(len, cells)), 6))
    for beam, cell in zip(beams, cells, strict=True):
        beam[: len(cell), :3] = np.add(cell, (0.3, 1.0, 0.3))
        beam[: len(cell), 3:] = np.add(cell, (0.7, 1e9, 0.7))
    sun = np.array([sun_direction(ticks)[:2] for ticks in time.tolist()])
    draw_all(blocks, look, world, beams, np.add(feet, (0, EYE, 0)), yaw, pitch, sun, out)
