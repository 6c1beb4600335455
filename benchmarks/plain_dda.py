"""The reference renderer: one plain 3-D DDA per pixel.

It draws the frames of `backends.voxel` from the same boxes, textures and light, compiled in the
same way; it shares the colouring of a pixel and none of the ray casting.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.backends.voxel.render.cell import paint, texel
from minecraft_tasks.backends.voxel.render.rays import paint_sky
from minecraft_tasks.backends.voxel.scene import sky
from minecraft_tasks.backends.voxel.scene.scene import (
    BEAM,
    BOTTOM,
    BOXES,
    CUBE,
    EAST,
    NORTH,
    SOUTH,
    TOP,
    WEST,
    one,
)
from minecraft_tasks.physics.compiled import inner, inner_call
from minecraft_tasks.physics.motion import EYE

FAR = 1e30
HALF = math.tan(math.radians(sky.FIELD_OF_VIEW) / 2.0)


@inner
def _face(axis, direction):
    """The face that a ray enters through along an axis."""
    if axis == 0:
        return WEST if direction > 0 else EAST
    if axis == 1:
        return TOP if direction < 0 else BOTTOM
    return NORTH if direction > 0 else SOUTH


@inner
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


@inner
def _cell(position, size):
    return int(min(max(math.floor(position), 0.0), size - 1.0))


@inner
def _meet(world, look, whole, ex, ey, ez, dx, dy, dz):
    """(distance, face, cell x, y, z) of the first face that a ray meets."""
    t, axis = 0.0, -1
    size_x, size_y, size_z = world.blocks.shape
    if not (0 <= ex < size_x and 0 <= ey < size_y and 0 <= ez < size_z):
        t, axis = _enter(whole, 0, 0, ex, ey, ez, dx, dy, dz)
        if axis < 0:
            return FAR, -1, 0, 0, 0
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
        block = world.blocks[cx, cy, cz]
        if block != 0:
            kind = look.kind[block]
            if kind == CUBE and axis >= 0:
                along = dx if axis == 0 else (dy if axis == 1 else dz)
                return t, _face(axis, along), cx, cy, cz
            if kind == BOXES:
                near, near_face = FAR, -1
                for slot in range(look.counts[block]):
                    x, y, z = ex - cx, ey - cy, ez - cz
                    enter, side = _enter(look.boxes, block, slot, x, y, z, dx, dy, dz)
                    if enter < near:
                        face = _face(side, dx if side == 0 else (dy if side == 1 else dz))
                        u, v = texel(face, x + dx * enter, y + dy * enter, z + dz * enter)
                        if not look.holes[block, face, u, v]:
                            near, near_face = enter, face
                if near_face >= 0:
                    return near, near_face, cx, cy, cz
        if next_x < next_y and next_x < next_z:
            t, axis = next_x, 0
            cx += step_x
            next_x += hop_x
            if cx < 0 or cx >= size_x:
                break
        elif next_y < next_z:
            t, axis = next_y, 1
            cy += step_y
            next_y += hop_y
            if cy < 0 or cy >= size_y:
                break
        else:
            t, axis = next_z, 2
            cz += step_z
            next_z += hop_z
            if cz < 0 or cz >= size_z:
                break
    return FAR, -1, 0, 0, 0


@inner
def _pixel(world, look, whole, beams, level, ex, ey, ez, dx, dy, dz, out, row, column):
    """Paints one pixel: the beam, the block, the sun or the sky."""
    distance, face, cx, cy, cz = _meet(world, look, whole, ex, ey, ez, dx, dy, dz)
    for i in range(beams.shape[1]):
        if _enter(beams, level, i, ex, ey, ez, dx, dy, dz)[0] < distance:
            distance, face = 0.0, BEAM
    if face < 0:
        paint_sky(world, look, dx, dy, dz, out, row, column)
    else:
        paint(world, look, face, distance, cx, cy, cz, ex, ey, ez, dx, dy, dz, out, row, column)


@inner_call
def draw(world, look, whole, beams, level, ex, ey, ez, yaw, pitch, out):
    """Draws one frame.

    Args:
        world: `scene.Scene` of one world.
        look: `scene.Look`.
        whole: float64[1, 1, 6] box of the whole array.
        beams: float64[N, K, 6] boxes of every level's beams.
        level: Which of the N levels this is.
        ex, ey, ez: Eye.
        yaw, pitch: Degrees.
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
                world, look, whole, beams, level, ex, ey, ez,
                -sine * ahead - right * cosine, up * flat - dip, cosine * ahead - right * sine,
                out, row, column,
            )  # fmt: skip


@njit(cache=True)
def draw_all(scene, look, whole, beams, eyes, yaw, pitch, out):
    """Draws N frames uint8[N, H, W, 3] of N worlds; arguments as `draw`'s, with an axis N."""
    for i in range(out.shape[0]):
        draw(
            one(scene, i), look, whole, beams, i, eyes[i, 0], eyes[i, 1], eyes[i, 2],
            yaw[i], pitch[i], out[i],
        )  # fmt: skip


def render(engine: VoxelBackend, out: np.ndarray) -> None:
    """Draws `VoxelBackend.frames` of an engine, without figures, into uint8[N, H, W, 3]."""
    blocks, look = engine.blocks, engine.look
    whole = np.array([[[0, 0, 0, *blocks.shape[1:]]]], np.float64)
    layers = blocks.shape[2]
    over_all = layers - 1 - (blocks[:, :, ::-1] != 0).argmax(axis=2)
    top = np.take_along_axis(blocks, over_all[:, :, None], axis=2)[:, :, 0]
    cells = [np.argwhere(look.beacon[level]) for level in top]
    beams = np.zeros((len(blocks), max(map(len, cells)), 6))
    for beam, height, cell in zip(beams, over_all, cells, strict=True):
        x, z = cell.T
        low = np.column_stack([x + 0.3, height[x, z] + 1.0, z + 0.3])
        beam[: len(cell), :3] = low
        beam[: len(cell), 3:] = np.add(low, (0.4, 1e9, 0.4))
    eyes = np.add(engine.position, (0, EYE, 0))
    draw_all(engine.scene, look, whole, beams, eyes, engine.yaw, engine.pitch, out)
