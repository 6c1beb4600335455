"""One order behind pairwise counts: planted orders are found, planted cycles are caught."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from evaluation.measures.ranking import agreement, ranking


def test_an_order_is_found() -> None:
    found = ranking({("a", "b"): (14, 50), ("b", "c"): (50, 14), ("a", "c"): (32, 32)})
    assert found is not None
    assert found.order.startswith("b > ")
    assert found.clear == (("b", "a"), ("b", "c"))
    assert (found.triads, found.circular) == (0, ())


def test_strengths_are_log_odds() -> None:
    found = ranking({("a", "b"): (48, 16)})
    assert found is not None
    assert found.strengths["a"] - found.strengths["b"] == pytest.approx(np.log(3), abs=0.01)
    assert found.p is None


@pytest.mark.parametrize("turned", [False, True])
def test_a_planted_cycle_is_caught(turned: bool) -> None:
    won = (10, 54) if turned else (54, 10)
    found = ranking({("a", "b"): won, ("b", "c"): won, ("a", "c"): won[::-1], ("a", "d"): (60, 4),
                     ("b", "d"): (60, 4), ("c", "d"): (60, 4)})  # fmt: skip
    assert found is not None
    assert found.triads == 4
    assert found.circular == ((("a", "c", "b") if turned else ("a", "b", "c")),)
    assert found.p is not None
    assert found.p < 0.01


def test_a_cycle_within_chance_is_none() -> None:
    found = ranking({("a", "b"): (36, 28), ("b", "c"): (36, 28), ("a", "c"): (28, 36)})
    assert found is not None
    assert (found.clear, found.triads, found.circular) == ((), 0, ())
    assert found.p is not None
    assert found.p > 0.05


def test_an_order_is_rejected_no_more_often_than_it_should_be() -> None:
    """Even where one candidate never wins, for which no chi-squared holds."""
    skill = {"a": 1.0, "b": 0.5, "c": 0.0, "d": -9.0}
    rng, low = np.random.default_rng(0), 0
    for world in range(24):
        counts = {}
        for a, b in itertools.combinations(skill, 2):
            won = rng.binomial(32, 1 / (1 + np.exp(skill[b] - skill[a])))
            counts[a, b] = (int(won), int(32 - won))
        found = ranking(counts, seed=world)
        assert found is not None
        assert found.p is not None
        low += found.p < 0.05
    assert low <= 4


def test_pairs_that_nobody_decided_are_left_out() -> None:
    assert ranking({("a", "b"): (0, 0)}) is None
    found = ranking({("a", "b"): (9, 1), ("a", "c"): (0, 0)})
    assert found is not None
    assert set(found.strengths) == {"a", "b"}


def test_candidates_of_equal_record_are_tied() -> None:
    found = ranking({("a", "b"): (60, 4), ("a", "c"): (60, 4), ("b", "c"): (32, 32)})
    assert found is not None
    assert found.strengths["b"] == found.strengths["c"]
    assert found.order == "a > b = c"


@pytest.mark.parametrize(
    ("preference", "tau"),
    [
        ({"a": 3.0, "b": 2.0, "c": 1.0}, 1.0),
        ({"a": 1.0, "b": 2.0, "c": 3.0}, -1.0),
        ({"a": 2.0, "b": 3.0, "c": 1.0}, 1 / 3),
        ({"a": 2.0, "c": 1.0}, 1.0),
        # One tie: (2 - 0) / sqrt(3 · 2), Kendall's b.
        ({"a": 2.0, "b": 1.0, "c": 1.0}, 2 / np.sqrt(6)),
    ],
)
def test_agreement_with_ease_is_kendalls(preference: dict[str, float], tau: float) -> None:
    assert agreement(("a", "b", "c"), preference) == pytest.approx(tau)


def test_no_preference_has_no_agreement() -> None:
    assert agreement(("a", "b"), {"a": 1.0, "b": 1.0}) is None
    assert agreement(("a", "b"), {"a": 1.0}) is None
