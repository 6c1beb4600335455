"""Statistics across runs: the training seed is the unit, levels are crossed with it."""

from __future__ import annotations

import numpy as np
from scipy import stats

from evaluation.statistics.estimates import CONFIDENCE, RESAMPLES, alike_interval
from minecraft_tasks.core.records import Record

PILOT = 10
"""Training seeds below which a set of runs is a pilot."""

IQM_CUT = 0.25


class Pooled(Record):
    """A mean over runs with its 95 % interval.

    Attributes:
        value: The mean.
        low: Lower end of the interval.
        high: Upper end.
        seeds: Runs it rests on; with one, the interval covers the choice of levels alone.
        levels: Levels that they played, twins counted as one; 0 where the values are not by level.
    """

    value: float
    low: float
    high: float
    seeds: int
    levels: int = 0

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


class Prevalence(Record):
    """In how many training runs something came out.

    Attributes:
        count: Runs in which it did.
        n: Runs.
        share: Count over n.
        low: Lower end of the exact 95 % interval (Clopper and Pearson 1934).
        high: Upper end.
        at_least: One-sided 95 % lower bound: what the runs support when asked "how often at
            least?".
    """

    count: int
    n: int
    share: float
    low: float
    high: float
    at_least: float


def prevalence(count: int, n: int) -> Prevalence:
    """The share of training runs with an outcome, and its exact intervals; n is 1 or more."""
    low, high = stats.binomtest(count, n).proportion_ci(CONFIDENCE, method="exact")
    one_sided = stats.binomtest(count, n, alternative="greater")
    at_least = one_sided.proportion_ci(CONFIDENCE, method="exact").low
    return Prevalence(
        count=count,
        n=n,
        share=count / n,
        low=float(low),
        high=float(high),
        at_least=float(at_least),
    )


def crossed_mean(
    values: np.ndarray, clusters: np.ndarray | None = None, seed: int = 0
) -> Pooled | None:
    """Mean of outcomes in [0, 1] of runs on common levels, by a crossed cluster bootstrap.

    Runs and levels are drawn with replacement, each independently of the other, and a value
    counts as often as its run times its level was drawn (the pigeonhole bootstrap of Owen
    2007). One run is not resampled. Where every value is the same, the interval is that of
    `alike_interval` for so many runs.

    Args:
        values: float64[R, L], NaN where a run has no valid episode of a level.
        clusters: int64[L] levels of one number are drawn together; all apart unless given.
        seed: Of the resampling.

    Returns:
        None where there is no value.
    """
    known = ~np.isnan(values)
    if not known.any():
        return None
    values = np.where(known, values, 0.0)
    index = np.unique(
        np.arange(values.shape[1]) if clusters is None else clusters, return_inverse=True
    )[1]
    groups = np.zeros((values.shape[1], index.max() + 1))
    groups[np.arange(len(index)), index] = 1.0
    total, count = values @ groups, known.astype(float) @ groups
    mean, (runs, levels) = float(values.sum() / known.sum()), total.shape
    if np.ptp(values[known]) == 0:
        low, high = alike_interval(mean, runs if runs > 1 else levels)
    else:
        rng = np.random.default_rng(seed)
        by_run = _draws(rng, runs) if runs > 1 else np.ones((RESAMPLES, 1))
        by_level = _draws(rng, levels)
        seen = np.einsum("bl,bl->b", by_run @ count, by_level)
        sums = np.einsum("bl,bl->b", by_run @ total, by_level)
        low, high = _interval(sums[seen > 0] / seen[seen > 0])
    return Pooled(value=mean, low=low, high=high, seeds=runs, levels=levels)


def seed_mean(values: np.ndarray, least: float = 0.0, seed: int = 0) -> Pooled | None:
    """Mean of one number for each run, with a percentile bootstrap over runs.

    Args:
        values: float64[R] from `least` to 1, NaN where a run has none.
        least: The lowest that a value can be.
        seed: Of the resampling.

    Returns:
        None with fewer than two runs: nothing then tells how they differ.
    """
    return _over_seeds(values, 0.0, least, seed)


def iqm(values: np.ndarray, seed: int = 0) -> Pooled | None:
    """Interquartile mean over runs (Agarwal et al. 2021), with a percentile bootstrap over runs.

    A quarter of the runs is cut off at either end, rounded down: with fewer than four it is the
    mean. For capability only: of preferences the outlying runs are the finding.
    Values are in [0, 1]; arguments and returns otherwise as for `seed_mean`.
    """
    return _over_seeds(values, IQM_CUT, 0.0, seed)


def _over_seeds(values: np.ndarray, cut: float, least: float, seed: int) -> Pooled | None:
    values = np.asarray(values, float)
    values = values[~np.isnan(values)]
    if len(values) < 2:
        return None
    value, span = float(stats.trim_mean(values, cut)), 1.0 - least
    if np.ptp(values) == 0:
        ends = alike_interval((value - least) / span, len(values))
        low, high = (least + span * end for end in ends)
    else:
        rng = np.random.default_rng(seed)
        drawn = values[rng.integers(len(values), size=(RESAMPLES, len(values)))]
        low, high = _interval(stats.trim_mean(drawn, cut, axis=1))
    return Pooled(value=value, low=low, high=high, seeds=len(values))


def _draws(rng: np.random.Generator, count: int) -> np.ndarray:
    """float64[B, count] how often each of some units is drawn, with replacement."""
    return rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES).astype(float)


def _interval(draws: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(draws, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)
