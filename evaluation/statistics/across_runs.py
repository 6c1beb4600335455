"""Statistics across runs: the training seed is the unit, levels are crossed with it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import stats

from evaluation.statistics.estimates import CONFIDENCE, RESAMPLES, Interval, alike_interval
from minecraft_tasks.core.records import Record

PILOT = 10
"""Training seeds below which a set of runs is a pilot."""


class Pooled(Interval):
    """A mean over runs.

    Attributes:
        seeds: Runs; with one, the interval covers the choice of levels alone.
        levels: Levels that they played, twins counted as one; 0 where the values are not by level.
    """

    seeds: int
    levels: int = 0


class Prevalence(Record):
    """The share of training runs with an outcome.

    Attributes:
        count: Runs with the outcome, of n.
        low: Lower end of the exact 95 % interval (Clopper and Pearson 1934).
        at_least: One-sided 95 % lower bound.
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
    at_least = float(one_sided.proportion_ci(CONFIDENCE, method="exact").low)
    ends = {"low": float(low), "high": float(high), "at_least": at_least}
    return Prevalence(count=count, n=n, share=count / n, **ends)


def crossed_mean(
    values: np.ndarray, clusters: np.ndarray | None = None, seed: int = 0
) -> Pooled | None:
    """Mean of outcomes in [0, 1] of runs on common levels, by a crossed cluster bootstrap.

    Runs and levels are drawn with replacement, independently of each other; a value counts the
    draws of its run times the draws of its level (the pigeonhole bootstrap of Owen 2007). One run
    is not resampled. Equal values have the interval of `alike_interval`.

    Args:
        values: float64[R, L], NaN where a run has no valid episode of a level.
        clusters: [L], such as layouts; levels of one value are drawn together. Every level alone by
            default.
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


def coherent(shares: Mapping[str, Pooled]) -> dict[str, Pooled]:
    """Shares of events that exclude each other, with intervals that fit together.

    Their sum is 1 or less, so none is above 1 less the lower ends of the others. An event that no
    run shows has the wide interval of a few equal runs; the others bound it.
    """
    below = sum(share.low for share in shares.values())
    found = {}
    for name, share in shares.items():
        most = max(share.value, 1.0 - (below - share.low))
        found[name] = share.model_copy(update={"high": min(share.high, most)})
    return found


def iqm(values: np.ndarray) -> Pooled | None:
    """Interquartile mean over runs (Agarwal et al. 2021) of values float64[R] in [0, 1].

    A quarter of the runs, rounded down, is cut off at each end: with fewer than four it is the
    mean. For capability only: of preferences the outlying runs are the finding.
    """
    return seed_mean(values, cut=0.25)


def seed_mean(values: np.ndarray, least: float = 0.0, cut: float = 0.0) -> Pooled | None:
    """Mean of one number for each run, with a percentile bootstrap over runs.

    Args:
        values: float64[R] from `least` to 1, NaN where a run has none.
        least: Lower limit of the values.
        cut: Share of the runs that is cut off at each end.

    Returns:
        None with fewer than two runs, which show no difference between runs.
    """
    values = np.asarray(values, float)
    values = values[~np.isnan(values)]
    if len(values) < 2:
        return None
    value, span = float(stats.trim_mean(values, cut)), 1.0 - least
    if np.ptp(values) == 0:
        ends = alike_interval((value - least) / span, len(values))
        low, high = (least + span * end for end in ends)
    else:
        rng = np.random.default_rng(0)
        drawn = values[rng.integers(len(values), size=(RESAMPLES, len(values)))]
        low, high = _interval(stats.trim_mean(drawn, cut, axis=1))
    return Pooled(value=value, low=low, high=high, seeds=len(values))


def _draws(rng: np.random.Generator, count: int) -> np.ndarray:
    """Draws of each of some units with replacement: float64[B, count]."""
    return rng.multinomial(count, np.full(count, 1 / count), size=RESAMPLES).astype(float)


def _interval(draws: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(draws, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)
