"""Walks: ways to move that go for no candidate, for oracles that search and for aimless agents.

A walk is a generator. It is sent a `View` before every decision and yields the action; the first
value that it yields is not played.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import NamedTuple

import numpy as np

from minecraft_tasks.backends.base import Backend
from minecraft_tasks.navigation.pursuit import FORWARD, LEFT, RIGHT
from minecraft_tasks.navigation.replay import PROBES, blocked

LEG = 8
"""Decisions that a search walks straight after a look all around."""

KEEPS_WALKING, KEEPS_TURNING = 0.85, 0.6
"""Probabilities that a wanderer repeats its last action."""

LEFT_SIDE, AHEAD, RIGHT_SIDE = (PROBES.index(angle) for angle in (-90.0, 0.0, 90.0))
SIDES = (LEFT, RIGHT)


class View(NamedTuple):
    """Before a decision: yaw in degrees, feet in blocks, and which of `PROBES` are blocked."""

    yaw: float
    x: float
    z: float
    blocked: tuple[bool, ...]

    @property
    def ahead(self) -> bool:
        """Whether the way ahead is blocked."""
        return self.blocked[AHEAD]


class Outset(NamedTuple):
    """The start of an episode.

    Attributes:
        rng: Of this episode.
        headings: Headings in a circle.
        option: The variant of the walk, a number or a name.
        sun: Yaw of the sun in degrees; NaN if it is overhead.
        sites: float64[C, 6] boxes of the candidates; NaN where absent.
    """

    rng: np.random.Generator
    headings: int
    option: float = 0.0
    sun: float = np.nan
    sites: np.ndarray = np.empty((0, 6))


Walk = Generator[int, View, None]
"""The actions of a walk, without end."""


def views(backend: Backend, ticks: int) -> list[View]:
    """The view of every slot of a backend."""
    walls = blocked(backend, ticks).tolist()
    where, yaw = backend.position.tolist(), backend.yaw.tolist()
    return [View(y, x, z, tuple(w)) for y, (x, _, z), w in zip(yaw, where, walls, strict=True)]


def play(actions: Iterable[int], view: View) -> Generator[int, View, View]:
    """Plays actions; the view is that before the next decision."""
    for action in actions:
        view = yield action
    return view


def some_side(at: Outset) -> int:
    """Left or right, at random."""
    return SIDES[int(at.rng.integers(2))]


def ahead(view: View, steps: float) -> Generator[int, View, View]:
    """Walks so many decisions, or until the way is blocked."""
    while steps > 0 and not view.ahead:
        view, steps = (yield FORWARD), steps - 1
    return view


def toward(at: Outset, view: View, bearing: float) -> Generator[int, View, View]:
    """Turns to face a bearing in degrees."""
    degrees = 360.0 / at.headings
    while True:
        turn = (bearing - view.yaw + 180.0) % 360.0 - 180.0
        if abs(turn) <= degrees / 2:
            return view
        view = yield LEFT if turn < 0 else RIGHT


def turn(at: Outset) -> Walk:
    """Looks all around to the left, then walks `LEG` decisions in a random direction."""
    yield LEFT
    while True:
        for _ in range(at.headings + int(at.rng.integers(at.headings))):
            yield LEFT
        for _ in range(LEG):
            yield FORWARD


def wander(at: Outset) -> Walk:
    """Walks, and turns at random moments to a random side; `option` is the chance to walk on."""
    yield LEFT
    while True:
        while at.rng.random() < (at.option or KEEPS_WALKING):
            yield FORWARD
        side = some_side(at)
        yield side
        while at.rng.random() < KEEPS_TURNING:
            yield side


def bounce(at: Outset) -> Walk:
    """Walks until blocked, then turns by a random angle; with an option, by so many turns left."""
    view = yield FORWARD
    while True:
        while not view.ahead:
            view = yield FORWARD
        side, most = (LEFT, int(at.option)) if at.option else (some_side(at), at.headings // 2)
        number = most if at.option else int(at.rng.integers(1, most + 1))
        view = yield from play([side] * number, view)


def wall(at: Outset) -> Walk:
    """Walks to a wall, then keeps it on its left."""
    view, found = (yield FORWARD), False
    while True:
        if view.ahead:
            found = True
            view = yield RIGHT
        elif found and not view.blocked[LEFT_SIDE] and view.blocked[0]:
            view = yield LEFT
        else:
            view = yield FORWARD


SEARCHES: dict[str, Callable[[Outset], Walk]] = {"turn": turn, "wander": wander, "bounce": bounce}
"""Name of a search of an oracle -> its actions."""
