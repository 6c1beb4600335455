"""Ways of looking for something, for scripted agents that must see their target first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from minecraft_tasks.navigation.pursuit import FORWARD, LEFT, RIGHT

LEG = 8
"""Decisions that somebody walks who has seen nothing all around."""

KEEPS_WALKING, KEEPS_TURNING = 0.85, 0.6
"""How likely a wanderer is to do once more what it did before."""

Search = Iterator[int]
"""The next action, again and again, for as long as nothing is seen."""


def turn(rng: np.random.Generator, headings: int) -> Search:
    """Looks all around to the left, then walks some way in a direction drawn at random."""
    while True:
        for _ in range(headings + int(rng.integers(headings))):
            yield LEFT
        for _ in range(LEG):
            yield FORWARD


def wander(rng: np.random.Generator, headings: int) -> Search:
    """Walks, and turns now and then, to either side."""
    while True:
        while rng.random() < KEEPS_WALKING:
            yield FORWARD
        side = LEFT if rng.random() < 0.5 else RIGHT
        yield side
        while rng.random() < KEEPS_TURNING:
            yield side


SEARCHES: dict[str, Callable[[np.random.Generator, int], Search]] = {"turn": turn, "wander": wander}
"""By the name that an oracle is told."""
