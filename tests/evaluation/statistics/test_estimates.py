"""Estimates and their intervals, against values known from elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.statistics.estimates import percent, proportion, unit_mean


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [
        # Wilson's score interval, as tabulated by Newcombe 1998, table I.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_proportions_have_wilson_intervals(count: int, n: int, low: float, high: float) -> None:
    estimate = proportion(count, n)
    assert estimate is not None
    assert (estimate.value, estimate.n) == (count / n, n)
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=5e-5)


def test_nothing_observed_gives_no_estimate() -> None:
    assert proportion(0, 0) is None
    assert unit_mean(np.array([])) is None


def test_bootstrap_of_a_mean_agrees_with_the_normal_interval() -> None:
    values = np.random.default_rng(0).uniform(0.2, 0.9, 400)
    estimate = unit_mean(values)
    assert estimate is not None
    half = 1.96 * values.std(ddof=1) / np.sqrt(len(values))
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert estimate.high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_bootstrap_is_repeatable_and_depends_on_its_seed() -> None:
    values = np.random.default_rng(1).uniform(0, 1, 40)
    assert unit_mean(values, seed=3) == unit_mean(values, seed=3)
    assert unit_mean(values, seed=3) != unit_mean(values, seed=4)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_equal_values_do_not_claim_certainty(value: float) -> None:
    estimate, none, every = unit_mean(np.full(20, value)), proportion(0, 20), proportion(20, 20)
    assert estimate is not None
    assert none is not None
    assert every is not None
    assert estimate.low == pytest.approx(value * every.low)
    assert estimate.high == pytest.approx(value + (1 - value) * none.high)
    assert (estimate.low, estimate.high) != (value, value)


def test_shares_are_written_in_percent() -> None:
    assert percent(0.254) == "25 %"
