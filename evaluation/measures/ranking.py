"""One order behind pairwise preferences: circular triads, Bradley-Terry, and the ease ranking."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import stats

from evaluation.statistics.conditional_logit import Choices, fit_logit
from evaluation.statistics.estimates import CONFIDENCE
from minecraft_tasks.core.records import Record

Counts = Mapping[tuple[str, str], tuple[float, float]]
"""(a, b) -> layouts on which a was touched first, and those on which b was; a layout whose episodes
end differently counts in part for either."""

SIMULATIONS = 999
_ROUNDS = 200


class Ranking(Record):
    """One order behind pairwise preferences, and the evidence against it.

    Attributes:
        strengths: Bradley-Terry log-odds by candidate, the strongest first, with mean 0. The size
            means nothing if a candidate never loses or never wins: it has no bound.
        clear: Pairs (preferred, other) that a two-sided exact test rejects as even.
        triads: Triples of candidates with three clear pairs.
        circular: Triples in which a beats b, b beats c and c beats a.
        deviance: Of the Bradley-Terry model: twice the log-likelihood lost against a model with
            separate odds for every pair.
        p: Share of simulated worlds with one order whose deviance is as large; None if there are
            no more pairs than an order needs.
    """

    strengths: dict[str, float]
    clear: tuple[tuple[str, str], ...]
    triads: int
    circular: tuple[tuple[str, str, str], ...]
    deviance: float
    p: float | None

    @property
    def order(self) -> str:
        """Candidates from the most to the least preferred: ``a > b = c``."""
        text, above = "", None
        for name, strength in self.strengths.items():
            text += ("" if above is None else " = " if strength == above else " > ") + name
            above = strength
        return text


def ranking(
    counts: Counts, ps: Mapping[tuple[str, str], float] | None = None, seed: int = 0
) -> Ranking | None:
    """The order behind some pairs of candidates; None without a decided episode.

    Args:
        counts: The pairs.
        ps: Two-sided p values of even pairs; by a binomial test of the counts by default.
        seed: Of the simulation.
    """
    decided = {pair: won for pair, won in counts.items() if sum(won)}
    if not decided:
        return None
    names = list(dict.fromkeys(name for pair in decided for name in pair))
    wins = np.zeros((len(names), len(names)))
    for (a, b), (first, second) in decided.items():
        wins[names.index(a), names.index(b)] += first
        wins[names.index(b), names.index(a)] += second
    strengths = _strengths(decided, names)
    even = {pair: _binomial(won) for pair, won in decided.items()} if ps is None else ps
    clear = [
        (a, b) if won[0] > won[1] else (b, a)
        for (a, b), won in decided.items()
        if even[a, b] < 1 - CONFIDENCE
    ]
    triads = [
        triple
        for triple in itertools.combinations(names, 3)
        if all({pair, pair[::-1]} & set(clear) for pair in itertools.combinations(triple, 2))
    ]
    lost = float(_deviance(wins[None], _ROUNDS)[0])
    free = len(decided) - (len(names) - 1)
    return Ranking(
        strengths=dict(sorted(strengths.items(), key=lambda item: -item[1])),
        clear=tuple(clear),
        triads=len(triads),
        circular=tuple(found for triple in triads if (found := _circle(triple, set(clear)))),
        deviance=lost,
        p=_simulated(wins, lost, seed) if free > 0 else None,
    )


def _binomial(won: tuple[float, float]) -> float:
    return float(stats.binomtest(round(won[0]), round(sum(won))).pvalue)


def _circle(
    triple: tuple[str, str, str], clear: set[tuple[str, str]]
) -> tuple[str, str, str] | None:
    a, b, c = triple
    for x, y, z in ((a, b, c), (a, c, b)):
        if {(x, y), (y, z), (z, x)} <= clear:
            return x, y, z
    return None


def _strengths(counts: Counts, names: Sequence[str]) -> dict[str, float]:
    """Bradley-Terry as a conditional logit on identity alone; its ridge centres it."""
    rows = [(a, b, k) for (a, b), won in counts.items() for k in (0, 1) if won[k]]
    weights = np.array([counts[a, b][k] for a, b, k in rows], float)
    who = np.array([[names.index(a), names.index(b)] for a, b, _ in rows])
    features = np.eye(len(names))[who]
    chosen = np.array([k for _, _, k in rows], np.int64)
    choices = Choices(features, np.ones(who.shape, bool), chosen, np.arange(len(rows)))
    theta = fit_logit(choices, weights).theta
    centred = np.round(theta - theta.mean(), 4)  # equal records make ties
    return dict(zip(names, centred.tolist(), strict=True))


def _expected(wins: np.ndarray, rounds: int) -> np.ndarray:
    """Probability that row beats column, float64[B, C, C], by minorisation (Hunter 2004)."""
    games, won = wins + wins.swapaxes(1, 2), wins.sum(axis=2)
    skill = np.ones(won.shape)
    for _ in range(rounds):
        met = games / (skill[:, :, None] + skill[:, None, :])
        skill = np.maximum(won, 1e-9) / np.maximum(met.sum(axis=2), 1e-12)
        skill /= skill.mean(axis=1, keepdims=True)
    return skill[:, :, None] / (skill[:, :, None] + skill[:, None, :])


def _deviance(wins: np.ndarray, rounds: int) -> np.ndarray:
    """Deviance float64[B] of counts float64[B, C, C], row over column."""
    games = wins + wins.swapaxes(1, 2)
    expected = games * _expected(wins, rounds)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(wins > 0, wins * np.log(wins / expected), 0.0)
    return 2.0 * parts.sum(axis=(1, 2))


def _simulated(wins: np.ndarray, found: float, seed: int) -> float:
    """Parametric bootstrap: the usual chi-squared is far off where one side never wins."""
    rng = np.random.default_rng(seed)
    games = np.triu(np.rint(wins + wins.T)).astype(np.int64)
    upper = rng.binomial(games, _expected(wins[None], _ROUNDS)[0], (SIMULATIONS, *games.shape))
    drawn = upper + (games - upper).swapaxes(1, 2)
    worse = _deviance(drawn.astype(float), _ROUNDS) >= found - 1e-9
    return float((1 + worse.sum()) / (1 + SIMULATIONS))


def agreement(ease: Sequence[str], preference: Mapping[str, float]) -> float | None:
    """Kendall's τ-b between the ease of candidates and the strength of preferences.

    Args:
        ease: Candidates from the easiest to the hardest.
        preference: Candidate -> strength.

    Returns:
        1 if the easier is always preferred, -1 if the harder is; None with fewer than two known
        candidates, or if all are preferred alike.
    """
    known = [name for name in ease if name in preference]
    if len({preference[name] for name in known}) < 2:
        return None
    easier = [-position for position in range(len(known))]
    tau: Any = stats.kendalltau(easier, [preference[name] for name in known])
    return float(tau.statistic)
