"""What runs on a GPU: the engine's inner functions, a thread for each body or each pixel.

numba compiles `physics.decide_one`, `rays.draw_pixel` and all that they call for the device,
from the source that it compiles for the CPU.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import cuda as numba_cuda

from minecraft_tasks.backends.voxel.render.camera import Camera, camera
from minecraft_tasks.backends.voxel.render.rays import draw_pixel
from minecraft_tasks.backends.voxel.scene.scene import slot_view
from minecraft_tasks.physics.motion import EYE, STANDING_FALL, decide_one

cuda: Any = numba_cuda

TILE = 8
"""Side of the square of pixels that one block of threads draws. A warp draws half of it: near
rays walk past the same columns, and each finds what its neighbour has fetched."""

BODIES = 64
"""Bodies moved by one block of threads."""


class DeviceBodies(NamedTuple):
    """N bodies in the levels that they play.

    Attributes:
        level: int64[N] level of each slot.
        position: float64[N, 3] feet, in blocks.
        velocity: float64[N, 3] blocks per tick.
        yaw: float64[N] degrees in [-180, 180).
        pitch: float64[N] degrees, positive down.
        on_ground: bool[N].
        jump_wait: int64[N] ticks until a held jump key jumps again.
    """

    level: np.ndarray
    position: np.ndarray
    velocity: np.ndarray
    yaw: np.ndarray
    pitch: np.ndarray
    on_ground: np.ndarray
    jump_wait: np.ndarray


@cuda.jit
def begin(slots, levels, rows, spawn, bodies, figure):
    """Puts levels int64[K] into slots int64[K], where bodies stand at `spawn[rows]`.

    Args:
        slots, levels: int64[K].
        rows: int64[K] rows of `spawn`.
        spawn: float64[S, 5] feet x, y, z in blocks; yaw, pitch in degrees.
        bodies: `DeviceBodies`.
        figure: int64[N, F], of which the slots lose theirs.
    """
    k = cuda.grid(1)
    if k < slots.shape[0]:
        i, row = slots[k], rows[k]
        bodies.level[i] = levels[k]
        for axis in range(3):
            bodies.position[i, axis] = spawn[row, axis]
            bodies.velocity[i, axis] = 0.0
        bodies.velocity[i, 1] = STANDING_FALL
        bodies.yaw[i] = (spawn[row, 3] + 180.0) % 360.0 - 180.0
        bodies.pitch[i] = spawn[row, 4]
        bodies.on_ground[i] = True
        bodies.jump_wait[i] = 0
        for which in range(figure.shape[1]):
            figure[i, which] = -1


@cuda.jit
def stand(slots, kinds, stances, figure, stance):
    """Puts figures int64[K, F] at float64[K, F, 4] into slots int64[K]."""
    k = cuda.grid(1)
    if k < slots.shape[0]:
        i = slots[k]
        for which in range(figure.shape[1]):
            figure[i, which] = kinds[k, which]
            for axis in range(4):
                stance[i, which, axis] = stances[k, which, axis]


@cuda.jit
def act(blocks, shapes, bodies, actions, table, ticks):
    """One decision of every body.

    Args:
        blocks: uint8[L, X, Y, Z] of the levels.
        shapes: `collision.Shapes`.
        bodies: `DeviceBodies`.
        actions: int64[N] rows of `table`.
        table: `base.ActionTable`.
        ticks: Game ticks of the decision.
    """
    i = cuda.grid(1)
    if i < actions.shape[0]:
        a = actions[i]
        decide_one(
            i, blocks[bodies.level[i]], shapes, bodies.position, bodies.velocity,
            bodies.on_ground, bodies.jump_wait, bodies.yaw,
            table.forward[a], table.strafe[a], table.jump[a], table.turn[a], ticks,
        )  # fmt: skip


@cuda.jit
def aim(bodies, eyes):
    """Where every body looks from and to: float64[N, 7] as in `camera.Camera`."""
    i = cuda.grid(1)
    if i < eyes.shape[0]:
        eye = camera(
            bodies.position[i, 0], bodies.position[i, 1] + EYE, bodies.position[i, 2],
            bodies.yaw[i], bodies.pitch[i],
        )  # fmt: skip
        eyes[i, 0], eyes[i, 1], eyes[i, 2] = eye.x, eye.y, eye.z
        eyes[i, 3], eyes[i, 4] = eye.sine, eye.cosine
        eyes[i, 5], eyes[i, 6] = eye.dip, eye.flat


@cuda.jit
def draw_on_device(slots, scene, look, level, eyes, out):
    """Draws what the slots int64[K] see, one pixel in each thread, `tiles` blocks to a frame.

    Args:
        slots: int64[K].
        scene: `scene.Scene` of L levels, with the figures of N slots.
        look: `scene.Look`.
        level: int64[N] level of each slot.
        eyes: float64[N, 7] from `aim`.
        out: uint8[N, H, W, 3].
    """
    across = (out.shape[2] + TILE - 1) // TILE
    per_frame = (out.shape[1] + TILE - 1) // TILE * across
    block = cuda.blockIdx.x
    tile = block % per_frame
    row = tile // across * TILE + cuda.threadIdx.y
    column = tile % across * TILE + cuda.threadIdx.x
    if row < out.shape[1] and column < out.shape[2]:
        i = slots[block // per_frame]
        eye = Camera(
            eyes[i, 0], eyes[i, 1], eyes[i, 2], eyes[i, 3], eyes[i, 4], eyes[i, 5], eyes[i, 6]
        )
        draw_pixel(slot_view(scene, level[i], i), look, eye, out[i], row, column)


def tiles(height: int, width: int) -> int:
    """Blocks of threads that `draw_on_device` takes for one frame."""
    return -(-height // TILE) * -(-width // TILE)
