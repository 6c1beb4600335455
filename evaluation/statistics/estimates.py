"""Estimates with 95 % intervals, within one run.

The intervals cover the choice of levels and the sampling of actions, not other training seeds.
Episodes on one layout, such as those of twins, are not independent: the layout is the unit.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from minecraft_tasks.core.records import Record

CONFIDENCE = 0.95
RESAMPLES = 9999
_UPPER = (1 + CONFIDENCE) / 2


class Interval(Record):
    """A value with the two ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


class Estimate(Interval):
    """A mean or a share in [0, 1] over n episodes.

    Attributes:
        layouts: Layouts that they were played on; None where each had its own.
    """

    n: int
    layouts: int | None = None

    @property
    def size(self) -> str:
        """Its size as text: ``n = 64 on 32 layouts``."""
        return f"n = {self.n}" + ("" if self.layouts is None else f" on {self.layouts} layouts")


def percent(share: float) -> str:
    """A share as text: 0.254 is ``25 %``."""
    return f"{100 * share:.0f} %"


def proportion(count: int, n: int) -> Estimate | None:
    """A share of episodes with its Wilson interval; None without episodes."""
    if n == 0:
        return None
    low, high = stats.binomtest(int(count), int(n)).proportion_ci(CONFIDENCE, method="wilson")
    return Estimate(value=count / n, low=float(low), high=float(high), n=n)


def share_of(passed: np.ndarray, layouts: np.ndarray | None = None) -> Estimate | None:
    """Share of bool[n] that is true; None without episodes.

    Where episodes share layouts, the interval is Wilson's at the effective number of episodes,
    with the quantile of Student's t for the number of layouts, as design-based intervals of surveys
    are made (Korn and Graubard 1998; Franco et al. 2019). The effective number divides by the
    design effect, which is estimated, but at least 1 and at most what one outcome for each layout
    would give; equal outcomes count once for each layout.

    Args:
        passed: The outcomes.
        layouts: Layout of each episode, of any type with an order; every one its own by default.
    """
    sizes, counts = _by_layout(passed, layouts)
    n, units = len(passed), len(sizes)
    if units == n:
        return proportion(int(passed.sum()), n)
    value = float(passed.mean())
    effective = float(units)
    if 0 < value < 1 and units > 1:
        spread = float(((counts - value * sizes) ** 2).sum()) * units / (units - 1)
        effective = float(np.clip(n * n * value * (1 - value) / max(spread, 1e-12), units, n))
    low, high = _wilson(value, effective, float(stats.t.ppf(_UPPER, max(units - 1, 1))))
    return Estimate(value=value, low=low, high=high, n=n, layouts=units)


def _by_layout(values: np.ndarray, layouts: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Episodes of each layout, and the sum of their values: float64[L] each."""
    if layouts is None:
        return np.ones(len(values)), np.asarray(values, float)
    _, unit, sizes = np.unique(layouts, return_inverse=True, return_counts=True)
    return sizes.astype(float), np.bincount(unit, values, len(sizes))


def _wilson(value: float, n: float, quantile: float) -> tuple[float, float]:
    """Wilson's score interval of a share of n trials, where n need not be whole."""
    spread = quantile**2 / n
    middle = value + spread / 2
    half = np.sqrt(spread * value * (1 - value) + spread**2 / 4)
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    return float(max(low, 0.0)), float(min(high, 1.0))


def unit_mean(
    values: np.ndarray, layouts: np.ndarray | None = None, seed: int = 0
) -> Estimate | None:
    """Mean of float[n] in [0, 1] with its percentile bootstrap interval; None without values.

    Layouts are drawn with replacement, each with all of its episodes. Equal values have the
    interval of `alike_interval`.

    Args:
        values: The values.
        layouts: As in `share_of`.
        seed: Of the resampling.
    """
    n = len(values)
    if n == 0:
        return None
    sizes, sums = _by_layout(values, layouts)
    mean, units = float(np.mean(values)), len(sizes)
    if np.ptp(values) == 0:
        low, high = alike_interval(mean, units)
    elif units == 1:
        low, high = 0.0, 1.0
    else:
        sample = stats.bootstrap(
            (sums, sizes),
            lambda total, count, axis: total.sum(axis=axis) / count.sum(axis=axis),
            paired=True,
            vectorized=True,
            n_resamples=RESAMPLES,
            confidence_level=CONFIDENCE,
            method="percentile",
            rng=np.random.default_rng(seed),
        )
        low, high = sample.confidence_interval
    shared = None if units == n else units
    return Estimate(value=mean, low=float(low), high=float(high), n=n, layouts=shared)


def mean_ratio(over: np.ndarray, under: np.ndarray, level: float, seed: int = 0) -> Interval | None:
    """Ratio of the means of two independent samples in [0, 1], with its bootstrap interval.

    Args:
        over: float[n], whose mean is divided.
        under: float[m], whose mean divides.
        level: One-sided error of each end of the interval.
        seed: Of the resampling.

    Returns:
        None where a sample is empty, or the mean that divides is 0. In a sample of equal values
        the share of unseen ones, 0 or 1, is drawn from its distribution after Jeffreys.
    """
    if len(over) == 0 or len(under) == 0 or not np.any(under):
        return None
    rng = np.random.default_rng(seed)
    means = []
    for values in (np.asarray(over, float), np.asarray(under, float)):
        drawn = values[rng.integers(len(values), size=(RESAMPLES, len(values)))].mean(axis=1)
        if np.ptp(values) == 0:
            other = rng.beta(0.5, len(values) + 0.5, RESAMPLES)
            drawn += other * (rng.integers(2, size=RESAMPLES) - drawn)
        means.append(drawn)
    ratios = means[0] / np.maximum(means[1], 1e-9)
    low, high = np.quantile(ratios, [level, 1 - level])
    return Interval(value=float(np.mean(over) / np.mean(under)), low=float(low), high=float(high))


def alike_interval(value: float, n: int) -> tuple[float, float]:
    """Interval of n equal values in [0, 1], where a bootstrap would claim certainty.

    Wilson's interval for n successes in n trials, scaled to the room below and above the value.
    """
    none, every = (stats.binomtest(k, n).proportion_ci(CONFIDENCE, method="wilson") for k in (0, n))
    return float(value * every.low), float(value + (1 - value) * none.high)
