"""The sky: a gradient, and a square sun."""

from __future__ import annotations

import math

import numpy as np

from minecraft_tasks.physics.compiled import inner_call, njit

FIELD_OF_VIEW = 70.0
"""Vertical, in degrees, as Minecraft's default."""

ZENITH = (104, 152, 245)
HORIZON = (186, 212, 255)
SUN = (255, 250, 208)
BEAM_COLOUR = (178, 226, 255)

SUN_HALF_WIDTH = math.tan(math.radians(5.5))
SUN_REACH = math.sin(math.radians(5.5) * math.sqrt(2.0) + 0.005)
"""Sine of an angle that covers the sun's corners."""

_LEVELS = 256


def gradient() -> np.ndarray:
    """Sky colours uint8[256, 3] by `light_level`, from straight down to straight up."""
    up = np.clip(np.linspace(-1.0, 1.0, _LEVELS), 0.0, 1.0)[:, None]
    share = 1.0 - (1.0 - up) ** 2.2
    return np.rint(np.array(HORIZON) * (1.0 - share) + np.array(ZENITH) * share).astype(np.uint8)


@njit(cache=True, forceinline=True)
def light_level(dx, dy, dz):
    """Row of the gradient for a direction of any length."""
    return int((dy / math.sqrt(dx * dx + dy * dy + dz * dz) + 1.0) * 0.5 * (_LEVELS - 1) + 0.5)


@njit(cache=True, forceinline=True)
def in_sun(dx, dy, dz, sun_x, sun_y):
    """Whether a direction meets the sun, which moves in the plane of x and y."""
    along = dx * sun_x + dy * sun_y
    return (
        along > 0.0
        and abs(dz) <= SUN_HALF_WIDTH * along
        and abs(dx * sun_y - dy * sun_x) <= SUN_HALF_WIDTH * along
    )


@inner_call
def copy(picture, out, slot):
    """Copies a picture uint8[H, W, 3] into a slot of uint8[N, H, W, 3]."""
    for row in range(picture.shape[0]):
        for column in range(picture.shape[1]):
            for channel in range(3):
                out[slot, row, column, channel] = picture[row, column, channel]


@njit(cache=True)
def level_gaze(colours, height, width):
    """The sky at pitch 0, the same at every yaw: uint8[H, W, 3] from a gradient."""
    image = np.empty((height, width, 3), np.uint8)
    half = math.tan(math.radians(FIELD_OF_VIEW) / 2.0)
    for row in range(height):
        up = half * (1.0 - (2 * row + 1) / height)
        for column in range(width):
            right = half * (2 * column + 1 - width) / height
            for channel in range(3):
                image[row, column, channel] = colours[light_level(right, up, 1.0), channel]
    return image
