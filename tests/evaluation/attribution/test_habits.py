"""Habits predict what an agent does whatever it goes for, and never repeat an episode by heart."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from evaluation.attribution.habits import contexts, habits, runs
from minecraft_tasks.navigation.replay import PROBES

FORWARD, LEFT, RIGHT = range(3)
BEGINS = np.array([0, 5, 8])
ACTION = np.array([LEFT, LEFT, FORWARD, FORWARD, RIGHT, FORWARD, LEFT, LEFT])


def free(decisions: int) -> np.ndarray:
    return np.zeros((decisions, len(PROBES)), bool)


def test_runs_are_those_before_the_decision_and_of_the_same_episode() -> None:
    found = runs(BEGINS, ACTION, 3)
    assert found.action.tolist() == [3, LEFT, LEFT, FORWARD, FORWARD, 3, FORWARD, LEFT]
    assert found.length.tolist() == [0, 0, 1, 0, 1, 0, 0, 0]
    assert found.side.tolist() == [3, 3, 3, LEFT, LEFT, 3, 3, FORWARD]
    assert found.earlier.tolist() == [6, 6, 6, 1, 1, 6, 6, 0]


def test_every_context_refines_the_one_before() -> None:
    nested = contexts(runs(BEGINS, ACTION, 3), free(8))
    for shorter, longer in pairwise(nested):
        pairs = set(zip(shorter.tolist(), longer.tolist(), strict=True))
        assert len(pairs) == len(set(longer.tolist()))


def chances(action: np.ndarray, layout: np.ndarray) -> np.ndarray:
    """Of episodes of 100 decisions each."""
    begins = np.arange(0, len(action) + 1, 100)
    return np.exp(habits(begins, action, free(len(action)), layout, 3))


def test_habits_are_learnt_on_other_layouts() -> None:
    """Ten layouts of an agent that turns left nine times in ten, and else goes forward."""
    rng = np.random.default_rng(0)
    action = np.where(rng.random(1000) < 0.9, LEFT, FORWARD)
    chance = chances(action, np.arange(10))
    np.testing.assert_allclose(chance.sum(axis=1), 1.0)
    assert np.median(chance[:, LEFT]) == pytest.approx(0.9, abs=0.03)
    assert chance[:, RIGHT].max() < 0.1


def test_an_episode_says_nothing_about_itself_nor_about_its_twin() -> None:
    """Whatever is done on a layout, what habits expect there depends on other layouts only."""
    rng = np.random.default_rng(0)
    action = rng.integers(3, size=400)
    changed = action.copy()
    changed[:200] = LEFT
    layout = np.array([0, 0, 1, 2])
    before, after = chances(action, layout), chances(changed, layout)
    # The first decision of an episode has the same context in both.
    np.testing.assert_allclose(before[[0, 100]], after[[0, 100]])
    assert np.abs(before[200:] - after[200:]).max() > 0.05


def test_a_single_layout_has_no_habits() -> None:
    np.testing.assert_allclose(chances(np.full(200, LEFT), np.zeros(2, int)), 1 / 3)
