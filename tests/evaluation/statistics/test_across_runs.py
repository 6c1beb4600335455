"""Statistics across training seeds, against tables and against simulated worlds."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.statistics.across_runs import crossed_mean, iqm, prevalence, seed_mean


@pytest.mark.parametrize(("n", "at_least"), [(5, 0.549), (10, 0.741), (20, 0.861)])
def test_all_seeds_alike_support_this_much(n: int, at_least: float) -> None:
    """One-sided 95 %: the n-th root of 0.05."""
    found = prevalence(n, n)
    assert found.at_least == pytest.approx(at_least, abs=5e-4)
    assert found.at_least == pytest.approx(0.05 ** (1 / n))
    assert (found.share, found.high) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    # Clopper and Pearson's exact interval, as tabulated by Newcombe 1998, table I.
    [
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0.0, 0.1684),
        (1, 29, 0.0009, 0.1776),
    ],
)
def test_prevalence_is_exact(count: int, n: int, low: float, high: float) -> None:
    found = prevalence(count, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert found.low <= found.at_least <= found.share
    assert (found.count, found.n) == (count, n)


def outcomes(rng: np.random.Generator, seeds: int, levels: int) -> np.ndarray:
    """Outcomes of runs that differ, on levels that differ; half of them come out on average."""
    run, level = rng.normal(0, 1.0, (seeds, 1)), rng.normal(0, 0.7, (1, levels))
    return (rng.normal(size=(seeds, levels)) < run + level).astype(float)


def test_the_crossed_interval_covers_and_one_over_episodes_does_not() -> None:
    rng, crossed, pooled = np.random.default_rng(0), 0, 0
    worlds = 40
    for _ in range(worlds):
        values = outcomes(rng, 20, 32)
        found = crossed_mean(values)
        assert found is not None
        crossed += found.low <= 0.5 <= found.high
        half = 1.96 * values.std() / np.sqrt(values.size)
        pooled += abs(values.mean() - 0.5) <= half
    assert crossed >= 0.88 * worlds
    assert pooled <= 0.5 * worlds


def test_one_run_is_resampled_by_levels_alone() -> None:
    values = (np.arange(64) % 4 == 0).astype(float)[None]
    found = crossed_mean(values)
    assert found is not None
    assert (found.value, found.seeds, found.levels) == (0.25, 1, 64)
    half = 1.96 * np.sqrt(0.25 * 0.75 / 64)
    assert (found.low, found.high) == pytest.approx((0.25 - half, 0.25 + half), abs=0.02)


def test_twins_are_drawn_together() -> None:
    """Twins that repeat each other are half as many levels."""
    rng = np.random.default_rng(1)
    each = (rng.random((1, 40)) < 0.5).astype(float)
    twins = crossed_mean(np.repeat(each, 2, axis=1), np.arange(80) // 2)
    alone, naive = crossed_mean(each), crossed_mean(np.repeat(each, 2, axis=1))
    assert twins is not None
    assert alone is not None
    assert naive is not None
    assert twins.levels == 40
    assert (twins.low, twins.high) == (alone.low, alone.high)
    assert naive.high - naive.low < 0.8 * (twins.high - twins.low)


def test_invalid_episodes_are_left_out() -> None:
    values = np.array([[1.0, np.nan, 0.0], [np.nan, 1.0, 1.0]])
    found = crossed_mean(values)
    assert found is not None
    assert found.value == 0.75
    assert crossed_mean(np.full((2, 3), np.nan)) is None
    assert crossed_mean(np.zeros((2, 0))) is None


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_runs_that_all_agree_do_not_claim_certainty(value: float) -> None:
    """Their number is what counts, however many levels they played."""
    few, many = (crossed_mean(np.full((runs, 64), value)) for runs in (5, 20))
    assert few is not None
    assert many is not None
    assert few.high - few.low > many.high - many.low > 0.1
    longer = crossed_mean(np.full((5, 640), value))
    assert longer is not None
    assert (longer.low, longer.high) == (few.low, few.high)


def test_the_interquartile_mean_cuts_a_quarter_at_either_end() -> None:
    found = iqm(np.array([0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]))
    assert found is not None
    assert found.value == pytest.approx(np.mean([0.5, 0.6, 0.7, 0.8]))
    assert found.low < found.value < found.high
    assert found.seeds == 8
    few = iqm(np.array([0.2, 0.4, 0.9]))
    assert few is not None
    assert few.value == pytest.approx(0.5)


def test_one_run_tells_nothing_of_runs() -> None:
    assert iqm(np.array([0.7])) is None
    assert seed_mean(np.array([0.7, np.nan])) is None


def test_means_over_seeds_may_be_negative() -> None:
    found = seed_mean(np.array([-1.0, -0.5, 0.5]), least=-1.0)
    assert found is not None
    assert found.value == pytest.approx(-1 / 3)
    alike = seed_mean(np.full(5, 1.0), least=-1.0)
    assert alike is not None
    assert alike.value == alike.high == 1.0
    assert -0.1 < alike.low < 0.5


def test_intervals_are_repeatable() -> None:
    values = np.random.default_rng(2).random((5, 16))
    assert crossed_mean(values, seed=3) == crossed_mean(values, seed=3)
    assert crossed_mean(values, seed=3) != crossed_mean(values, seed=4)
