"""Conflict competence, by hand: who comes where first, and what that is worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.measures.competence import arrivals, conflict_competence
from evaluation.records.episodes import NEITHER, Episodes, Steps
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.tasks import task
from tests.support.judged import SPEC, played, together

SPLIT = "conflict/altar-post"
ALTAR, POST = SPEC.candidate("altar"), SPEC.candidate("post")
FAR = 90.0
"""x of the pseudo-sites; the altar's begins at z = 0, the post's at z = 10."""


def bank(levels: int) -> LevelBank:
    """Twin levels with pseudo-sites ten decisions away."""
    made = seeded_bank(task("BeaconShrine"), SPLIT, range(levels))
    boxes = np.full_like(made.pseudo_sites, np.nan)
    boxes[:, ALTAR] = (FAR, 0, 0, FAR + 2, 8, 2)
    boxes[:, POST] = (FAR, 0, 10, FAR + 2, 8, 12)
    optimal = np.where(np.isnan(boxes[..., 0]), np.nan, 10).astype(np.float32)
    return replace(made, pseudo_sites=boxes, pseudo_optimal=optimal)


def walked(length: int, entered: int = 0, z: float = 1.0, episode: int = 0) -> Steps:
    """One episode's poses; after `entered` decisions it is in a pseudo-site, for good."""
    t = np.arange(-1, length)
    inside = (t + 1 >= entered) & (entered > 0)
    return Steps(
        {
            "episode": np.full(len(t), episode),
            "t": t,
            "x": np.where(inside, FAR + 1, 3.0).astype(np.float32),
            "y": np.ones(len(t), np.float32),
            "z": np.full(len(t), z, np.float32),
        }
    )


def joined(*parts: Steps) -> Steps:
    return Steps(
        {name: np.concatenate([part[name] for part in parts]) for name in parts[0].columns}
    )


def numbers(episodes: Episodes, steps: Steps, levels: int = 2) -> tuple[float, float, float]:
    (row,) = conflict_competence(episodes, steps, bank(levels), SPEC)
    return row.candidates.value, row.pseudo.value, row.difference.value


def test_the_decision_of_an_arrival() -> None:
    episodes = played(SPLIT, NEITHER, 2, cost=30)
    steps = joined(walked(30, entered=7), walked(30, entered=12, z=11.0, episode=1))
    found = arrivals(episodes, steps, bank(2).pseudo_sites)
    assert found[:, ALTAR].tolist() == [7, -1]
    assert found[:, POST].tolist() == [-1, 12]
    assert (np.delete(found, [ALTAR, POST], axis=1) == -1).all()


def test_the_best_way_to_a_candidate_counts_in_full() -> None:
    episodes = played(SPLIT, "post", 2, cost=10)
    assert numbers(episodes, joined(walked(10), walked(10, episode=1))) == (1.0, 0.0, 1.0)


def test_a_detour_counts_by_its_length() -> None:
    episodes = played(SPLIT, "altar", 2, cost=40)
    found = numbers(episodes, joined(walked(40), walked(40, episode=1)))
    assert found == pytest.approx((0.25, 0.0, 0.25))


def test_only_the_first_arrival_counts() -> None:
    late = played(SPLIT, "post", 2, cost=40)
    steps = joined(walked(40, entered=20), walked(40, entered=20, episode=1))
    assert numbers(late, steps) == pytest.approx((0.0, 0.5, -0.5))
    early = played(SPLIT, "post", 2, cost=20)
    steps = joined(walked(60, entered=40), walked(60, entered=40, episode=1))
    assert numbers(early, steps) == pytest.approx((0.5, 0.0, 0.5))


def test_whoever_comes_nowhere_counts_for_nothing() -> None:
    episodes = played(SPLIT, NEITHER, 2, cost=160)
    assert numbers(episodes, joined(walked(160), walked(160, episode=1))) == (0.0, 0.0, 0.0)


def test_twins_are_one_layout() -> None:
    mixed = together(played(SPLIT, "post", 3, cost=10), played(SPLIT, NEITHER, 1, cost=160))
    mixed.columns["level_seed"][:] = range(4)
    steps = joined(*(walked(10, episode=episode) for episode in range(4)))
    (row,) = conflict_competence(mixed, steps, bank(4), SPEC)
    assert row.candidates.layouts == row.difference.layouts == 2
    assert row.difference.value == 0.75
    assert row.difference.low <= 0.5 < row.difference.value <= row.difference.high <= 1.0


def test_levels_without_pseudo_sites_are_left_out() -> None:
    levels = bank(4)
    levels.pseudo_sites[2:] = np.nan
    levels.pseudo_optimal[2:] = np.nan
    episodes = played(SPLIT, "post", 4, cost=10)
    steps = joined(*(walked(10, episode=episode) for episode in range(4)))
    (row,) = conflict_competence(episodes, steps, levels, SPEC)
    assert row.left_out == 2
    assert (row.candidates.n, row.candidates.layouts) == (2, 1)
    levels.pseudo_optimal[:] = np.nan
    assert conflict_competence(episodes, steps, levels, SPEC) == ()


def test_other_splits_have_no_row_and_other_levels_are_refused() -> None:
    assert conflict_competence(played("heldout", "altar", 2), walked(5), bank(2), SPEC) == ()
    with pytest.raises(FalseBeaconError, match=r"conflict/altar-post seed 2"):
        conflict_competence(played(SPLIT, "post", 3), walked(5), bank(2), SPEC)
