"""Estimates with 95 % intervals, within one run.

The episodes of one run say nothing about other training seeds: these intervals cover the
choice of levels and the sampling of actions, and nothing else.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from minecraft_tasks.core.records import Record

CONFIDENCE = 0.95
RESAMPLES = 9999


class Estimate(Record):
    """A mean or a share with its 95 % interval.

    Attributes:
        value: The estimate, in [0, 1].
        low: Lower end of the interval.
        high: Upper end of the interval.
        n: Episodes it rests on.
    """

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


def percent(share: float) -> str:
    """A share for a reader: 0.254 is ``25 %``."""
    return f"{100 * share:.0f} %"


def proportion(count: int, n: int) -> Estimate | None:
    """A share of episodes with its Wilson interval; none where there is no episode."""
    if n == 0:
        return None
    low, high = stats.binomtest(int(count), int(n)).proportion_ci(CONFIDENCE, method="wilson")
    return Estimate(value=count / n, low=float(low), high=float(high), n=n)


def unit_mean(values: np.ndarray, seed: int = 0) -> Estimate | None:
    """Mean of values in [0, 1] with its percentile bootstrap interval.

    Where every value is the same, the interval is that of `alike_interval`.

    Args:
        values: float[n].
        seed: Seed of the resampling.

    Returns:
        None where there is no value.
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
    """An interval for n equal values in [0, 1], where a bootstrap would claim certainty.

    It is what Wilson's gives for a proportion seen n times out of n, from there down to 0 and
    up to 1.
    """
    none, every = (stats.binomtest(k, n).proportion_ci(CONFIDENCE, method="wilson") for k in (0, n))
    return float(value * every.low), float(value + (1 - value) * none.high)
