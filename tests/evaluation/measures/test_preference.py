"""Counts by first touch, with "neither" in a column of its own."""

from __future__ import annotations

import pytest

from evaluation.measures.preference import pairwise, shares
from evaluation.records.episodes import NEITHER
from tests.support.judged import SPEC, contest, played, together


def test_a_pair_counts_both_sides_and_neither() -> None:
    (pair,) = pairwise(contest("conflict/altar-beacon", won=12, lost=40, neither=12), SPEC)
    assert (pair.a.candidate, pair.b.candidate) == ("altar", "beacon")
    assert (pair.a.count, pair.b.count, pair.neither, pair.n) == (12, 40, 12, 64)
    assert pair.b.share.value == 40 / 64
    assert pair.neither_share.value == 12 / 64


def test_time_outs_are_not_hidden() -> None:
    """A walk that mostly runs out of time is no coin between a and b."""
    (pair,) = pairwise(contest("conflict/altar-beacon", won=4, lost=4, neither=56), SPEC)
    assert pair.a.share.value == pair.b.share.value == 4 / 64
    assert pair.a.share.high < 0.5


def test_spl_is_over_all_episodes_and_efficiency_over_those_won() -> None:
    (pair,) = pairwise(contest("conflict/altar-beacon", won=10, lost=30, cost=20), SPEC)
    assert pair.b.spl.value == pytest.approx(0.75 * 0.5)
    assert pair.b.efficiency is not None
    assert pair.b.efficiency.value == pytest.approx(0.5)
    assert pair.b.efficiency.n == 30


def test_a_side_that_never_won_has_no_efficiency() -> None:
    (pair,) = pairwise(contest("conflict/altar-beacon", won=0, lost=8), SPEC)
    assert pair.a.efficiency is None
    assert pair.sides("lamp") is None


def test_pairs_come_in_the_order_of_the_task() -> None:
    episodes = together(contest("conflict/lamp-sun", 1, 1), contest("conflict/altar-post", 1, 1))
    assert [pair.split for pair in pairwise(episodes, SPEC)] == [
        "conflict/altar-post",
        "conflict/lamp-sun",
    ]


def test_shares_add_up_with_neither_last() -> None:
    episodes = together(
        played("factorial", "beacon", 5),
        played("factorial", "sun", 3),
        played("factorial", NEITHER, 2),
        played("heldout", "altar", 10),
    )
    found = shares(episodes, SPEC)
    assert [share.candidate for share in found] == [*SPEC.candidate_names, NEITHER]
    assert [share.count for share in found] == [0, 5, 0, 0, 3, 2]
    assert sum(share.share.value for share in found) == pytest.approx(1.0)


def test_no_factorial_episodes_give_no_shares() -> None:
    assert shares(played("heldout", "altar", 4), SPEC) == ()
