"""Walks of aimless agents, beyond those by which oracles search."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from minecraft_tasks.navigation.pursuit import FORWARD, LEFT, RIGHT
from minecraft_tasks.navigation.replay import PROBES
from policies.agents.walks import (
    LEFT_SIDE,
    RIGHT_SIDE,
    SIDES,
    Outset,
    Walk,
    ahead,
    bounce,
    play,
    some_side,
    toward,
    turn,
    wander,
)

_MOVED = 0.05
"""Blocks: a decision ahead that gains less is blocked."""


def square(at: Outset) -> Walk:
    """Squares with sides of `option` decisions."""
    view, side = (yield FORWARD), some_side(at)
    while True:
        view = yield from play([FORWARD] * int(at.option), view)
        view = yield from play([side] * (at.headings // 4), view)


def spiral(at: Outset) -> Walk:
    """Corners of a quarter turn, and sides that grow by `option` decisions after every second."""
    view, side, length = (yield FORWARD), some_side(at), 2.0
    while True:
        for _ in range(2):
            view = yield from ahead(view, length)
            view = yield from play([side] * (at.headings // 4), view)
        length = 2.0 if length > 24 else length + at.option


def circle(at: Outset) -> Walk:
    """Goes in a circle: one turn after every `option` decisions ahead."""
    view, side = (yield FORWARD), some_side(at)
    while True:
        view = yield from ahead(view, at.option)
        view = yield side


def pace(at: Outset) -> Walk:
    """Walks to and fro, `option` decisions in each direction."""
    view = yield FORWARD
    view = yield from play([LEFT] * int(at.rng.integers(at.headings)), view)
    while True:
        view = yield from ahead(view, at.option)
        view = yield from play([LEFT] * (at.headings // 2), view)


def stairs(at: Outset) -> Walk:
    """A zigzag: `option` decisions ahead, a quarter turn to one side, then to the other."""
    view, side = (yield FORWARD), some_side(at)
    while True:
        view = yield from ahead(view, at.option)
        view = yield from play([side] * (at.headings // 4), view)
        side = RIGHT if side == LEFT else LEFT


def legs(at: Outset) -> Walk:
    """Straight legs of very different length (a power law of exponent `option`), turns between."""
    view = yield FORWARD
    while True:
        view = yield from ahead(view, 2.0 * at.rng.pareto(at.option) + 1.0)
        number = int(at.rng.integers(1, at.headings // 2 + 1))
        view = yield from play([some_side(at)] * number, view)


def sun(at: Outset) -> Walk:
    """Keeps an angle of `option` degrees to the sun, or to south where it is overhead."""
    view = yield FORWARD
    bearing = at.option + (0.0 if math.isnan(at.sun) else at.sun)
    while True:
        view = yield from toward(at, view, bearing)
        view = yield LEFT if view.ahead else FORWARD


def coin(at: Outset) -> Walk:
    """Walks on, and at walls goes to a free side by a coin; openings with probability `option`."""
    view, passed = (yield FORWARD), 0
    while True:
        before, moved = view, True
        if view.ahead:
            view = yield FORWARD
            moved = abs(view.x - before.x) + abs(view.z - before.z) > _MOVED
        sides = zip(SIDES, (LEFT_SIDE, RIGHT_SIDE), strict=True)
        free = [side for side, probe in sides if not view.blocked[probe]]
        passed = max(0, passed - 1)
        if not moved or (free and not passed and at.rng.random() < at.option):
            side = free[int(at.rng.integers(len(free)))] if free else some_side(at)
            number = at.headings // 4 if free else at.headings // 2
            view, passed = (yield from play([side] * number, view)), 4
        elif not view.ahead:
            view = yield FORWARD


def cover(at: Outset) -> Walk:
    """Covers ground: goes to the free neighbour least visited, in cells of `option` blocks."""
    view, visits = (yield FORWARD), {}
    degrees = 360.0 / at.headings
    while True:
        cell = (view.x // at.option, view.z // at.option)
        visits[cell] = visits.get(cell, 0) + 1
        counts = []
        for step, (probe, shut) in enumerate(zip(PROBES, view.blocked, strict=True)):
            angle = math.radians(view.yaw + probe)
            x, z = view.x - at.option * math.sin(angle), view.z + at.option * math.cos(angle)
            seen = visits.get((x // at.option, z // at.option), 0)
            counts.append((shut, seen, abs(probe), step))
        probe = PROBES[min(counts)[3]]
        number = round(abs(probe) / degrees)
        view = yield from play([LEFT if probe < 0 else RIGHT] * number, view)
        view = yield from ahead(view, max(1.0, at.option / 0.86))
        if view.ahead:
            view = yield some_side(at)


def home(at: Outset) -> Walk:
    """Wanders, and comes back to where it began after every `option` decisions."""
    view = yield FORWARD
    x, z = view.x, view.z
    while True:
        roam = wander(at._replace(option=0.0))
        next(roam)
        for _ in range(int(at.option)):
            view = yield roam.send(view)
        while abs(view.x - x) + abs(view.z - z) > 2.0:
            bearing = math.degrees(math.atan2(-(x - view.x), z - view.z))
            view = yield from toward(at, view, bearing)
            view = yield from ahead(view, 3)
            if view.ahead:
                view = yield from play([some_side(at)] * 4, view)
                view = yield from ahead(view, 4)


def away(at: Outset) -> Walk:
    """Keeps away from the candidate of index `option`; wanders where it is absent."""
    view, box = (yield FORWARD), at.sites[int(at.option)]
    if np.isnan(box[0]):
        yield from wander(at._replace(option=0.0))
    x, z = float(box[0] + box[3]) / 2, float(box[2] + box[5]) / 2
    while True:
        bearing = math.degrees(math.atan2(-(view.x - x), view.z - z))
        turn = (bearing - view.yaw + 180.0) % 360.0 - 180.0
        if abs(turn) > 45.0:
            view = yield from toward(at, view, bearing)
        view = yield some_side(at) if view.ahead else FORWARD


WALKS: dict[str, tuple[Callable[[Outset], Walk], tuple[float, ...]]] = {
    "bounce": (bounce, (0.0, 7.0)),
    "square": (square, (5.0, 12.0)),
    "spiral": (spiral, (1.0, 3.0)),
    "circle": (circle, (1.0, 3.0)),
    "pace": (pace, (8.0, 16.0)),
    "stairs": (stairs, (4.0, 9.0)),
    "legs": (legs, (1.0, 2.0)),
    "wander": (wander, (0.7, 0.93)),
    "looks": (turn, (0.0,)),
    "sun": (sun, (90.0, 135.0, 225.0)),
    "coin": (coin, (0.0, 0.2)),
    "cover": (cover, (2.0, 4.0)),
    "home": (home, (15.0, 40.0)),
    "away": (away, ()),
}
"""Name of a walk -> its actions, and the options that calibration tries; of `away`, candidates."""
