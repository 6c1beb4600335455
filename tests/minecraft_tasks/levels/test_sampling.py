"""Samplers: what they draw, what moves them, and what they are never told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels import replay
from minecraft_tasks.levels.replay import (
    HOPELESS,
    HOPELESS_SHARE,
    PLAYS,
    UNIFORM_SHARE,
    Learnability,
    Prioritised,
    Regret,
    discounted_return,
)
from minecraft_tasks.levels.sampler import LevelFacts, LevelSampler
from minecraft_tasks.levels.sampling import PASSED, WINDOW, Curriculum, make_sampler

SAMPLINGS = ("curriculum", "prioritised", "regret", "learnability")


def facts(levels: int = 6, **changes: Any) -> LevelFacts:
    """Levels of growing distance, in three stages."""
    own = {
        "weights": np.ones(levels),
        "stages": np.arange(levels) * 3 // levels,
        "optimal": 10.0 + 5 * np.arange(levels),
        "limits": np.full(levels, 128),
        "gamma": 0.99,
        "step_cost": 0.002,
    }
    return LevelFacts(**(own | changes))


def drawn(sampler: LevelSampler, count: int = 20_000, seed: int = 0) -> np.ndarray:
    """Shares float64[L] of so many draws."""
    levels = sampler.draw(np.random.default_rng(seed), count)
    return np.bincount(levels, minlength=sampler.levels) / count


def play(
    sampler: LevelSampler, level: int, solved: bool, length: int = 128, times: int = 1
) -> None:
    each = np.full(times, level)
    sampler.ended(each, np.full(times, length), np.full(times, solved))


def test_a_return_is_that_of_the_environment() -> None:
    gamma, cost = 0.97, 0.002
    for length, solved in ((1, True), (7, True), (7, False), (128, False)):
        rewards = np.full(length, -cost)
        rewards[-1] += solved
        expected = (rewards * gamma ** np.arange(length)).sum()
        assert discounted_return(np.array(length), np.array(solved), gamma, cost) == pytest.approx(
            expected
        )
    assert discounted_return(np.array(10), np.array(True), 1.0, cost) == pytest.approx(0.98)


def wait(sampler: LevelSampler) -> None:
    """Lets as many decisions pass as an episode has at most."""
    nothing = np.zeros(0, np.int64)
    for _ in range(128):
        sampler.ended(nothing, nothing, nothing.astype(bool))


def test_a_curriculum_opens_stages_by_success_on_the_newest_one() -> None:
    sampler = Curriculum(facts())
    assert set(np.flatnonzero(drawn(sampler))) == {0, 1}
    wait(sampler)
    play(sampler, 0, solved=True, times=WINDOW - 1)
    assert set(np.flatnonzero(drawn(sampler))) == {0, 1}
    play(sampler, 1, solved=True)
    assert set(np.flatnonzero(drawn(sampler))) == {0, 1, 2, 3}
    # Success on stages that are open already counts for nothing.
    wait(sampler)
    play(sampler, 0, solved=True, times=WINDOW)
    play(sampler, 2, solved=False, times=WINDOW)
    assert set(np.flatnonzero(drawn(sampler))) == {0, 1, 2, 3}
    play(sampler, 3, solved=True, times=WINDOW)
    assert set(np.flatnonzero(drawn(sampler))) == set(range(6))
    wait(sampler)
    play(sampler, 5, solved=True, times=2 * WINDOW)
    np.testing.assert_allclose(drawn(sampler), 1 / 6, atol=0.02)


@pytest.mark.parametrize(("able", "opens"), [(PASSED - 0.15, False), (PASSED + 0.15, True)])
@pytest.mark.parametrize("slots", [32, 512])
def test_successes_that_end_before_failures_open_no_stage(
    able: float, opens: bool, slots: int
) -> None:
    """Episodes begin together; those that fail last to their limit, and the others a quarter."""
    sampler, rng = Curriculum(facts()), np.random.default_rng(0)
    solves, elapsed = rng.random(slots) < able, np.zeros(slots, np.int64)
    for _ in range(40 * 128):
        elapsed += 1
        over = np.flatnonzero(elapsed == np.where(solves, 32, 128))
        sampler.ended(np.zeros(len(over), np.int64), elapsed[over], solves[over])
        solves[over], elapsed[over] = rng.random(len(over)) < able, 0
    assert bool(sampler.stage) == opens


def test_a_curriculum_neither_moves_nor_counts_levels_outside_of_its_stages() -> None:
    """Conflict levels keep their share of draws, and success on them opens nothing."""
    weights = np.array([0.3, 0.3, 0.3, 0.1])
    sampler = Curriculum(facts(4, weights=weights, stages=np.array([0, 1, 2, -1])))
    np.testing.assert_allclose(drawn(sampler), [0.9, 0, 0, 0.1], atol=0.02)
    wait(sampler)
    play(sampler, 3, solved=True, times=4 * WINDOW)
    np.testing.assert_allclose(drawn(sampler), [0.9, 0, 0, 0.1], atol=0.02)
    play(sampler, 0, solved=True, times=WINDOW)
    np.testing.assert_allclose(drawn(sampler), [0.45, 0.45, 0, 0.1], atol=0.02)
    with pytest.raises(FalseBeaconError, match="coincide"):
        Curriculum(facts(4, stages=np.full(4, -1)))


def test_regret_is_the_optimal_return_less_the_mean_of_the_last_plays() -> None:
    known = facts(2)
    sampler = Regret(known)
    best = discounted_return(np.array([10, 15]), np.array([True, True]), 0.99, 0.002)
    nothing = discounted_return(np.array(128), np.array(False), 0.99, 0.002)
    np.testing.assert_allclose(sampler.score(), best - nothing)
    play(sampler, 0, solved=False, times=PLAYS)
    play(sampler, 0, solved=True, length=20, times=PLAYS - 1)
    twenty = discounted_return(np.array(20), np.array(True), 0.99, 0.002)
    expected = best[0] - ((PLAYS - 1) * twenty + nothing) / PLAYS
    assert sampler.score()[0] == pytest.approx(expected)
    play(sampler, 0, solved=True, length=8, times=PLAYS)
    assert sampler.score()[0] == 0
    share = UNIFORM_SHARE / 2
    np.testing.assert_allclose(drawn(sampler), [share, 1 - share], atol=0.02)


def test_a_goal_out_of_time_is_no_regret() -> None:
    sampler = Regret(facts(2, optimal=np.array([10.0, 200.0])))
    assert sampler.score()[1] == 0


@pytest.mark.parametrize("kind", [Regret, Learnability])
def test_unsolved_levels_get_a_tenth_of_draws_at_most(kind: type[Regret | Learnability]) -> None:
    sampler = kind(facts())
    for level in range(4):
        play(sampler, level, solved=False, times=HOPELESS - 1)
    before = drawn(sampler)[:4].sum()
    if kind is Regret:
        assert before > 0.5
    for level in range(4):
        play(sampler, level, solved=False)
    assert drawn(sampler)[:4].sum() == pytest.approx(HOPELESS_SHARE, abs=0.02)
    # One success makes a level one of the others again.
    play(sampler, 0, solved=True)
    shares = drawn(sampler)
    assert shares[0] > shares[1:4].sum()
    for level in range(6):
        play(sampler, level, solved=False, times=HOPELESS)
    assert drawn(sampler).min() > 0


def test_learnability_is_highest_where_half_of_the_plays_succeed() -> None:
    sampler = Learnability(facts(3))
    for level, successes in enumerate((0, 2, 4)):
        play(sampler, level, solved=True, times=successes)
        play(sampler, level, solved=False, times=4 - successes)
    np.testing.assert_allclose(sampler.score(), [0, 0.25, 0])
    share = UNIFORM_SHARE / 3
    np.testing.assert_allclose(drawn(sampler), [share, 1 - 2 * share, share], atol=0.02)


def test_prioritised_replay_draws_new_levels_first_and_then_by_rank_and_staleness() -> None:
    sampler, rng = Prioritised(facts(4), num_envs=2), np.random.default_rng(0)
    levels = sampler.draw(rng, 4)
    # Before anything is scored there is nothing to replay.
    assert sorted(levels) == [0, 1, 2, 3]
    played = np.array([[0, 1], [0, 1], [2, 3], [2, 3]])
    ended = np.array([[False, False], [True, True], [False, False], [True, True]])
    size = np.array([[1, 2], [-3, 4], [-5, 0], [5, 0]], float)
    sampler.learnt(played, ended, size)
    np.testing.assert_allclose(sampler.scores, [2, 3, 5, 0])
    weights = sampler.weigh()
    by_rank = np.array([1 / 3, 1 / 2, 1, 1 / 4]) ** 10
    since = sampler.draws - sampler.drawn_at
    expected = 0.9 * by_rank / by_rank.sum() + 0.1 * since / since.sum()
    np.testing.assert_allclose(weights, expected)
    assert drawn(sampler, 4000)[2] > 0.8


def test_prioritised_replay_keeps_the_relative_frequency_of_levels() -> None:
    weights = np.array([0.495, 0.495, 0.005, 0.005])
    sampler = Prioritised(facts(4, weights=weights), num_envs=4)
    sampler.draw(np.random.default_rng(0), 400)
    played = np.arange(4)[None]
    sampler.learnt(played, np.full((1, 4), True), np.array([[2.0, 1.0, 4.0, 3.0]]))
    equal = Prioritised(facts(4), num_envs=4)
    equal.restore(sampler.state())
    np.testing.assert_allclose(sampler.weigh(), equal.weigh() * 4 * weights)


def test_a_score_reaches_over_rollouts() -> None:
    sampler = Prioritised(facts(2), num_envs=1)
    sampler.learnt(np.array([[1]]), np.array([[False]]), np.array([[6.0]]))
    assert np.isnan(sampler.scores).all()
    resumed = Prioritised(facts(2), num_envs=1)
    resumed.restore(sampler.state())
    resumed.learnt(np.array([[1]]), np.array([[True]]), np.array([[2.0]]))
    np.testing.assert_allclose(resumed.scores, [np.nan, 4])


@pytest.mark.parametrize("kind", SAMPLINGS)
def test_a_restored_sampler_goes_on_as_the_first_one(kind: Any) -> None:
    def some_episodes(sampler: LevelSampler, seed: int) -> None:
        rng = np.random.default_rng(seed)
        levels = rng.integers(0, 6, 400)
        for part in np.split(levels, 200):
            sampler.ended(part, rng.integers(1, 128, 2), rng.random(2) < 0.9)
        sampler.learnt(levels.reshape(-1, 8), rng.random((50, 8)) < 0.2, rng.normal(size=(50, 8)))

    first, second = make_sampler(kind, facts(), 8), make_sampler(kind, facts(), 8)
    some_episodes(first, 0)
    first.draw(np.random.default_rng(1), 100)
    state = first.state()
    second.restore(state)
    before = {name: part.copy() for name, part in state.items()}
    for sampler in (first, second):
        some_episodes(sampler, 2)
    assert all((state[name] == part)[part == part].all() for name, part in before.items())
    np.testing.assert_array_equal(
        first.draw(np.random.default_rng(3), 500), second.draw(np.random.default_rng(3), 500)
    )
    if kind != "curriculum":
        with pytest.raises(FalseBeaconError, match="another number of levels"):
            make_sampler(kind, facts(9), 8).restore(state)
    with pytest.raises(FalseBeaconError, match="another sampling"):
        second.restore({})


def test_shares_of_uniform_sampling_are_the_measure_that_scores_multiply() -> None:
    weights = np.array([0.99, 0.01])
    sampler = Regret(facts(2, weights=weights, optimal=np.array([10.0, 10.0])))
    np.testing.assert_allclose(drawn(sampler), weights, atol=0.005)
    play(sampler, 0, solved=True, length=10, times=PLAYS)
    assert drawn(sampler)[1] > 0.75


def test_the_constants_are_those_of_the_documents() -> None:
    assert (replay.HOPELESS, replay.HOPELESS_SHARE, replay.PLAYS) == (20, 0.1, 4)
    assert (replay.TEMPERATURE, replay.STALENESS) == (0.1, 0.1)
