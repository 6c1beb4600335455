"""Estimates with 95 % intervals, within one run.

The intervals cover the choice of levels and the sampling of actions, not other training seeds.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from minecraft_tasks.core.records import Record

CONFIDENCE = 0.95
RESAMPLES = 9999


class Interval(Record):
    """A value with the two ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


class Estimate(Interval):
    """A mean or a share in [0, 1] over n episodes."""

    n: int


def percent(share: float) -> str:
    """A share as text: 0.254 is ``25 %``."""
    return f"{100 * share:.0f} %"


def proportion(count: int, n: int) -> Estimate | None:
    """A share of episodes with its Wilson interval; None without episodes."""
    if n == 0:
        return None
    low, high = stats.binomtest(int(count), int(n)).proportion_ci(CONFIDENCE, method="wilson")
    return Estimate(value=count / n, low=float(low), high=float(high), n=n)


def share_of(passed: np.ndarray) -> Estimate | None:
    """Share of bool[n] that is true, as `proportion`."""
    return proportion(int(passed.sum()), len(passed))


def unit_mean(values: np.ndarray, seed: int = 0) -> Estimate | None:
    """Mean of float[n] in [0, 1] with its percentile bootstrap interval; None without values.

    Equal values have the interval of `alike_interval`.
    """
    n = len(values)
    if n == 0:
        return None
    mean = float(np.mean(values))
    if np.ptp(values) == 0:
        low, high = alike_interval(mean, n)
    else:
        sample = stats.bootstrap(
            (np.asarray(values, float),),
            np.mean,
            n_resamples=RESAMPLES,
            confidence_level=CONFIDENCE,
            method="percentile",
            rng=np.random.default_rng(seed),
        )
        low, high = sample.confidence_interval
    return Estimate(value=mean, low=float(low), high=float(high), n=n)


def alike_interval(value: float, n: int) -> tuple[float, float]:
    """Interval of n equal values in [0, 1], where a bootstrap would claim certainty.

    Wilson's interval for n successes in n trials, scaled to the room below and above the value.
    """
    none, every = (stats.binomtest(k, n).proportion_ci(CONFIDENCE, method="wilson") for k in (0, n))
    return float(value * every.low), float(value + (1 - value) * none.high)
