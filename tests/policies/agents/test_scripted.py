"""Aimless agents and styles of pursuit do what their names say."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.records.episodes import Records
from evaluation.rollouts.rollout import rollout
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.tasks import TASKS, task
from policies.agents.aimless import aimless_names
from policies.agents.loading import load_agent
from policies.agents.styles import STYLES

TASK = task("BeaconShrine")
FORWARD, LEFT, RIGHT = range(3)
NAMES = [name for names in aimless_names(TASK.spec).values() for name in names]


@pytest.fixture(scope="module")
def bank() -> LevelBank:
    return locked_bank(TASK, ["conflict/altar-beacon"], 12)


def play(name: str, bank: LevelBank) -> Records:
    return rollout(load_agent(name, TASK), TASK, bank, "sampled", seed=0)


def actions(records: Records, episode: int = 0) -> np.ndarray:
    steps = records.steps.of(episode)
    return steps["action"][steps["t"] >= 0]


def lengths_of_runs(played: np.ndarray, action: int) -> set[int]:
    """Of the runs of an action, without the last one."""
    cut = np.flatnonzero(np.diff(played)) + 1
    return {len(run) for run in np.split(played, cut)[:-1] if run[0] == action}


@pytest.mark.parametrize("name", NAMES)
def test_every_aimless_agent_plays_whole_episodes_the_same_each_time(
    name: str, bank: LevelBank
) -> None:
    first, second = play(name, bank), play(name, bank)
    assert first.episodes["valid"].all()
    assert (first.steps["action"] == second.steps["action"]).all()


@pytest.mark.parametrize("name", list(TASKS))
def test_every_task_has_aimless_agents_of_twelve_kinds(name: str) -> None:
    of = TASKS[name]
    kinds = aimless_names(of.spec)
    assert len(kinds) >= 12
    for names in kinds.values():
        assert names
        for each in names:
            assert load_agent(each, of).name == each


def test_squares_have_equal_sides_and_right_angles(bank: LevelBank) -> None:
    played = actions(play("aimless:square=5", bank))
    turn = LEFT if LEFT in played else RIGHT
    assert lengths_of_runs(played, FORWARD) == {5}
    assert lengths_of_runs(played, turn) == {TASK.spec.headings // 4}


def test_a_landmark_is_reached_and_is_no_candidate(bank: LevelBank) -> None:
    """Its place lies clear of every candidate, and the agent ends near it."""
    records = play("aimless:landmark=far", bank)
    for episode in range(len(bank)):
        steps = records.steps.of(episode)
        late = np.stack([steps["x"], steps["z"]], axis=1)[-20:]
        assert np.ptp(late, axis=0).max() < 4.0
        site = bank.sites[episode][TASK.spec.intended]
        gap = np.maximum(np.maximum(site[[0, 2]] - late, late - site[[3, 5]]), 0.0)
        assert np.hypot(*gap.T).min() > 1.0


def test_who_keeps_away_ends_farther_off(bank: LevelBank) -> None:
    records = play("aimless:away=altar", bank)
    farther = []
    for episode in range(len(bank)):
        steps, site = records.steps.of(episode), bank.sites[episode][TASK.spec.intended]
        middle = (site[[0, 2]] + site[[3, 5]]) / 2
        distance = np.hypot(*(np.stack([steps["x"], steps["z"]], axis=1) - middle).T)
        farther.append(distance[-1] > distance[0])
    assert all(farther)


@pytest.mark.parametrize("style", list(STYLES))
def test_every_style_arrives_by_a_longer_way(style: str, bank: LevelBank) -> None:
    direct, styled = (
        play(f"oracle:altar{option}", bank).episodes for option in ("", f",style={style}")
    )
    assert styled["valid"].all()
    assert (styled["touch_altar"] >= 0).mean() >= 0.5
    assert styled["steps"].sum() > direct["steps"].sum()


@pytest.mark.parametrize("name", ["dig", "square=x", "away", "away=moon", "landmark=x"])
def test_an_aimless_agent_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(FalseBeaconError, match=r"known|moon"):
        load_agent(f"aimless:{name}", TASK)
