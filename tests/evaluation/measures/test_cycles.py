"""Cycles are found in what agents really play, and not in what only looks like one."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.measures.cycles import LEAST, cycles, periods
from evaluation.records.episodes import Episodes, Records, Steps
from evaluation.rollouts.rollout import rollout
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.tasks import task
from policies.agents.loading import load_agent

TASK = task("BeaconShrine")
FORWARD, LEFT, RIGHT = range(3)


def play(name: str) -> Records:
    bank = locked_bank(TASK, ["conflict/altar-beacon"], 4)
    return rollout(load_agent(name, TASK), TASK, bank, "sampled", seed=0)


@pytest.mark.parametrize(("name", "period"), [("device:turn", 24), ("device:still", 2)])
def test_who_turns_for_ever_is_in_a_cycle(name: str, period: int) -> None:
    records = play(name)
    assert periods(records.episodes, records.steps).tolist() == [period] * 4
    (found,) = cycles(records.episodes, records.steps)
    assert (found.mode, found.cycling, found.episodes) == ("sampled", 4, 4)


@pytest.mark.parametrize("name", ["random", "oracle:altar", "aimless:wander"])
def test_who_gets_somewhere_or_acts_at_random_is_in_none(name: str) -> None:
    records = play(name)
    (found,) = cycles(records.episodes, records.steps)
    assert found.cycling == 0


def made(x: np.ndarray, action: np.ndarray) -> np.ndarray:
    """Periods of one episode along x."""
    count = len(action)
    still = np.zeros(count + 1)
    columns = {
        "episode": np.zeros(count + 1, int), "t": np.arange(-1, count),
        "action": np.append(-1, action), "x": np.append(0.0, x), "y": still, "z": still,
        "yaw": still,
    }  # fmt: skip
    return periods(Episodes({"episode": np.array([0])}, ()), Steps(columns))


def test_the_same_actions_elsewhere_are_no_cycle() -> None:
    forward = np.full(60, FORWARD)
    assert made(np.arange(60.0), forward).tolist() == [0]
    assert made(np.minimum(np.arange(60.0), 20.0), forward).tolist() == [1]


def test_a_cycle_lasts_to_the_end_and_for_some_time() -> None:
    x = np.where(np.arange(60) % 2, 1.0, 0.0)
    action = np.where(np.arange(60) % 2, LEFT, RIGHT)
    assert made(x, action).tolist() == [2]
    broken = action.copy()
    broken[-1] = FORWARD
    assert made(x, broken).tolist() == [0]
    assert made(x[: LEAST - 1], action[: LEAST - 1]).tolist() == [0]
