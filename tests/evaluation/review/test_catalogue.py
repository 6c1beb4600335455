"""The list of episodes says what the tables say, and which episodes a site holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from evaluation.records.episodes import class_of
from evaluation.review.catalogue import Reviewed, document, read_reviewed, rows_of
from evaluation.review.chosen import chosen
from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError
from tests.evaluation.review.conftest import LEVELS, SPLITS


def test_every_episode_of_the_agent_is_listed_and_none_of_the_reference(
    reviewed: list[Reviewed],
) -> None:
    columns = document(reviewed)["columns"]
    each = 2 * LEVELS * len(SPLITS)
    assert columns["run"] == [0] * each + [1] * each + [2] * each
    assert {len(part["codes"]) if isinstance(part, dict) else len(part)
            for part in columns.values()} == {len(columns["run"])}  # fmt: skip


def test_twins_are_the_other_of_their_pair_in_the_same_mode(reviewed: list[Reviewed]) -> None:
    columns = rows_of(reviewed[0])
    place = {number: row for row, number in enumerate(columns["episode"].tolist())}
    with_twin = columns["twin"] >= 0
    names = np.array([reviewed[0].spec.split(name).twins for name in columns["split"]])
    np.testing.assert_array_equal(with_twin, names)
    for row in np.flatnonzero(with_twin):
        other = place[int(columns["twin"][row])]
        assert columns["twin"][other] == columns["episode"][row]
        assert columns["level"][other] == columns["level"][row] ^ 1
        for name in ("mode", "split"):
            assert columns[name][other] == columns[name][row]


def test_disagreement_and_cost_are_those_of_the_tables(reviewed: list[Reviewed]) -> None:
    for each in reviewed:
        columns, own = rows_of(each), each.episodes.own
        for row in range(len(own)):
            first, named = own["first"][row], own["class"][row]
            differs = first != "neither" and named != "" and class_of(each.spec, first) != named
            assert bool(columns["disagrees"][row]) == differs
            cost = own["steps" if first == "neither" else f"touch_{first}"][row]
            assert columns["cost"][row] == cost
    assert any(rows_of(each)["disagrees"].any() for each in reviewed)


def test_episodes_are_chosen_by_number_filter_or_rule(reviewed: list[Reviewed]) -> None:
    each = reviewed[0]
    columns = rows_of(each)
    assert set(chosen(each, (3, 1), (), 9)) == {1, 3, *chosen(each, (), (), 9)}
    assert chosen(each, (3, 1), ("split=factorial",), 1)[:2] == [1, 3]
    found = chosen(each, (), ("split=factorial", "mode=greedy"), 100)
    wanted = (columns["split"] == "factorial") & (columns["mode"] == "greedy")
    assert found == columns["episode"][wanted].tolist()
    assert chosen(each, (), ("split=factorial",), 2) == sorted(found + chosen(
        each, (), ("split=factorial", "mode=sampled"), 100))[:2]  # fmt: skip
    assert chosen(each, (), ("disagrees=yes",), 100) == columns["episode"][
        columns["disagrees"]].tolist()  # fmt: skip
    by_rule = chosen(each, (), (), 9)
    twins = dict(zip(columns["episode"].tolist(), columns["twin"].tolist(), strict=True))
    assert by_rule
    assert all(twins[number] in (-1, *by_rule) for number in by_rule)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (("colour=red",), "unknown column of a filter: 'colour'"),
        (("split",), "is not COLUMN=VALUE"),
        (("level=first",), "no whole number"),
        (("disagrees=maybe",), "unknown value of disagrees: 'maybe'"),
    ],
)
def test_a_bad_filter_is_named(where: tuple[str], said: str, reviewed: list[Reviewed]) -> None:
    with pytest.raises(FalseBeaconError, match=said):
        chosen(reviewed[0], (), where, 9)


def test_an_episode_that_does_not_exist_is_named(reviewed: list[Reviewed]) -> None:
    last = 2 * LEVELS * len(SPLITS) - 1
    with pytest.raises(FalseBeaconError, match=f"no episode 999999 .* from 0 to {last}"):
        chosen(reviewed[0], (999_999,), (), 9)


def test_evaluations_are_told_apart_by_their_paths(evaluations: list[Path], tmp_path: Path) -> None:
    alike = [tmp_path / "a" / "seed0" / "evaluation", tmp_path / "b" / "seed0" / "evaluation"]
    for path in alike:
        shutil.copytree(evaluations[0], path)
    labels = [each.label for each in read_reviewed(alike)]
    assert len(set(labels)) == 2
    assert all("seed0" in label for label in labels)
    with pytest.raises(FalseBeaconError, match="named twice"):
        read_reviewed([evaluations[0], evaluations[0]])
    with pytest.raises(FalseBeaconError, match="at least one"):
        read_reviewed([])


def test_unknown_words_are_told_with_the_nearest(reviewed: list[Reviewed]) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'split'"):
        chosen(reviewed[0], (), ("splits=heldout",), 9)
