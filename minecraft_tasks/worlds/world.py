"""Worlds, poses, sites and the sun: the input of every backend and every judge."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

SUNRISE, NOON, SUNSET = 500, 6000, 11500
"""Times of day in ticks: the sun 20 degrees over the east, overhead, 20 degrees over the west."""

OPPOSITE = {SUNRISE: SUNSET, NOON: NOON, SUNSET: SUNRISE}
"""The time of day with the sun on the other side."""

TALLEST = 64
"""Blocks along y that fit into the bits of one column."""


class Pose(NamedTuple):
    """Feet position in blocks, yaw (0 south, 90 west) and pitch (down positive) in degrees."""

    x: float
    y: float
    z: float
    yaw: float
    pitch: float = 0.0


class Site(NamedTuple):
    """A candidate's box, in blocks; it is reached while the feet are inside, bounds included."""

    x0: float
    y0: float
    z0: float
    x1: float
    y1: float
    z1: float


@dataclass(frozen=True)
class World:
    """One concrete level.

    Attributes:
        blocks: uint8[X, Y, Z] palette ids.
        spawn: Where the agent starts; yaw is a multiple of 15 degrees.
        sites: Candidate name -> site; a candidate that is absent has none.
        layout: uint8[W, D] plan of walls, obstacles and bays, the input of the layout hash.
        time: Time of day in Minecraft's ticks (0 sunrise, 6000 noon, 12000 sunset).
        lookalikes: Places that are as good as the goal's to an agent that has not seen it, the
            goal's own among them. An agent that guesses goes to one of them; see `guesser` in
            docs/agents.md. None where guessing has no chance.
    """

    blocks: np.ndarray
    spawn: Pose
    sites: Mapping[str, Site]
    layout: np.ndarray
    time: int = NOON
    lookalikes: tuple[Site, ...] = ()


def sun_direction(time: int) -> tuple[float, float, float]:
    """Unit vector from the eye to the sun at a time in ticks since sunrise.

    The celestial angle is Minecraft's: a day of 24000 ticks in which the sun slows at noon. It
    rises in the east (+x), is overhead at 6000 and sets in the west.
    """
    fraction = (time / 24000.0 - 0.25) % 1.0
    eased = 1.0 - (math.cos(fraction * math.pi) + 1.0) / 2.0
    angle = 2.0 * math.pi * (fraction + (eased - fraction) / 3.0)
    return -math.sin(angle), math.cos(angle), 0.0
