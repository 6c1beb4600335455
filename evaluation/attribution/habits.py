"""Habits: how an agent moves, whatever it goes for, learnt from its decisions on other layouts.

The next action is predicted from the actions before it and from collisions; candidates, poses and
headings are not seen. Contexts are nested, and each is smoothed toward the next shorter one (the
hierarchical Dirichlet language model of MacKay and Peto 1995). A layout's own decisions are left
out of the counts that explain it: habits of any order could otherwise repeat an episode by heart.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minecraft_tasks.navigation.replay import PROBES

STRENGTH = 4.0
"""Pseudo-count of the shorter context, in decisions."""

RUNS = (1, 2, 3, 5, 9, 17)
"""Least lengths, in decisions, of the classes of a run of equal actions."""

ORDER, LONGEST = 3, 6
"""Longest context of habits, and the longest that there is: indices into `contexts`."""


class Runs(NamedTuple):
    """Runs of equal actions before each of D decisions.

    Attributes:
        action: int64[D] action before; A if there is none.
        length: int64[D] class of its run's length so far, in `RUNS`.
        earlier: int64[D] class of the length of the run before that one; `len(RUNS)` for none.
        side: int64[D] last action that was not `action`; A if there is none.
    """

    action: np.ndarray
    length: np.ndarray
    earlier: np.ndarray
    side: np.ndarray


def runs(begins: np.ndarray, action: np.ndarray, choices: int) -> Runs:
    """Runs before each decision int64[D] of episodes that begin at `begins` int64[E + 1]."""
    count = len(action)
    starts = np.zeros(count, bool)
    starts[begins[:-1][begins[:-1] < count]] = True
    starts[1:] |= action[1:] != action[:-1]
    number = np.cumsum(starts) - 1
    first = np.flatnonzero(starts)
    whole = np.diff(np.append(first, count))
    opening = np.isin(first, begins[:-1])
    before_whole = np.where(opening, 0, np.concatenate([[0], whole[:-1]]))
    before_action = np.where(opening, choices, np.concatenate([[choices], action[first][:-1]]))
    length = np.arange(count) - first[number] + 1
    previous = np.concatenate([[0], np.arange(count - 1)])
    none = np.isin(np.arange(count), begins[:-1])

    def then(values: np.ndarray, missing: int) -> np.ndarray:
        return np.where(none, missing, values[previous])

    classes = np.searchsorted(RUNS, length, side="right") - 1
    earlier = np.searchsorted(RUNS, before_whole, side="right") - 1
    earlier[before_whole == 0] = len(RUNS)
    return Runs(
        action=then(action, choices),
        length=then(classes, 0),
        earlier=then(earlier[number], len(RUNS)),
        side=then(before_action[number], choices),
    )


def contexts(found: Runs, blocked: np.ndarray) -> list[np.ndarray]:
    """Contexts of each decision, shortest first, each int64[D] a refinement of the one before.

    `blocked` bool[D, P] holds the collisions of `PROBES`.
    """
    sides = 2 * blocked[:, PROBES.index(-90.0)] + blocked[:, PROBES.index(90.0)]
    parts = (
        found.action,
        blocked[:, PROBES.index(0.0)],
        found.side,
        found.length,
        sides,
        found.earlier,
    )
    nested = [np.zeros(len(blocked), np.int64)]
    for part in parts:
        joined = nested[-1] * (int(part.max(initial=0)) + 1) + part
        nested.append(np.unique(joined, return_inverse=True)[1])
    return nested


def habits(
    begins: np.ndarray,
    action: np.ndarray,
    blocked: np.ndarray,
    layout: np.ndarray,
    choices: int,
    order: int = ORDER,
    strength: float = STRENGTH,
) -> np.ndarray:
    """Log-probabilities float64[D, A] of actions, by the agent's habits on other layouts.

    Args:
        begins: int64[E + 1] first decision of each episode.
        action: int64[D].
        blocked: bool[D, P] collisions of `PROBES` before each.
        layout: int64[E] layout of each episode, from 0; twins have the same.
        choices: A.
        order: Longest context, see `contexts`.
        strength: Pseudo-count of the shorter context.
    """
    owner = np.repeat(layout, np.diff(begins))
    chance = np.full((len(action), choices), 1.0 / choices)
    for context in contexts(runs(begins, action, choices), blocked)[: order + 1]:
        every = np.zeros((int(context.max(initial=0)) + 1, choices))
        np.add.at(every, (context, action), 1.0)
        own, mine = np.unique(
            context * (int(layout.max(initial=0)) + 1) + owner, return_inverse=True
        )
        here = np.zeros((len(own), choices))
        np.add.at(here, (mine, action), 1.0)
        others = every[context] - here[mine]
        chance = (others + strength * chance) / (others.sum(axis=1, keepdims=True) + strength)
    return np.log(chance)
