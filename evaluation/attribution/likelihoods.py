"""Likelihood of an agent's decisions under each target, up to every decision.

A pursuer of candidate g knows the way from the start or searches g first. The search follows the
agent's habits and may end at any decision: soon where a frame shows g, seldom elsewhere. From there
on its habits are tilted toward g: P(action | state, g) is proportional to

    habit(action) exp(-beta * cost-to-go after the action),

the optimal policy of a controller that pays for its divergence from a passive policy (Todorov
2009), here the habits; a uniform habit gives the soft-optimal policy of MEG (MacDermott et al.
2024). A
pursuer may stray into its habits and go on. A touch of g counts only amid its pursuit.

*Mixed*: pursues one candidate and, well before it arrives, turns to another.
*Away* from a candidate: habits tilted toward the action after which it is farthest, then habits.
*Nearest*: a pursuer whose target may change at every decision; if two candidates are equally near
at the spawn, it pursues either.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit, prange

from evaluation.attribution.evidence import Evidence

KNOWS = 0.5
"""Prior probability that a pursuer knows the way from the start."""

SETS_OUT = (0.02, 0.5)
"""Probability that the search ends before a decision: g not in view, and in view."""

STRAYS, RETURNS = 0.03, 0.2
"""Probabilities, before each decision, that a pursuer falls back into its habits, and goes on."""

LAPSE = 0.05
"""Share of a pursuer's other decisions that are uniformly random."""

TURNS_AWAY = 0.03
"""Probability, before each decision, that mixed targets change."""


class Likelihoods(NamedTuple):
    """Log-likelihoods of an episode's D decisions so far, for C candidates.

    Attributes:
        candidates: float64[D, C] of the pursuit of each candidate.
        mixed: float64[D] of mixed targets.
        near: float64[D] of the nearest candidate.
        away: float64[D, C] of keeping away from each candidate.
    """

    candidates: np.ndarray
    mixed: np.ndarray
    near: np.ndarray
    away: np.ndarray


@njit(cache=True)
def _set_out(looking, pursuing, shown):
    """Log-probabilities of search and of pursuit after a possible end of the search."""
    chance = SETS_OUT[1] if shown else SETS_OUT[0]
    return looking + np.log(1 - chance), np.logaddexp(pursuing, looking + np.log(chance))


@njit(cache=True)
def _stray(pursuing, straying, returns):
    """Log-probabilities of pursuit and of straying after a possible change between them."""
    return (
        np.logaddexp(pursuing + np.log(1 - STRAYS), straying + np.log(returns)),
        np.logaddexp(straying + np.log(1 - returns), pursuing + np.log(STRAYS)),
    )


@njit(cache=True)
def _tilted(habit, cost, action, beta):
    """Log-probability of an action by habits float64[A], tilted away from costs float32[A]."""
    total = 0.0
    for a in range(len(cost)):
        total += np.exp(habit[a] - beta * cost[a])
    soft = np.exp(habit[action] - beta * cost[action]) / total
    chance = (1 - LAPSE) * soft + LAPSE / len(cost)
    return -np.log(len(cost)) if np.isnan(chance) else np.log(chance)


@njit(cache=True)
def _episode(
    action, extra, nearest, rivals, distant, shown, arrived, habit, beta,
    candidates, mixed, near, away,
):  # fmt: skip
    decisions, many, _ = extra.shape
    looking = np.full(many, np.log(1 - KNOWS))
    pursuing = np.full(many, np.log(KNOWS))
    straying = np.full(many, -np.inf)
    near_looking, near_pursuing, near_straying = np.log(1 - KNOWS), np.log(KNOWS), -np.inf
    turned = np.full((many, many), -np.inf)
    fleeing, resting = np.full(many, np.log(KNOWS)), np.full(many, np.log(1 - KNOWS))
    step = np.empty(many)
    present = ~np.isnan(extra[0, :, 0])
    pairs = present.sum() * (present.sum() - 1)
    for t in range(decisions):
        last, acts = t == decisions - 1, habit[t, action[t]]
        for c in range(many):
            step[c] = _tilted(habit[t], extra[t, c], action[t], beta)
            if t > 0:
                fleeing[c], resting[c] = _stray(fleeing[c], resting[c], SETS_OUT[0])
            fleeing[c] += _tilted(habit[t], -extra[t, c], action[t], beta)
            resting[c] += acts
            away[t, c] = np.logaddexp(fleeing[c], resting[c]) if present[c] else -np.inf
        mixed[t] = -np.inf
        for a in range(many):
            for b in range(many):
                if a == b or not (present[a] and present[b]):
                    continue
                if t > 0 and distant[t, a]:
                    turns = pursuing[a] + np.log(TURNS_AWAY)
                    turned[a, b] = np.logaddexp(turned[a, b], turns)
                turned[a, b] += step[b]
                mixed[t] = np.logaddexp(mixed[t], turned[a, b] - np.log(pairs))
        for c in range(many):
            candidates[t, c] = -np.inf
            if present[c]:
                if t > 0:
                    pursuing[c], straying[c] = _stray(pursuing[c], straying[c], RETURNS)
                looking[c], pursuing[c] = _set_out(looking[c], pursuing[c], shown[t, c])
                looking[c] += acts
                straying[c] += acts
                pursuing[c] += step[c]
                candidates[t, c] = pursuing[c]
                if not (last and arrived[c]):
                    candidates[t, c] = np.logaddexp(looking[c], candidates[t, c])
                    candidates[t, c] = np.logaddexp(straying[c], candidates[t, c])
        if rivals.sum() == 1:
            c = nearest[t]
            if t > 0:
                near_pursuing, near_straying = _stray(near_pursuing, near_straying, RETURNS)
            near_looking, near_pursuing = _set_out(near_looking, near_pursuing, shown[t, c])
            near_looking += acts
            near_straying += acts
            near_pursuing += step[c]
            near[t] = near_pursuing
            if not (last and arrived.any()):
                near[t] = np.logaddexp(near_looking, near[t])
                near[t] = np.logaddexp(near_straying, near[t])
        else:
            near[t] = -np.inf
            for c in range(many):
                if rivals[c]:
                    near[t] = np.logaddexp(near[t], candidates[t, c] - np.log(rivals.sum()))


@njit(cache=True, parallel=True)
def _episodes(
    begins, action, extra, nearest, rivals, distant, shown, arrived, habit, beta,
    candidates, mixed, near, away,
):  # fmt: skip
    for e in prange(len(begins) - 1):
        a, b = begins[e], begins[e + 1]
        _episode(
            action[a:b], extra[a:b], nearest[a:b], rivals[e], distant[a:b], shown[a:b],
            arrived[e], habit[a:b], beta, candidates[a:b], mixed[a:b], near[a:b],
            away[a:b],
        )  # fmt: skip


def log_likelihoods(found: Evidence, beta: float) -> Likelihoods:
    """Log P(decisions of the episode so far | target) at an inverse temperature per decision.

    Minus infinity where a target is impossible.
    """
    decisions, many = found.extra.shape[:2]
    candidates, away = np.empty((decisions, many)), np.empty((decisions, many))
    mixed, near = np.empty(decisions), np.empty(decisions)
    _episodes(
        found.begins, found.action, found.extra, found.nearest, found.rivals, found.distant,
        found.shown, found.arrived, found.habit, beta, candidates, mixed, near, away,
    )  # fmt: skip
    return Likelihoods(candidates, mixed, near, away)
