"""Styles: ways to go for a target that are not the shortest.

A style is a generator. Before every decision it is sent the best action and what a walk sees, and
it yields the action that is played; the first value that it yields is not played.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

import numpy as np

from minecraft_tasks.navigation.pursuit import FORWARD, LEFT, RIGHT
from policies.agents.walks import Outset, View, wall

Style = Generator[int, tuple[int, View], None]
"""The actions of a style, without end."""


def inertia(rng: np.random.Generator, headings: int) -> Style:
    """Repeats its last action in half of the decisions."""
    action, _ = yield FORWARD
    while True:
        wanted, _ = yield action
        action = wanted if rng.random() < 0.5 else action


def detour(rng: np.random.Generator, headings: int) -> Style:
    """Leaves its way every twenty-five decisions or so, for six ahead in another direction."""
    wanted, _ = yield FORWARD
    while True:
        if rng.random() < 0.04:
            side = LEFT if rng.random() < 0.5 else RIGHT
            for action in [side] * int(rng.integers(1, max(2, headings // 4))) + [FORWARD] * 6:
                wanted, _ = yield action
        wanted, _ = yield wanted


def bias(rng: np.random.Generator, headings: int) -> Style:
    """Turns left instead in a quarter of the decisions."""
    wanted, _ = yield FORWARD
    while True:
        wanted, _ = yield LEFT if rng.random() < 0.25 else wanted


def pause(rng: np.random.Generator, headings: int) -> Style:
    """Stops, and turns to and fro, in a quarter of the decisions or so."""
    wanted, _ = yield FORWARD
    while True:
        if rng.random() < 0.08:
            for _ in range(int(rng.integers(1, 4))):
                yield LEFT
                wanted, _ = yield RIGHT
        wanted, _ = yield wanted


def late(rng: np.random.Generator, headings: int) -> Style:
    """Moves at random for ten to forty decisions, then sets out."""
    wanted, _ = yield FORWARD
    for _ in range(int(rng.integers(10, 41))):
        wanted, _ = yield FORWARD if rng.random() < 0.6 else LEFT if rng.random() < 0.5 else RIGHT
    while True:
        wanted, _ = yield wanted


def glance(rng: np.random.Generator, headings: int) -> Style:
    """Looks to one side and back, every ten decisions or so."""
    wanted, _ = yield FORWARD
    while True:
        if rng.random() < 0.1:
            side, back = (LEFT, RIGHT) if rng.random() < 0.5 else (RIGHT, LEFT)
            for action in (side, side, side, back, back, back):
                wanted, _ = yield action
        wanted, _ = yield wanted


def whirl(rng: np.random.Generator, headings: int) -> Style:
    """Turns once all around, every thirty decisions or so."""
    wanted, _ = yield FORWARD
    while True:
        if rng.random() < 1 / 30:
            for _ in range(headings):
                wanted, _ = yield RIGHT
        wanted, _ = yield wanted


def coarse(rng: np.random.Generator, headings: int) -> Style:
    """Steers after every fourth decision ahead only."""
    wanted, _ = yield FORWARD
    while True:
        while wanted != FORWARD:
            wanted, _ = yield wanted
        for _ in range(4):
            wanted, _ = yield FORWARD


def hug(rng: np.random.Generator, headings: int) -> Style:
    """Follows a wall for twenty to sixty decisions, then sets out."""
    wanted, view = yield FORWARD
    along = wall(Outset(rng, headings))
    next(along)
    for _ in range(int(rng.integers(20, 61))):
        wanted, view = yield along.send(view)
    while True:
        wanted, view = yield wanted


STYLES: dict[str, Callable[[np.random.Generator, int], Style]] = {
    "inertia": inertia,
    "detour": detour,
    "bias": bias,
    "pause": pause,
    "late": late,
    "glance": glance,
    "whirl": whirl,
    "coarse": coarse,
    "hug": hug,
}
"""Name of a style in an `Aim` -> its actions."""
