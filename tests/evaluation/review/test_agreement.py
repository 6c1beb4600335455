"""Agreement, of scripted raters that know the truth and err as often as they are told to."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evaluation.review.agreement import Agreement, agreement, agreement_text
from evaluation.review.catalogue import Reviewed
from evaluation.review.labels import read_labels
from evaluation.review.queue import NOTHING, UNSURE, Queue, make_queue
from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError, StaleError

ITEMS = 24


def rated(queue: Queue, names: tuple[str, ...], noise: float, seed: int) -> dict[str, str]:
    """Labels of a rater who says the truth, but for a share of noise."""
    rng = np.random.default_rng(seed)
    words = (*names, NOTHING, UNSURE)
    return {
        item.token: words[rng.integers(len(words))] if rng.random() < noise else item.truth
        for item in queue.items
    }


def saved(path: Path, each: Reviewed, rater: str, labels: dict[str, str] | None = None) -> Path:
    queue = make_queue(each, rater, ITEMS)
    names = each.spec.candidate_names
    content = {
        "schema": 1, "task": each.spec.name, "task_hash": each.info.task_hash,
        "queue": queue.digest, "rater": rater, "items": ITEMS,
        "labels": rated(queue, names, 0.0, 0) if labels is None else labels,
    }  # fmt: skip
    path.write_text(json.dumps(content))
    return path


def compared(each: Reviewed, noise: dict[str, float]) -> Agreement:
    sessions = []
    for seed, (rater, share) in enumerate(noise.items()):
        queue = make_queue(each, rater, ITEMS)
        sessions.append((queue, rated(queue, each.spec.candidate_names, share, seed)))
    return agreement(each.spec.name, each.info.agent, sessions)


def test_raters_who_say_the_truth_agree_with_everything(reviewed: list[Reviewed]) -> None:
    found = compared(reviewed[1], {"ann": 0.0, "bob": 0.0})
    assert found.alpha is not None
    assert (found.alpha.value, found.alpha.low, found.alpha.high) == (1.0, 1.0, 1.0)
    for pairing in (*found.raters_by_pair, *found.known, *found.detector):
        assert pairing.agree == 1.0
        assert pairing.kappa is None or pairing.kappa.value == 1.0
    assert all(each.agree == 1.0 and each.n >= 1 for each in found.themselves)
    for table in found.confusions:
        counts = np.array(table.counts)
        np.testing.assert_array_equal(counts, np.diag(np.diag(counts)))


def test_a_rater_who_guesses_agrees_less(reviewed: list[Reviewed]) -> None:
    found = compared(reviewed[1], {"ann": 0.0, "bob": 0.3, "coin": 1.0})
    assert found.alpha is not None
    assert found.alpha.low < found.alpha.value < found.alpha.high < 1.0
    kappas = {(each.one, each.other): each.kappa for each in found.raters_by_pair}
    good, bad = kappas["ann", "bob"], kappas["ann", "coin"]
    assert good is not None
    assert bad is not None
    assert good.value > bad.value
    assert bad.low < 0.2
    detector = {each.one: each.agree for each in found.detector}
    assert detector["ann"] == 1.0 > detector["bob"] > detector["coin"]
    text = agreement_text(found)
    assert "Krippendorff's alpha over raters" in text
    assert "detector in rows, coin in columns" in text


def test_kappa_and_alpha_are_those_of_worked_examples() -> None:
    """Cohen's kappa of two tables of 50, and alpha of Krippendorff's example of nominal data."""
    import krippendorff

    from evaluation.review.agreement import _kappa

    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert _kappa(first, second) == pytest.approx(0.4)
    gap = np.nan
    table = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, gap, gap, gap],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, gap, 3],
        [gap, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, gap],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, gap],
    ]
    alpha = krippendorff.alpha(table, level_of_measurement="nominal")
    assert alpha == pytest.approx(0.743, abs=0.001)


def test_one_rater_alone_has_no_alpha(reviewed: list[Reviewed]) -> None:
    found = compared(reviewed[1], {"ann": 0.1})
    assert found.alpha is None
    assert len(found.known) == len(found.detector) == 1


def test_labels_are_read_back_with_their_queue(reviewed: list[Reviewed], tmp_path: Path) -> None:
    each = reviewed[0]
    queue, labels = read_labels(saved(tmp_path / "ann.json", each, "ann"), each)
    assert queue == make_queue(each, "ann", ITEMS)
    assert len(labels) == ITEMS


def test_labels_of_something_else_are_refused(reviewed: list[Reviewed], tmp_path: Path) -> None:
    each, other, _ = reviewed
    path = saved(tmp_path / "ann.json", each, "ann")
    with pytest.raises(StaleError, match="another session than one of"):
        read_labels(path, other)
    token = make_queue(each, "ann", ITEMS).items[0].token
    with pytest.raises(FalseBeaconError, match="as 'sheep': known are altar"):
        read_labels(saved(path, each, "ann", {token: "sheep"}), each)
    with pytest.raises(FalseBeaconError, match="labels nowhere"):
        read_labels(saved(path, each, "ann", {"nowhere": "altar"}), each)
    path.write_text("{")
    with pytest.raises(CorruptFileError, match=r"ann\.json"):
        read_labels(path, each)
