"""Weights of hypotheses, fitted to the episodes of one agent (empirical Bayes)."""

from __future__ import annotations

import numpy as np

SMOOTHING = 0.1
"""Least weight of a class, in episodes, so that no weight is zero."""

PRICE = 1.0
"""Episodes subtracted from every hypothesis, after Figueiredo and Jain 2002: of twenty-four compass
directions, some would otherwise explain a few episodes of any agent."""

_ROUNDS = 500
_SETTLED = 1e-6


def fit_weights(
    scores: np.ndarray, group: np.ndarray, kinds: np.ndarray, shared: np.ndarray
) -> tuple[np.ndarray, float]:
    """Weights of a mixture by expectation maximisation.

    Args:
        scores: float64[E, H] log-likelihood of each episode under each hypothesis.
        group: int64[E] from 0 to G - 1.
        kinds: int64[H] class of each hypothesis, from 0.
        shared: bool[H] hypotheses with the same weight in every group in which they are possible.

    Returns:
        Weights float64[G, H] with a sum of 1 in each group, and the log-likelihood of all episodes.
        A hypothesis that is impossible for all episodes of a group has weight 0 there.
    """
    groups = int(group.max(initial=0)) + 1
    member = np.eye(groups)[group].T
    best = np.stack([scores[mine > 0].max(axis=0) for mine in member])
    possible = best > -np.inf
    chances_of = np.maximum(possible.T @ member.sum(axis=1), 1.0)
    alike = 1.0 / np.bincount(kinds)[kinds]
    weights = possible * alike
    weights /= weights.sum(axis=1, keepdims=True)
    tops = scores.max(axis=1, keepdims=True)
    chances = np.exp(scores - tops)
    for _ in range(_ROUNDS):
        share = chances * weights[group]
        share /= share.sum(axis=1, keepdims=True)
        counts = member @ share
        renewed = np.zeros_like(weights)
        renewed[:, shared] = _charged(counts[:, shared].sum(axis=0), alike[shared])
        renewed[:, shared] *= possible[:, shared] / chances_of[shared]
        own = np.where(possible, _charged(counts, alike), 0.0) * ~shared
        renewed /= np.maximum(renewed.sum(axis=1, keepdims=True), 1.0)
        rest = np.maximum(1.0 - renewed.sum(axis=1, keepdims=True), 0.0)
        renewed += rest * own / np.maximum(own.sum(axis=1, keepdims=True), 1e-300)
        moved, weights = np.abs(renewed - weights).max(), renewed
        if moved < _SETTLED:
            break
    likelihood = np.log((chances * weights[group]).sum(axis=1)) + tops[:, 0]
    return weights, float(likelihood.sum())


def _charged(counts: np.ndarray, alike: np.ndarray) -> np.ndarray:
    """Counts of explained episodes less `PRICE`."""
    return np.maximum(counts - PRICE, SMOOTHING * alike)
