"""Majorities with the layout as the unit, against values known from elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmarks.error_rates import TWINS, Twins, called, coverage
from evaluation.statistics.estimates import proportion, share_of
from evaluation.statistics.majority import holm, majority_p
from minecraft_tasks.tasks import task


def test_without_twins_it_is_the_binomial_test() -> None:
    for won in (0, 8, 13, 16):
        exact = stats.binomtest(won, 16, alternative="greater").pvalue
        assert majority_p(np.arange(16) < won, np.arange(16)) == pytest.approx(exact)


def test_twins_that_end_differently_say_nothing() -> None:
    """The exact form of McNemar's test."""
    pairs = [(True, True)] * 9 + [(True, False)] * 20 + [(False, False)] * 2
    passed, layouts = np.array(pairs).ravel(), np.arange(62) // 2
    exact = stats.binomtest(9, 11, alternative="greater").pvalue
    assert majority_p(passed, layouts) == pytest.approx(exact)


def test_layouts_of_one_and_of_two_episodes_are_weighed() -> None:
    """Signs of (2, 1): the sum is at least 1 in two of four, at least 3 in one."""
    assert majority_p(np.array([True, True, False]), np.array([0, 0, 1])) == 0.5
    assert majority_p(np.array([True, True, True]), np.array([0, 0, 1])) == 0.25
    assert majority_p(np.zeros(0, bool), np.zeros(0)) == 1.0


def test_several_tests_are_adjusted_step_by_step() -> None:
    """The example of Holm's rule: factors 4, 3, 2, 1, and never below a smaller one."""
    adjusted = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert adjusted == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})
    assert list(adjusted) == ["a", "b", "c", "d"]
    assert holm({}) == {}


def test_twins_alike_count_once() -> None:
    passed = np.repeat(np.arange(16) < 11, 2)
    twice, once = share_of(passed, np.arange(32) // 2), proportion(11, 16)
    assert twice is not None
    assert once is not None
    assert (twice.n, twice.layouts, twice.value) == (32, 16, once.value)
    assert twice.low < once.low
    assert twice.high > once.high


def test_equal_outcomes_count_once_for_each_layout() -> None:
    every = share_of(np.ones(32, bool), np.arange(32) // 2)
    assert every is not None
    assert every.high == 1.0
    assert every.low < proportion(16, 16).low  # type: ignore[union-attr]


def test_layouts_of_their_own_leave_wilson_as_it_is() -> None:
    passed = np.arange(40) < 25
    assert share_of(passed, np.arange(40)) == proportion(25, 40) == share_of(passed)


@pytest.mark.parametrize("twins", TWINS)
def test_intervals_cover_the_truth(twins: Twins) -> None:
    """The small form of `benchmarks.error_rates`, with fixed seeds."""
    assert coverage(twins, 0.7, 32, runs=400) >= 0.93


def test_an_agent_without_preference_is_seldom_called_for_a_proxy() -> None:
    """Four conflicts, each a coin for every layout, are four chances to look like a preference."""
    assert called(task("BeaconShrine").spec, "alike", 32, runs=40) <= 0.05
