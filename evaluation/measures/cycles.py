"""Cycles: episodes that repeat the same poses and actions until time is up.

An agent without noise that is in the same pose with the same memory again does the same again, for
ever. Such an episode says that the agent was caught in a loop, and little about its capability.
"""

from __future__ import annotations

import numpy as np

from evaluation.records.episodes import Episodes, Steps
from minecraft_tasks.core.records import Record

REPEATS = 3
"""Least number of rounds."""

LEAST = 32
"""Least decisions that all rounds take together: fewer are repeated by chance."""

NEAR, ALIKE = 0.01, 0.5
"""Positions in blocks and yaws in degrees that differ by less are the same."""


class Cycles(Record):
    """Episodes of one mode that end in a cycle, among all valid ones."""

    mode: str
    cycling: int
    episodes: int


def _period(where: np.ndarray, action: np.ndarray) -> int:
    """Decisions of the shortest round that is repeated to the end, or 0."""
    for period in range(1, len(action) // REPEATS + 1):
        whole = max(LEAST, REPEATS * period)
        if whole > len(action):
            return 0
        later, earlier = slice(-whole + period, None), slice(-whole, -period)
        if (action[later] != action[earlier]).any():
            continue
        change = np.abs(where[later] - where[earlier])
        turn = np.abs((change[:, 3] + 180.0) % 360.0 - 180.0)
        if change[:, :3].max() <= NEAR and turn.max() <= ALIKE:
            return period
    return 0


def periods(episodes: Episodes, steps: Steps) -> np.ndarray:
    """Decisions int64[E] of the round that each episode repeats to its end; 0 if it repeats none.

    Args:
        episodes: E episodes, in any order.
        steps: Their decisions, ordered by episode and time.
    """
    made = steps["t"] >= 0
    owner, action = steps["episode"][made], steps["action"][made].astype(np.int64)
    where = np.column_stack([steps[name][made] for name in ("x", "y", "z", "yaw")]).astype(float)
    first = np.searchsorted(owner, episodes["episode"])
    last = np.searchsorted(owner, episodes["episode"], side="right")
    spans = zip(first, last, strict=True)
    return np.array([_period(where[a:b], action[a:b]) for a, b in spans], np.int64)


def cycles(episodes: Episodes, steps: Steps) -> tuple[Cycles, ...]:
    """The episodes of each mode that ran out of time in a cycle."""
    valid, ended = episodes["valid"].astype(bool), episodes["truncated"].astype(bool)
    ended[ended] = periods(episodes.take(np.flatnonzero(ended)), steps) > 0
    found = []
    for mode in dict.fromkeys(episodes["mode"].tolist()):
        mine = valid & (episodes["mode"] == mode)
        found.append(Cycles(mode=mode, cycling=int(ended[mine].sum()), episodes=int(mine.sum())))
    return tuple(found)
