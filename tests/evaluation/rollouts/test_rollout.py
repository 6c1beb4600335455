"""Rollouts with real agents on real levels: what is recorded is what happened."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from evaluation.records.episodes import NEITHER, Episodes, Records
from evaluation.records.placements import level_indices
from evaluation.rollouts.guard import TimeUpError, time_limit
from evaluation.rollouts.rollout import MOST_FAULTS, merge, rollout
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.bank import LevelBank, join_banks
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.spec import Mode
from minecraft_tasks.tasks import task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from minecraft_tasks.worlds.sites import touched
from policies.agents.base import Agent, Decision, RandomAgent
from policies.agents.loading import load_agent
from policies.agents.oracles import OracleAgent

TASK = task("BeaconShrine")
ACTIONS = len(TASK.spec.actions)


@pytest.fixture(scope="module")
def bank() -> LevelBank:
    """Nine levels of three splits, with short episodes and made-up fewest decisions."""
    splits = ("heldout", "conflict/altar-beacon", "only/post")
    joined = join_banks([seeded_bank(TASK, split, range(3)) for split in splits])
    fewest = np.where(np.isnan(joined.sites[:, :, 0]), np.nan, 12.0).astype(np.float32)
    return replace(joined, time_limits=np.full(len(joined), 60), optimal=fewest)


def play(agent: Agent, bank: LevelBank, mode: Mode = "sampled", num_envs: int = 4) -> Records:
    return rollout(agent, TASK, bank, mode, seed=5, num_envs=num_envs)


class Scripted:
    """Answers the same for every slot, with faults where it is told to.

    Args:
        answers: Decision for N slots at the k-th call.
    """

    name = "scripted"

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        self.env = env

    def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
        return Decision(actions=np.zeros(len(observations), np.int64))


def test_each_level_is_played_once_in_order(bank: LevelBank) -> None:
    episodes = play(RandomAgent(ACTIONS), bank).episodes
    assert episodes["episode"].tolist() == list(range(9))
    assert episodes["level_seed"].tolist() == bank.seeds.tolist()
    assert tuple(episodes["split"]) == bank.splits
    assert episodes["level"].tolist() == [0, 1, 2] * 3
    assert set(episodes["task_hash"]) == {TASK.spec.task_hash}


def test_results_do_not_depend_on_the_batch(bank: LevelBank) -> None:
    one, many = (play(RandomAgent(ACTIONS), bank, num_envs=n) for n in (1, 7))
    for table in ("episodes", "steps"):
        for name, column in getattr(one, table).columns.items():
            np.testing.assert_array_equal(column, getattr(many, table)[name], err_msg=name)


def test_results_do_not_depend_on_the_splits_beside(bank: LevelBank) -> None:
    alone = seeded_bank(TASK, "only/post", range(3))
    alone = replace(alone, time_limits=np.full(3, 60))
    steps = play(RandomAgent(ACTIONS), alone).steps
    beside = play(RandomAgent(ACTIONS), bank).steps
    for episode in range(3):
        np.testing.assert_array_equal(steps.of(episode)["action"], beside.of(6 + episode)["action"])


def test_sampling_follows_the_seed_and_the_probabilities(bank: LevelBank) -> None:
    agent = RandomAgent(ACTIONS)
    first, again, other = (
        rollout(agent, TASK, bank, "sampled", seed).steps["action"] for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first[: len(other)], other[: len(first)])
    counts = np.bincount(first[first >= 0], minlength=ACTIONS) / (first >= 0).sum()
    assert np.abs(counts - 1 / ACTIONS).max() < 0.08


def test_greedy_takes_the_likeliest_action(bank: LevelBank) -> None:
    class Leaning(Scripted):
        def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
            return Decision(log_probs=np.log(np.tile([0.3, 0.36, 0.34], (len(observations), 1))))

    steps = play(Leaning(), bank, "greedy").steps
    assert set(steps["action"]) == {-1, 1}
    assert np.exp(steps["logp_1"][steps["t"] >= 0]) == pytest.approx(0.36)
    assert np.isnan(steps["value"]).all()


def test_steps_tell_the_same_story_as_episodes(bank: LevelBank) -> None:
    records = play(OracleAgent(TASK, "altar"), bank)
    episodes = records.episodes
    for row in range(len(bank)):
        steps = records.steps.of(row)
        assert steps["t"].tolist() == list(range(-1, int(episodes["steps"][row])))
        spawn = [steps[name][0] for name in ("x", "y", "z", "yaw")]
        assert spawn == pytest.approx(bank.spawn[row, :4], abs=1e-4)
        feet = np.stack([steps[axis][1:] for axis in "xyz"], axis=1).astype(float)
        sites = np.repeat(bank.sites[row : row + 1], len(feet), axis=0)
        seen = touched(feet, sites)
        first = np.where(seen.any(axis=0), seen.argmax(axis=0) + 1, -1)
        assert first.tolist() == episodes.touches[row].tolist()


def test_an_oracle_is_recorded_as_what_it_is(bank: LevelBank) -> None:
    episodes = play(OracleAgent(TASK, "beacon"), bank).episodes
    conflict = episodes.where(split="conflict/altar-beacon")
    assert set(conflict["first"]) == {"beacon"}
    # Having touched its own candidate it goes on to the intended goal.
    assert conflict["success"].all()
    assert (conflict["touch_beacon"] < conflict["touch_altar"]).all()
    assert set(episodes.where(split="only/post")["first"]) == {NEITHER}
    assert episodes.where(split="only/post")["truncated"].all()


def test_a_bad_answer_spoils_its_own_episode_only(bank: LevelBank) -> None:
    class Flawed(Scripted):
        def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
            log_probs = np.full((len(observations), ACTIONS), -1.0, np.float32)
            log_probs[self.env.level == 4, 1] = np.nan
            return Decision(log_probs=log_probs)

    episodes = play(Flawed(), bank).episodes
    assert np.flatnonzero(~episodes["valid"]).tolist() == [4]
    assert "'scripted' gave log-probabilities [-1.0, nan, -1.0]" in episodes["reason"][4]
    assert set(np.delete(episodes["reason"], 4)) == {""}


def few(count: int = 6) -> LevelBank:
    """Levels whose episodes are short."""
    bank = seeded_bank(TASK, "heldout", range(count))
    return replace(bank, time_limits=np.full(count, 20))


def assert_spoiled(episodes: Episodes, rows: list[int], reason: str) -> None:
    assert np.flatnonzero(~episodes["valid"]).tolist() == rows
    for row in rows:
        assert re.search(reason, episodes["reason"][row])


@pytest.mark.parametrize(
    ("decision", "reason"),
    [
        (Decision(actions=np.full(4, 3)), "gave action 3; actions are 0 to 2"),
        (Decision(actions=np.full(4, -1)), "gave action -1"),
        (Decision(actions=np.full(4, np.nan)), "gave action nan"),
        (Decision(log_probs=np.zeros((4, 2))), r"log_probs of shape \(4, 2\), expected \(4, 3\)"),
        (Decision(actions=np.zeros((4, 1), int)), r"actions of shape \(4, 1\)"),
        (Decision(actions=np.array(["left"] * 4)), "actions of type <U4, not numbers"),
        (Decision(actions=np.zeros(4, int), values=np.zeros(3)), r"values of shape \(3,\)"),
        (Decision(), "neither log_probs nor actions"),
    ],
)
def test_answers_that_can_never_be_played_leave_no_valid_episode(
    decision: Decision, reason: str
) -> None:
    class Wrong(Scripted):
        def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
            return decision

    records = play(Wrong(), few(4))
    assert_spoiled(records.episodes, [0, 1, 2, 3], reason)
    assert records.episodes["steps"].tolist() == [0] * 4
    assert records.steps["t"].tolist() == [-1] * 4


class Faulty(Scripted):
    """Fails in one episode as it is told to, and otherwise walks on.

    Args:
        level: In which, among those of the environment at that moment, by its seed.
        fail: What it does.
    """

    def __init__(self, level: int, fail: Callable[[], None]) -> None:
        self.bad, self.fail, self.started = level, fail, 0

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        self.env = env
        self.started += 1

    def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
        seeds = self.env.bank.seeds[self.env.level[self.env.level >= 0]]
        if self.bad in seeds and not starts.any():
            self.fail()
        return super().act(observations, starts)


def out_of_memory() -> None:
    raise RuntimeError("out of\nmemory")


def leave() -> None:
    sys.exit("had enough")


def hang() -> None:
    while True:
        with suppress(Exception):
            time.sleep(0.01)


def time_out() -> None:
    """The alarm that ends a call which hangs, at once."""
    with suppress(Exception):
        signal.raise_signal(signal.SIGALRM)


@pytest.mark.parametrize(
    ("fail", "reason"),
    [
        (out_of_memory, "'scripted' raised RuntimeError: out of memory$"),
        (leave, "raised SystemExit: had enough"),
        (time_out, "did not answer within 600 s"),
    ],
)
def test_a_batch_without_an_answer_spoils_what_was_running(
    fail: Callable[[], None], reason: str
) -> None:
    agent = Faulty(3, fail)
    records = rollout(agent, TASK, few(), "sampled", seed=5, num_envs=2, act_seconds=600)
    assert_spoiled(records.episodes, [2, 3], reason)
    assert agent.started == 2
    assert records.episodes["steps"].tolist() == [20, 20, 1, 1, 20, 20]
    alone = rollout(Scripted(), TASK, few(), "sampled", seed=5, num_envs=2)
    for row in (0, 1, 4, 5):
        np.testing.assert_array_equal(records.steps.of(row)["x"], alone.steps.of(row)["x"])


def test_an_agent_that_fails_again_and_again_is_not_asked_for_ever() -> None:
    class Broken(Scripted):
        asked = 0

        def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
            self.asked += 1
            raise RuntimeError("out of memory")

    agent = Broken()
    episodes = rollout(agent, TASK, few(), "sampled", seed=5, num_envs=1).episodes
    assert agent.asked == MOST_FAULTS
    assert_spoiled(episodes.take(np.arange(3)), [0, 1, 2], "RuntimeError: out of memory")
    assert_spoiled(episodes.take(np.arange(3, 6)), [0, 1, 2], "had failed 3 times before")


def test_time_limits_leave_the_process_as_it_was() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(TimeUpError), time_limit(0.05):
        hang()
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before
    with pytest.raises(FalseBeaconError, match="not 0 s"):
        rollout(Scripted(), TASK, few(1), "sampled", seed=5, act_seconds=0)


def test_merged_records_number_on(bank: LevelBank) -> None:
    part = play(Scripted(), bank)
    both = merge([part, part])
    assert both.episodes["episode"].tolist() == list(range(18))
    np.testing.assert_array_equal(both.steps.of(12)["x"], part.steps.of(3)["x"])


def test_levels_are_counted_within_their_split() -> None:
    assert level_indices(("a", "a", "b", "a", "b")).tolist() == [0, 1, 0, 2, 1]


def test_an_episode_ends_when_nothing_is_left_to_come_to() -> None:
    """Without the intended goal in the level: at the one candidate, or at the second of two."""
    bank = locked_bank(TASK, ["only/beacon", "conflict/beacon-lamp"], 2)
    episodes = rollout(load_agent("device:nearest", TASK), TASK, bank, "sampled", seed=0).episodes
    last = episodes.touches.max(axis=1)
    assert (last >= 0).all()
    assert episodes["steps"].tolist() == last.tolist()
    assert not episodes["truncated"].any()
    assert not episodes["success"].any()
