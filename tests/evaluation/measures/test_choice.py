"""Choices of agents whose taste is known: the model finds it, and its price in decisions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from evaluation.measures.choice import (
    BEARING_SIDE,
    COST,
    SEEN,
    SHOWN_FIRST,
    Coefficient,
    Logit,
    design,
    logit,
)
from evaluation.measures.exchange import ExchangeRate, exchange_rates
from evaluation.measures.preference_file import PREFERENCE_FILE, model_preference, read_preference
from evaluation.pictures.views import compass_bearings
from evaluation.records.episodes import NEITHER, REFERENCE, Episodes
from evaluation.records.placements import Placements, read_placements, write_placements
from minecraft_tasks.core.errors import CorruptFileError, StaleError
from minecraft_tasks.tasks import task
from tests.support.chosen import choosy
from tests.support.judged import SPEC, played, together

CONFLICTS = tuple(split.name for split in SPEC.splits if split.kind == "conflict")
EVERYWHERE = (*CONFLICTS, "factorial")
TASTE = {"beacon": 2.0, "post": 1.0, "lamp": 0.5, "sun": -1.0}


def modelled(episodes: Episodes, placements: Placements) -> Logit:
    made = design(episodes, placements, SPEC)
    assert made is not None
    return logit(made, SPEC)


def term(found: Logit, name: str) -> Coefficient:
    row = found.term(name)
    assert row is not None
    return row


def rate(rates: Sequence[ExchangeRate], a: str, b: str) -> ExchangeRate:
    return next(row for row in rates if {row.a, row.b} == {a, b})


def priced(*agent: object, **taste: object) -> tuple[ExchangeRate, ...]:
    made = design(*choosy(*agent, **taste), SPEC)  # type: ignore[arg-type]
    assert made is not None
    return exchange_rates(made, SPEC)


def test_taste_cost_side_and_view_are_told_apart() -> None:
    found = modelled(*choosy(EVERYWHERE, 96, TASTE, cost=-0.1, side=0.8, seen=0.7, early=0.9,
                             neither=0.1))  # fmt: skip
    truth = {**TASTE, COST: -1.0, BEARING_SIDE: 0.8, SEEN: 0.7, SHOWN_FIRST: 0.9}
    assert {row.term for row in found.coefficients} == set(truth)
    for row in found.coefficients:
        assert row.direction == "finite"
        assert row.value is not None
        assert row.error is not None
        assert abs(row.value - truth[row.term]) < 3 * row.error < 1.2
    assert found.choices + found.neither == 96 * len(EVERYWHERE)
    assert found.neither > 50
    assert found.clusters <= 48 * len(CONFLICTS) + 96


def test_side_alone_looks_like_no_taste() -> None:
    """An agent that always goes right has no preference, whatever it happens to reach."""
    found = modelled(*choosy(CONFLICTS, 64, {}, side=40.0))
    assert term(found, BEARING_SIDE).direction == "above"
    for name in TASTE:
        row = term(found, name)
        assert row.direction == "finite"
        assert row.value is not None
        assert row.error is not None
        assert abs(row.value) < 3 * row.error < 1.0


def test_what_conflicts_never_vary_is_not_identified() -> None:
    """Both sites of a conflict are seen, or neither: only `factorial` tells of the view."""
    found = modelled(*choosy(CONFLICTS, 32, TASTE))
    assert term(found, SEEN).direction == "not identified"
    assert str(term(found, SEEN)) == "not identified"


def test_a_candidate_that_never_wins_is_bounded_from_above_only() -> None:
    found = modelled(*choosy(EVERYWHERE, 48, {**TASTE, "sun": -60.0}, cost=-0.1))
    sun = term(found, "sun")
    assert (sun.direction, sun.value, sun.low) == ("below", None, None)
    assert sun.high is not None
    assert -6.0 < sun.high < -1.0
    assert str(sun).startswith("at most -")
    assert term(found, "beacon").direction == "finite"


def test_the_price_of_a_candidate_is_found() -> None:
    rates = priced(EVERYWHERE, 128, TASTE, cost=-0.2)
    beacon = rate(rates, "altar", "beacon")
    assert (beacon.a, beacon.b, beacon.kind) == ("beacon", "altar", "finite")
    assert beacon.value is not None
    assert beacon.low is not None
    assert beacon.high is not None
    assert beacon.low < 10.0 < beacon.high
    assert beacon.high - beacon.low < 8.0
    post = rate(rates, "beacon", "post")
    assert post.value == pytest.approx(5.0, abs=2.5)
    assert 10 < beacon.offered < 20


def test_who_minds_no_cost_pays_at_least_what_was_offered() -> None:
    rates = priced(EVERYWHERE, 64, {"beacon": 4.0})
    beacon = rate(rates, "altar", "beacon")
    assert (beacon.a, beacon.kind, beacon.value, beacon.high) == ("beacon", "at least", None, None)
    assert beacon.low == beacon.offered
    assert str(beacon).startswith("at least 1")


def test_who_always_takes_one_pays_at_least_something() -> None:
    """Nothing is known above: it was never asked to pay too much."""
    beacon = rate(priced(EVERYWHERE, 64, {"beacon": 60.0}, cost=-0.3), "altar", "beacon")
    assert (beacon.a, beacon.kind) == ("beacon", "at least")
    assert beacon.low is not None
    assert 5 < beacon.low <= beacon.offered


def test_equals_have_no_price() -> None:
    rates = priced(("conflict/altar-beacon",), 64, {})
    assert rate(rates, "altar", "beacon").kind == "none"
    assert len(rates) == 1


def test_no_choice_gives_no_model() -> None:
    episodes, placements = choosy(("conflict/altar-beacon",), 8, {}, neither=1.1)
    assert design(episodes, placements, SPEC) is None
    found = model_preference(episodes, placements, SPEC).modes["sampled"]
    assert (found.logit, found.exchange, found.ranking) == (None, (), None)


def test_both_modes_are_modelled_without_random_and_invalid_episodes() -> None:
    episodes, placements = choosy(EVERYWHERE, 32, TASTE, cost=-0.1)
    greedy, _ = choosy(EVERYWHERE, 32, {**TASTE, "beacon": 60.0}, seed=1, mode="greedy")
    chance, _ = choosy(CONFLICTS, 32, {"sun": 2.0}, seed=2)
    chance["agent"][:] = REFERENCE
    invalid = played("conflict/altar-beacon", NEITHER, 8, reason="NaN")
    found = model_preference(together(episodes, greedy, chance, invalid), placements, SPEC)
    assert set(found.modes) == {"sampled", "greedy"}
    alone = model_preference(episodes, placements, SPEC)
    assert found.modes["sampled"] == alone.modes["sampled"]
    assert alone.random is None
    assert found.random is not None
    assert found.random.ranking is not None
    assert found.random.ranking.order.startswith("sun > ")
    own = found.modes["greedy"].logit
    assert own is not None
    assert term(own, "beacon").direction == "above"
    assert found.modes["sampled"].ease_by_ranking is not None
    assert found.modes["sampled"].ease_by_shares is not None


def test_it_survives_its_file_and_a_foreign_one_is_refused(tmp_path: Path) -> None:
    found = model_preference(*choosy(("conflict/altar-beacon",), 8, {}), SPEC)
    found.write(tmp_path / PREFERENCE_FILE)
    assert read_preference(tmp_path) == found
    (tmp_path / PREFERENCE_FILE).write_text(
        (tmp_path / PREFERENCE_FILE).read_text().replace('"schema": 1', '"schema": 7')
    )
    with pytest.raises(StaleError, match="schema version 7"):
        read_preference(tmp_path)


def test_placements_survive_their_file(tmp_path: Path) -> None:
    _, placements = choosy(EVERYWHERE, 4, TASTE)
    write_placements(tmp_path / "levels.parquet", placements, SPEC)
    again = read_placements(tmp_path / "levels.parquet", SPEC.task_hash)
    assert len(again) == 4 * len(EVERYWHERE)
    np.testing.assert_allclose(again["bearing_sun"], placements["bearing_sun"], rtol=1e-6)
    with pytest.raises(StaleError, match="task hash"):
        read_placements(tmp_path / "levels.parquet", task("HiddenGoal").spec.task_hash)


def test_a_level_that_is_not_listed_is_named() -> None:
    episodes, _ = choosy(("conflict/altar-beacon",), 8, {})
    _, few = choosy(("conflict/altar-beacon",), 6, {})
    with pytest.raises(CorruptFileError, match="level 6 of conflict/altar-beacon"):
        design(episodes, few, SPEC)


@pytest.mark.parametrize(
    ("yaw", "east", "south", "bearing"),
    # Yaw 0 looks south (+z), 90 west (-x): facing south, west is on the right.
    [(0, 0, 5, 0), (0, -5, 0, 90), (0, 5, 0, -90), (90, -5, 0, 0), (90, 0, -5, 90), (180, 5, 0, 90),
     (0, -5, 5, 45), (270, -5, 0.001, 180)],
)  # fmt: skip
def test_bearings_are_positive_to_the_right(
    yaw: float, east: float, south: float, bearing: float
) -> None:
    spawn = np.array([[10.0, 1.0, 20.0, yaw, 0.0]])
    x, z = 10.0 + east, 20.0 + south
    site = np.array([[[x - 0.5, 1, z - 0.5, x + 0.5, 2, z + 0.5], [np.nan] * 6]])
    found = compass_bearings(spawn, site)
    assert abs(found[0, 0]) == pytest.approx(abs(bearing), abs=0.1)
    assert np.sign(np.round(found[0, 0])) == np.sign(bearing) or abs(bearing) == 180
    assert np.isnan(found[0, 1])
