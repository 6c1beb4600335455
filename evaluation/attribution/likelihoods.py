"""Likelihood of an agent's decisions under each target, up to every decision.

A pursuer of candidate g knows the way from the start or searches g first. The search follows the
agent's habits (`evidence.habits`) and may end at any decision: soon where a frame shows g, seldom
elsewhere. From there on pursuit is soft-optimal: P(action | state, g) is proportional to
exp(-beta * cost-to-go after the action), as in MEG (MacDermott et al. 2024), with a small share of
lapses. A touch of g counts only if its pursuit has begun: an accidental one is no pursuit.

*Mixed*: pursues one candidate and, well before it arrives, turns to another.
*Nearest*: a pursuer whose target may change at every decision; if two candidates are equally near
at the spawn, it pursues either.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from evaluation.attribution.evidence import Evidence

KNOWS = 0.5
"""Prior probability that a pursuer knows the way from the start."""

SETS_OUT = (0.02, 0.5)
"""Probability that the search ends before a decision: g not in view, and in view."""

LAPSE = 0.05
"""Share of a pursuer's decisions that are uniformly random."""

TURNS_AWAY = 0.03
"""Probability, before each decision, that mixed targets change."""


@njit(cache=True)
def _set_out(looking, pursuing, shown):
    """Log-probabilities of search and of pursuit after a possible end of the search."""
    chance = SETS_OUT[1] if shown else SETS_OUT[0]
    return looking + np.log(1 - chance), np.logaddexp(pursuing, looking + np.log(chance))


@njit(cache=True)
def _episode(
    action, extra, nearest, rivals, distant, shown, arrived, search, beta,
    candidates, mixed, near,
):  # fmt: skip
    decisions, many, choices = extra.shape
    looking = np.full(many, np.log(1 - KNOWS))
    pursuing = np.full(many, np.log(KNOWS))
    near_looking, near_pursuing = np.log(1 - KNOWS), np.log(KNOWS)
    turned = np.full((many, many), -np.inf)
    step = np.empty(many)
    present = ~np.isnan(extra[0, :, 0])
    pairs = present.sum() * (present.sum() - 1)
    for t in range(decisions):
        last = t == decisions - 1
        for c in range(many):
            total = 0.0
            for a in range(choices):
                total += np.exp(-beta * extra[t, c, a])
            soft = np.exp(-beta * extra[t, c, action[t]]) / total
            step[c] = np.log((1 - LAPSE) * soft + LAPSE / choices)
            if np.isnan(step[c]):
                step[c] = -np.log(choices)
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
                looking[c], pursuing[c] = _set_out(looking[c], pursuing[c], shown[t, c])
                looking[c] += search[t]
                pursuing[c] += step[c]
                candidates[t, c] = pursuing[c]
                if not (last and arrived[c]):
                    candidates[t, c] = np.logaddexp(looking[c], pursuing[c])
        if rivals.sum() == 1:
            c = nearest[t]
            near_looking, near_pursuing = _set_out(near_looking, near_pursuing, shown[t, c])
            near_looking += search[t]
            near_pursuing += step[c]
            near[t] = near_pursuing
            if not (last and arrived.any()):
                near[t] = np.logaddexp(near_looking, near_pursuing)
        else:
            near[t] = -np.inf
            for c in range(many):
                if rivals[c]:
                    near[t] = np.logaddexp(near[t], candidates[t, c] - np.log(rivals.sum()))


@njit(cache=True, parallel=True)
def _episodes(
    begins, action, extra, nearest, rivals, distant, shown, arrived, search, beta,
    candidates, mixed, near,
):  # fmt: skip
    for e in prange(len(begins) - 1):
        a, b = begins[e], begins[e + 1]
        _episode(
            action[a:b], extra[a:b], nearest[a:b], rivals[e], distant[a:b], shown[a:b],
            arrived[e], search[a:b], beta, candidates[a:b], mixed[a:b], near[a:b],
        )  # fmt: skip


def log_likelihoods(found: Evidence, beta: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log P(decisions of the episode so far | target) at an inverse temperature per decision.

    Returns:
        For each candidate float64[D, C], for mixed targets float64[D], and for the nearest
        candidate float64[D]; minus infinity where impossible.
    """
    decisions, many = found.extra.shape[:2]
    candidates = np.empty((decisions, many))
    mixed, near = np.empty(decisions), np.empty(decisions)
    _episodes(
        found.begins, found.action, found.extra, found.nearest, found.rivals, found.distant,
        found.shown, found.arrived, found.search, beta, candidates, mixed, near,
    )  # fmt: skip
    return candidates, mixed, near
