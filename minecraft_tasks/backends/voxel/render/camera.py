"""The camera: its pose, the ray of each pixel, and the pixels that a box may cover."""

from __future__ import annotations

import math
from typing import NamedTuple

from minecraft_tasks.backends.voxel.scene import sky
from minecraft_tasks.physics.compiled import inner, inner_call, njit

HALF = math.tan(math.radians(sky.FIELD_OF_VIEW) / 2.0)
NEAR = 1e-6
"""Least depth in blocks that is projected onto the screen."""

NOWHERE = (-1.0, 0.0, 0.0, 90.0, 0.0)
"""A pose that sees only sky, in place of NaN or infinity: west of every world, looking west."""


class Camera(NamedTuple):
    """Position and direction of the eye.

    Attributes:
        x, y, z: Eye, in blocks.
        sine, cosine: Of the yaw.
        dip, flat: Sine and cosine of the pitch.
    """

    x: float
    y: float
    z: float
    sine: float
    cosine: float
    dip: float
    flat: float


@njit(cache=True)
def camera(x, y, z, yaw, pitch):
    """The camera of an eye at (x, y, z) that looks along yaw and pitch in degrees."""
    if not (math.isfinite(x + y + z) and math.isfinite(yaw + pitch)):
        x, y, z, yaw, pitch = NOWHERE
    return Camera(
        x, y, z,
        math.sin(math.radians(yaw)), math.cos(math.radians(yaw)),
        math.sin(math.radians(pitch)), math.cos(math.radians(pitch)),
    )  # fmt: skip


@inner
def ray_direction(camera, height, width, row, column):
    """Ray (dx, dy, dz) through the middle of a pixel, with a depth of 1 block."""
    up = HALF * (1.0 - (2 * row + 1) / height)
    right = HALF * (2 * column + 1 - width) / height
    ahead, dy = camera.flat + up * camera.dip, up * camera.flat - camera.dip
    return (
        -camera.sine * ahead - right * camera.cosine,
        dy,
        camera.cosine * ahead - right * camera.sine,
    )


@inner
def within(value, most):
    """Any value, rounded down and clipped to 0 ... `most`."""
    return int(min(max(value, 0.0), float(most)))


@inner_call
def frame_of(camera, height, width, x0, y0, z0, x1, y1, z1):
    """Rows and columns that a box may cover.

    Args:
        camera: `Camera`.
        height, width: Of the picture, in pixels.
        x0, y0, z0, x1, y1, z1: The box, in blocks from the eye.

    Returns:
        (first row, end row, first column, end column), ends excluded.
    """
    scale = height / (2.0 * HALF)
    top, bottom, left, right = 1e9, -1e9, 1e9, -1e9
    for corner in range(8):
        x, y, z = x1 if corner & 1 else x0, y1 if corner & 2 else y0, z1 if corner & 4 else z0
        ahead = camera.cosine * z - camera.sine * x
        depth = camera.flat * ahead - camera.dip * y
        if depth <= NEAR:
            top, bottom, left, right = -1e9, 1e9, -1e9, 1e9
        else:
            row = height / 2.0 - 0.5 - scale * (camera.dip * ahead + camera.flat * y) / depth
            column = width / 2.0 - 0.5 - scale * (camera.cosine * x + camera.sine * z) / depth
            top, bottom = min(top, row), max(bottom, row)
            left, right = min(left, column), max(right, column)
    return (
        within(math.floor(top), height),
        within(math.floor(bottom) + 2.0, height),
        within(math.floor(left), width),
        within(math.floor(right) + 2.0, width),
    )
