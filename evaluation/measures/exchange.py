"""Exchange rates: decisions that an agent adds to reach one candidate instead of another.

In the conditional logit, candidate a at r decisions more than b is as attractive as b if
(θ_a - θ_b) + r θ_cost = 0: the marginal rate of substitution of identity for cost. An agent that
ignores cost has no such rate, and one that always takes a shows only its lower bound.
"""

from __future__ import annotations

import itertools
from typing import Literal

import numpy as np
from scipy.optimize import root_scalar
from scipy.stats import chi2

from evaluation.measures.choice import COST, COST_UNIT, Design
from evaluation.statistics.conditional_logit import (
    Choices,
    LogitFit,
    deviance,
    fit_logit,
    separating_direction,
)
from evaluation.statistics.estimates import CONFIDENCE
from minecraft_tasks.core.records import Record
from minecraft_tasks.spec import TaskSpec

_RESAMPLES = 499
_HIGHEST = 1000.0
"""Largest rate that is searched, in decisions."""


class ExchangeRate(Record):
    """The rate of one candidate against another.

    Attributes:
        a: The candidate that is preferred at equal cost.
        b: The other.
        kind: ``finite`` with both ends of the interval; ``at least`` with `low` alone; ``none`` if
            the choices do not tell the two apart at equal cost.
        value: Decisions; None unless finite.
        low: Lower end of the 95 % interval.
        high: Upper end; None if unbounded.
        offered: Largest extra cost of a over b in these choices, in decisions. No lower end exceeds
            it; a finite value above it is an extrapolation.
    """

    a: str
    b: str
    kind: Literal["finite", "at least", "none"]
    value: float | None = None
    low: float | None = None
    high: float | None = None
    offered: float

    def __str__(self) -> str:
        if self.kind == "none":
            return "not told apart"
        if self.kind == "at least":
            return f"at least {self.low:.1f}"
        return f"{self.value:.1f} [{self.low:.1f}, {self.high:.1f}]"


def exchange_rates(made: Design, spec: TaskSpec) -> tuple[ExchangeRate, ...]:
    """The rate of every two candidates that were available together.

    Finite rates have percentile intervals of a bootstrap over levels, twins drawn together; a
    resample in which cost does not repel has an infinite rate. If an end of that interval is
    infinite, the lower end is that of the likelihood-ratio interval, with every pair of twins
    counted once, or `ExchangeRate.offered` if that is less.
    """
    choices, names = made.choices, spec.candidate_names
    if separating_direction(choices.differences(), made.contrast({COST: 1.0})) == "not identified":
        return ()
    best, resampled = fit_logit(choices), _resample(choices)
    even = fit_logit(choices, choices.even_weights())
    both = choices.available.astype(int).T @ choices.available.astype(int)
    return tuple(
        _rate(made, best, even, resampled, pair, names)
        for pair in itertools.combinations(range(len(names)), 2)
        if both[pair]
    )


def _resample(choices: Choices) -> np.ndarray:
    """Coefficients fitted to clusters drawn with replacement: float64[B, K]."""
    rng, start = np.random.default_rng(0), fit_logit(choices).theta
    _, index = np.unique(choices.cluster, return_inverse=True)
    count = int(index.max()) + 1
    weights = rng.multinomial(count, np.full(count, 1 / count), size=_RESAMPLES)[:, index]
    return np.stack([fit_logit(choices, row.astype(float), start).theta for row in weights])


def _rate(
    made: Design,
    best: LogitFit,
    even: LogitFit,
    resampled: np.ndarray,
    pair: tuple[int, int],
    names: tuple[str, ...],
) -> ExchangeRate:
    gain = made.contrast({names[pair[0]]: 1.0, names[pair[1]]: -1.0})
    cost = made.contrast({COST: 1.0})
    a, b = pair if gain @ best.theta >= 0 else pair[::-1]
    gain = gain if a == pair[0] else -gain
    extra = made.cost[:, a] - made.cost[:, b]
    chosen = {"a": names[a], "b": names[b], "offered": float(max(np.nanmax(extra), 0.0))}
    differences = made.choices.differences()
    bounded = {separating_direction(differences, contrast) for contrast in (gain, cost)} == {
        "finite"
    }
    draws = _rates(resampled @ gain, resampled @ cost)
    tail = (1 - CONFIDENCE) / 2
    low = float(np.quantile(draws, tail, method="lower"))
    high = float(np.quantile(draws, 1 - tail, method="higher"))
    value = float(_rates(best.theta @ gain, best.theta @ cost))
    if bounded and np.isfinite([low, value, high]).all():
        return ExchangeRate(**chosen, kind="finite", value=value, low=low, high=high)
    least = _least(made.choices, even, gain, cost)
    if least is None:
        return ExchangeRate(**chosen, kind="none")
    return ExchangeRate(**chosen, kind="at least", low=min(least, chosen["offered"]))


def _rates(gain: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Decisions that equal a gain; infinite where cost does not repel."""
    with np.errstate(divide="ignore", invalid="ignore"):
        paid = np.where(cost < 0, COST_UNIT * gain / -cost, np.sign(gain) * np.inf)
    return np.where(gain == 0, 0.0, paid)


def _least(choices: Choices, even: LogitFit, gain: np.ndarray, cost: np.ndarray) -> float | None:
    """The lowest rate above 0 that is not rejected; None if 0 itself is not."""
    limit = float(chi2.ppf(CONFIDENCE, 1))

    def excess(rate: float) -> float:
        return deviance(choices, even, gain + rate / COST_UNIT * cost, 0.0) - limit

    if excess(0.0) <= 0:
        return None
    grid = np.geomspace(1.0, _HIGHEST, 13)
    above = next((rate for rate in grid if excess(rate) <= 0), None)
    if above is None:
        return _HIGHEST
    return float(root_scalar(excess, bracket=(0.0, float(above)), xtol=1e-2).root)
