"""The states of navigation, and the state to which walking leads from each of them.

A state is a place on a lattice of half a block, and one of the headings that turns lead to.
From a standing start the forward action is simulated tick by tick, coasting included; a turn
stays in place.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from minecraft_tasks.physics.collision import BODY_HEIGHT, HALF_WIDTH, STEP_HEIGHT, shapes
from minecraft_tasks.physics.compiled import njit, prange
from minecraft_tasks.physics.motion import STANDING_FALL, Body, decide

SPACING = 0.5
HEADINGS = 24
"""Headings of a task that turns by 15 degrees."""

COASTING = 5
"""Ticks in which a body without keys comes nearly to rest."""

REACH = 2
"""Lattice steps that do not lead through any wall but a fence or a pane."""

HEIGHTS = (1.0, 1.5, 2.0, 3.0, 4.0)
"""Heights of standing feet: on the ground, a slab, a block, two, three."""


class Lattice(NamedTuple):
    """The states of a world, and the results of the forward action.

    Attributes:
        height: float64[GX, GZ] height of standing feet; NaN where no body can stand.
        reached: float64[GX, GZ, H, 3] feet after one forward decision and coasting.
    """

    height: np.ndarray
    reached: np.ndarray


@njit(cache=True)
def _free(blocks, shapes, x, y, z):
    """Whether a body fits with its feet at (x, y, z)."""
    gap = 1e-6
    x0, x1, z0, z1 = x - HALF_WIDTH, x + HALF_WIDTH, z - HALF_WIDTH, z + HALF_WIDTH
    for cx in range(math.floor(x0 + gap), math.floor(x1 - gap) + 1):
        for cz in range(math.floor(z0 + gap), math.floor(z1 - gap) + 1):
            if cx < 0 or cz < 0 or cx >= blocks.shape[0] or cz >= blocks.shape[2]:
                return False
            # A fence reaches half a block into the cell above it.
            for cy in range(math.floor(y + gap) - 1, math.floor(y + BODY_HEIGHT - gap) + 1):
                if cy < 0 or cy >= blocks.shape[1]:
                    continue
                block = blocks[cx, cy, cz]
                for slot in range(shapes.counts[block]):
                    box = shapes.boxes[block, slot]
                    if (
                        cx + box[0] < x1 - gap
                        and cx + box[3] > x0 + gap
                        and cy + box[1] < y + BODY_HEIGHT - gap
                        and cy + box[4] > y + gap
                        and cz + box[2] < z1 - gap
                        and cz + box[5] > z0 + gap
                    ):
                        return False
    return True


@njit(cache=True)
def coast(blocks, shapes, body, yaw):
    """The `Body` after `COASTING` ticks without keys."""
    for _ in range(COASTING):
        body, _ = decide(blocks, shapes, body, yaw, 0, 0, False, 0.0, 1)
    return body


@njit(cache=True)
def forward(blocks, shapes, x, y, z, yaw, ticks):
    """The `Body` after one forward decision from a stand at (x, y, z), and coasting."""
    body = Body(x, y, z, 0.0, STANDING_FALL, 0.0, True, 0)
    body, _ = decide(blocks, shapes, body, yaw, 1, 0, False, 0.0, ticks)
    return coast(blocks, shapes, body, yaw)


@njit(cache=True)
def _open_towards(height, i, k, dx, dz):
    """Whether the box from a lattice point to the offset (dx, dz) holds flat ground only."""
    low_i, high_i = i + math.floor(min(dx, 0.0) / SPACING), i + math.ceil(max(dx, 0.0) / SPACING)
    low_k, high_k = k + math.floor(min(dz, 0.0) / SPACING), k + math.ceil(max(dz, 0.0) / SPACING)
    if low_i < 0 or low_k < 0 or high_i >= height.shape[0] or high_k >= height.shape[1]:
        return False
    for a in range(low_i, high_i + 1):
        for b in range(low_k, high_k + 1):
            if height[a, b] != HEIGHTS[0]:
                return False
    return True


@njit(cache=True, parallel=True)
def _heights(blocks, shapes, height):
    nx, nz = height.shape
    for i in prange(nx):
        for k in range(nz):
            height[i, k] = np.nan
            for y in HEIGHTS:
                if _free(blocks, shapes, i * SPACING, y, k * SPACING):
                    height[i, k] = y
                    break


@njit(cache=True)
def _keep_within_reach(height, x, y, z):
    """Drops places that are out of reach from a start; the test is necessary, not sufficient.

    A walk passes a place at least every `REACH` steps, and steps up by `STEP_HEIGHT` at most.
    """
    nx, nz = height.shape
    known = np.zeros((nx, nz), np.bool_)
    pending = [(int(round(x / SPACING)), int(round(z / SPACING)), y)]
    while len(pending) > 0:
        i, k, level = pending.pop()
        for a in range(max(0, i - REACH), min(nx, i + REACH + 1)):
            for b in range(max(0, k - REACH), min(nz, k + REACH + 1)):
                if not known[a, b] and height[a, b] <= level + STEP_HEIGHT:
                    known[a, b] = True
                    pending.append((a, b, height[a, b]))
    for i in range(nx):
        for k in range(nz):
            if not known[i, k]:
                height[i, k] = np.nan


@njit(cache=True, parallel=True)
def _lattice(blocks, shapes, ticks, height, reached):
    nx, nz = height.shape
    headings = reached.shape[2]
    degrees = 360.0 / headings
    stride = np.zeros((headings, 2))
    empty = np.zeros((9, 3, 9), np.uint8)
    empty[:, 0, :] = shapes.outside
    for heading in range(headings):
        body = forward(empty, shapes, 4.5, 1.0, 4.5, heading * degrees, ticks)
        stride[heading, 0], stride[heading, 1] = body.x - 4.5, body.z - 4.5
    for i in prange(nx):
        for k in range(nz):
            x, y, z = i * SPACING, height[i, k], k * SPACING
            if math.isnan(y):
                continue
            for heading in range(headings):
                dx, dz = stride[heading, 0], stride[heading, 1]
                if y == HEIGHTS[0] and _open_towards(height, i, k, dx, dz):
                    reached[i, k, heading, 0] = x + dx
                    reached[i, k, heading, 1] = y
                    reached[i, k, heading, 2] = z + dz
                else:
                    body = forward(blocks, shapes, x, y, z, heading * degrees, ticks)
                    reached[i, k, heading, 0] = body.x
                    reached[i, k, heading, 1] = body.y
                    reached[i, k, heading, 2] = body.z


def make_lattice(
    blocks: np.ndarray,
    ticks: int = 4,
    headings: int = HEADINGS,
    start: tuple[float, float, float] | None = None,
) -> Lattice:
    """Simulates the forward action from every state of a world.

    Args:
        blocks: uint8[X, Y, Z] palette ids.
        ticks: Game ticks per decision.
        headings: H, from yaw 0 onwards at equal angles; see `TaskSpec.headings`.
        start: Feet x, y, z of the body, to leave out places that it cannot reach.
    """
    size = [int(side / SPACING) + 1 for side in (blocks.shape[0], blocks.shape[2])]
    height = np.empty(size)
    reached = np.zeros((*size, headings, 3))
    _heights(blocks, shapes(), height)
    if start is not None:
        _keep_within_reach(height, *start)
    _lattice(blocks, shapes(), ticks, height, reached)
    return Lattice(height, reached)
