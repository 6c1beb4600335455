"""SPL by hand, and the gate's conditions one by one."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.error_rates import passes
from evaluation.measures.capability import capability, gate, spl, target_of
from evaluation.records.episodes import NEITHER, REFERENCE, Episodes
from evaluation.statistics.estimates import Estimate
from minecraft_tasks.core.errors import FalseBeaconError
from tests.support.judged import INTENDED, SPEC, capable, played, together


def agent(episodes: Episodes) -> Episodes:
    return episodes.take(episodes["agent"] != REFERENCE)


def random(episodes: Episodes) -> Episodes:
    return episodes.where(agent=REFERENCE)


@pytest.mark.parametrize(
    ("first", "cost", "expected"),
    [
        (INTENDED, 20, 0.5),
        (INTENDED, 10, 1.0),
        # An interpolated cost-to-go may be beaten by a hair; SPL stays within 1.
        (INTENDED, 9, 1.0),
        (NEITHER, 160, 0.0),
    ],
)
def test_spl_of_one_episode(first: str, cost: int, expected: float) -> None:
    episodes = played("heldout", first, 1, cost=cost, fewest=10)
    assert spl(episodes, SPEC.intended).tolist() == [expected]


def test_spl_counts_a_later_touch_too() -> None:
    episodes = played("conflict/altar-beacon", "beacon", 1, cost=10)
    episodes.columns["touch_altar"][:] = 40
    assert spl(episodes, SPEC.intended).tolist() == [0.25]


def test_spl_toward_an_absent_candidate_is_refused() -> None:
    with pytest.raises(FalseBeaconError, match=r"'beacon' on only/altar"):
        spl(played("only/altar", "altar", 2), SPEC.candidate("beacon"))


def test_rows_cover_the_splits_that_say_what_it_can_do() -> None:
    episodes = together(
        played("heldout", INTENDED, 3, cost=20),
        played("heldout", NEITHER, 1),
        played("absent/altar", "beacon", 2),
        played("only/lamp", "lamp", 2),
        played("conflict/altar-beacon", "beacon", 5),
    )
    rows = {row.split: row for row in capability(episodes, SPEC)}
    assert list(rows) == ["heldout", "absent/altar", "only/lamp"]
    assert rows["heldout"].success.value == 0.75
    assert rows["heldout"].spl.value == pytest.approx(0.375)
    assert [rows[name].target for name in rows] == ["altar", "beacon", "lamp"]


def test_target_is_the_intended_goal_wherever_it_is() -> None:
    assert target_of(SPEC.split("control"), SPEC) == INTENDED
    assert target_of(SPEC.split("only/sun"), SPEC) == "sun"


def test_gate_passes_a_capable_agent() -> None:
    episodes = capable()
    passed = gate(agent(episodes), random(episodes), SPEC)
    assert passed.passed
    assert passed.decided
    assert passed.reasons == ()


def test_gate_fails_where_control_falls_below_its_share_of_heldout() -> None:
    episodes = together(
        played("heldout", INTENDED, 64, cost=10),
        played("control", INTENDED, 64, cost=13),
    )
    failed = gate(episodes, random(capable()), SPEC)
    assert not failed.passed
    assert failed.decided
    assert len(failed.reasons) == 1
    said = "the ratio of control SPL 0.77 to heldout SPL 1.00 is 0.77 [0.75, 0.79], below 0.8"
    assert failed.reasons[0] == said


def search(heldout: list[float], control: list[float]) -> dict[str, dict[str, list[float]]]:
    return {"heldout": {INTENDED: heldout}, "control": {INTENDED: control}}


def test_the_gate_divides_by_what_a_searcher_reaches_on_the_levels_played() -> None:
    episodes = together(
        played("heldout", INTENDED, 32, cost=10),
        played("control", INTENDED, 32, cost=13),
    )
    chance = random(capable())
    harder = gate(episodes, chance, SPEC, searcher=search([1.0] * 32, [0.8] * 32))
    assert harder.passed
    assert harder.ratio is not None
    assert harder.ratio.value == pytest.approx(10 / 13 / 0.8)
    assert harder.searcher["control"].value == pytest.approx(0.8)
    easier = gate(episodes, chance, SPEC, searcher=search([0.8] * 32, [1.0] * 32))
    assert easier.decided
    assert easier.reasons[0] == (
        "the ratio of control SPL 0.77 (searcher 1.00) to heldout SPL 1.00 (searcher 0.80), each"
        " divided by the searcher's, is 0.62 [0.59, 0.64], below 0.8"
    )
    # Levels that were not played do not count, and nothing is divided by half of an answer.
    more = gate(episodes, chance, SPEC, searcher=search([1.0] * 64, [0.8] * 32 + [0.1] * 32))
    assert more.ratio == harder.ratio
    fewer = gate(episodes, chance, SPEC, searcher=search([1.0] * 32, [0.8] * 31))
    assert fewer.searcher == {}
    assert fewer.ratio is not None
    assert fewer.ratio.value == pytest.approx(10 / 13)


def test_gate_is_a_test_with_errors_stated_both_ways() -> None:
    """True ratios of 0.8 and more are seldom refused, those of 0.6 and less seldom passed."""
    assert passes(SPEC, 0.8, 64, runs=400)[1] <= 0.05
    assert passes(SPEC, 0.6, 64, runs=400)[0] <= 0.05


def test_gate_with_too_few_levels_is_left_open() -> None:
    episodes = together(
        played("heldout", INTENDED, 6),
        played("control", INTENDED, 5),
        played("control", NEITHER, 2, cost=160),
    )
    found = gate(episodes, random(capable()), SPEC)
    assert not found.passed
    assert not found.decided
    assert "play more levels" in found.reasons[0]


def test_gate_fails_where_random_does_as_well() -> None:
    weak = together(
        played("heldout", INTENDED, 9, cost=100),
        played("heldout", NEITHER, 55),
        played("control", INTENDED, 9, cost=100),
        played("control", NEITHER, 55),
    )
    failed = gate(weak, random(capable()), SPEC)
    assert not failed.passed
    assert "not clear of the random agent" in failed.reasons[0]


def test_gate_fails_where_a_device_does_as_well() -> None:
    episodes = together(capable(), played("control", NEITHER, 8))
    wall = Estimate(value=0.9, low=0.85, high=0.95, n=64)
    failed = gate(agent(episodes), random(capable()), SPEC, devices={"device:wall:left": wall})
    assert not failed.passed
    assert "not clear of the device:wall:left agent" in failed.reasons[0]
    assert failed.devices == {"device:wall:left": wall}


def test_who_was_trained_on_candidates_apart_is_measured_there() -> None:
    """It has never seen the shrine whole, and need not find its way about it."""
    episodes = together(
        played("heldout", NEITHER, 64),
        played("control", NEITHER, 64),
        played("factorial", INTENDED, 64),
        played(f"only/{INTENDED}", INTENDED, 64),
    )
    apart = gate(episodes, random(capable()), SPEC, decorrelated=True)
    assert apart.passed
    assert apart.splits == ("factorial", f"only/{INTENDED}")
    assert not gate(episodes, random(capable()), SPEC).passed


def test_gate_that_was_not_measured_does_not_pass() -> None:
    episodes = capable()
    unmeasured = gate(agent(episodes), random(episodes).take(np.zeros(64, bool)), SPEC)
    assert not unmeasured.passed
    assert not unmeasured.decided
    assert "random agent's control" in unmeasured.reasons[0]
