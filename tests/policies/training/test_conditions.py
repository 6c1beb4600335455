"""What an agent is trained on in each condition: levels, how often, and what is paid for."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from pydantic import ValidationError

from minecraft_tasks.admission.training import training_levels
from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError
from minecraft_tasks.infos import played
from minecraft_tasks.levels.draws import LevelDraws
from minecraft_tasks.levels.generate import level, seeded_bank
from minecraft_tasks.levels.locked import locked_layouts, training_bank
from minecraft_tasks.levels.sampler import LevelFacts, LevelSampler, cumulative
from minecraft_tasks.spec import episode_shares
from minecraft_tasks.tasks import TASKS, task
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from minecraft_tasks.worlds.layout import layout_hash
from minecraft_tasks.worlds.sites import touched
from policies.agents.loading import load_agent
from policies.runs.config import TrainingConfig, make_config
from policies.runs.progress import read_rows
from policies.runs.record import read_run
from policies.training import setup
from policies.training.reporters import LineReporter
from policies.training.setup import make_env
from policies.training.train import train
from tests.support.small import ROLLOUT, SMALL

FLAGSHIP = task("BeaconShrine")


def shared(of: Task, **condition: Any) -> tuple[dict[str, float], Any]:
    """Shares of episodes by split, and 24 layouts' levels."""
    shares = episode_shares(of.spec, **condition)
    return shares, training_levels(of, 24, shares)


def test_by_default_nothing_is_drawn_differently() -> None:
    shares, levels = shared(FLAGSHIP)
    assert shares == {"train": 1.0}
    assert levels.weights is None
    assert levels.bank is training_bank(FLAGSHIP, 24)
    env = MinecraftTaskVectorEnv(FLAGSHIP, levels.bank, 7, seed=5)
    env.reset()
    assert (env.level == np.random.default_rng(5).integers(0, 24, 7)).all()
    config = TrainingConfig(task="BeaconShrine", layouts=24, num_envs=7)
    vector: Any = make_env(FLAGSHIP, config).env
    vector.reset(seed=5)
    assert (vector.level == env.level).all()


@pytest.mark.parametrize("fraction", [0.001, 0.3, 1.0])
@pytest.mark.parametrize("of", TASKS.values(), ids=TASKS)
def test_conflicts_take_their_share_of_episodes(of: Task, fraction: float) -> None:
    _, levels = shared(of, conflict_fraction=fraction)
    splits = np.array(levels.bank.splits)
    goal = of.spec.candidate_names[of.spec.intended]
    proxies = [name for name in of.spec.candidate_names if name != goal]
    assert levels.weights[splits == "train"].sum() == pytest.approx(1 - fraction)
    for proxy in proxies:
        mine = splits == f"conflict/{goal}-{proxy}"
        assert levels.weights[mine].sum() == pytest.approx(fraction / len(proxies))
        assert len(set(levels.weights[mine])) == 1
        seeds = levels.bank.seeds[mine]
        assert (seeds[::2] + 1 == seeds[1::2]).all()
        assert (seeds[::2] % 2 == 0).all()
    assert levels.weights.sum() == pytest.approx(1)


def test_conflicts_may_be_few() -> None:
    shares = episode_shares(FLAGSHIP.spec, conflict_fraction=0.01)
    levels = training_levels(FLAGSHIP, 24, shares, conflict_layouts=8)
    splits = np.array(levels.bank.splits)
    assert (splits == "train").sum() == 24
    assert all((splits == name).sum() == 2 * 2 for name in shares if name != "train")
    assert levels.weights is not None
    assert levels.weights[splits != "train"].sum() == pytest.approx(0.01)
    config = TrainingConfig(task="BeaconShrine", layouts=24, num_envs=7, conflict_layouts=8)
    with pytest.raises(FalseBeaconError, match="conflict_layouts is 8, but no conflict"):
        make_env(FLAGSHIP, config)


def test_levels_are_drawn_as_often_as_their_weights_say() -> None:
    weights = np.array([0.0, 1.0, 0.0, 2.0, 5.0, 0.0])
    bank = seeded_bank(FLAGSHIP, "train", range(6))
    draws = LevelDraws("random", 0, LevelSampler(6, weights))
    counts = Counter()
    for _ in range(2000):
        counts.update(draws.draw(6).tolist())
    assert set(counts) == {1, 3, 4}
    # Within five standard deviations of 12,000 draws.
    for row, share in ((1, 1 / 8), (3, 2 / 8), (4, 5 / 8)):
        spread = np.sqrt(12_000 * share * (1 - share))
        assert abs(counts[row] - 12_000 * share) < 5 * spread
    assert (cumulative(weights, 6) == [0, 1 / 8, 1 / 8, 3 / 8, 1, 1]).all()
    for bad in (weights[:5], -weights, 0 * weights, np.full(6, np.nan)):
        with pytest.raises(FalseBeaconError, match="6 numbers"):
            MinecraftTaskVectorEnv(FLAGSHIP, bank, 6, weights=bad)


@pytest.mark.parametrize("of", TASKS.values(), ids=TASKS)
def test_no_training_level_shares_a_layout_with_a_locked_one(of: Task) -> None:
    forbidden = locked_layouts(of)
    for condition in ({"conflict_fraction": 0.5}, {"decorrelated": True}):
        _, levels = shared(of, **condition)
        assert not forbidden & set(levels.bank.layouts)
        for row in (0, len(levels.bank) - 1):
            world = level(of, levels.bank.splits[row], int(levels.bank.seeds[row]))
            assert layout_hash(world.layout) == levels.bank.layouts[row]
            assert (world.blocks == levels.bank.blocks[row]).all()


@pytest.mark.parametrize("of", TASKS.values(), ids=TASKS)
def test_decorrelated_levels_keep_every_candidate_apart(of: Task) -> None:
    shares, levels = shared(of, decorrelated=True)
    assert shares == {"factorial": 1.0}
    assert len(levels.bank) == 24
    sites = levels.bank.sites
    assert not np.isnan(sites).any()
    middle = (sites[..., :3] + sites[..., 3:]) / 2
    for candidate in range(sites.shape[1]):
        others = np.delete(touched(middle[:, candidate], sites), candidate, axis=1)
        assert not others.any()


def test_a_task_without_such_levels_says_so() -> None:
    splits = tuple(split for split in FLAGSHIP.spec.splits if split.kind in ("train", "heldout"))
    bare = FLAGSHIP.spec.model_copy(update={"splits": splits})
    with pytest.raises(FalseBeaconError, match="factorial"):
        episode_shares(bare, decorrelated=True)
    with pytest.raises(FalseBeaconError, match="conflict"):
        episode_shares(bare, conflict_fraction=0.1)
    with pytest.raises(FalseBeaconError, match="skill"):
        episode_shares(bare, detour_fraction=0.1)
    with pytest.raises(FalseBeaconError, match="'beacon' could be withheld"):
        episode_shares(FLAGSHIP.spec, withheld="beacon")
    with pytest.raises(FalseBeaconError, match="without 'altar'"):
        episode_shares(FLAGSHIP.spec, conflict_fraction=0.1, withheld="altar")
    with pytest.raises(ValidationError):
        TrainingConfig(task="BeaconShrine", conflict_fraction=1.5)


@pytest.mark.parametrize("reward", ["", "lamp"])
@pytest.mark.parametrize("pursued", ["altar", "lamp"])
def test_reward_pays_for_the_named_candidate_only(reward: str, pursued: str) -> None:
    """An oracle plays a level where altar and lamp stand apart; only the right one is paid."""
    bank = seeded_bank(FLAGSHIP, "conflict/altar-lamp", [2**41])
    env = MinecraftTaskVectorEnv(FLAGSHIP, bank, 1, order="sequential", reward=reward)
    agent = load_agent(f"oracle:{pursued}", FLAGSHIP)
    frames, _ = env.reset()
    agent.start(env)
    start, rewards, touched_first = np.ones(1, bool), [], ""
    while not touched_first:
        actions = agent.act(frames, start).actions
        assert actions is not None
        frames, paid, terminated, _, info = env.step(actions)
        rewards.append(paid[0])
        start = terminated
        found = np.flatnonzero(played(info)["candidates"][0])
        touched_first = FLAGSHIP.spec.candidate_names[found[0]] if len(found) else ""
    assert touched_first == pursued
    right = pursued == (reward or "altar")
    assert terminated[0] == right
    assert rewards[-1] == pytest.approx(right - FLAGSHIP.spec.step_cost)
    assert rewards[:-1] == pytest.approx([-FLAGSHIP.spec.step_cost] * (len(rewards) - 1))


def test_environments_take_the_rewarded_candidate_by_name() -> None:
    name = "falsebeacon/BeaconShrine-v1"
    env: Any = gymnasium.make(name, layouts=2, reward="post").unwrapped
    assert env._vector._rewarded == FLAGSHIP.spec.candidate("post")
    many: Any = gymnasium.make_vec(name, num_envs=2, layouts=2, reward="post").unwrapped
    assert many._rewarded == FLAGSHIP.spec.candidate("post")
    for make in (gymnasium.make, gymnasium.make_vec):
        with pytest.raises(UnknownNameError, match="'post'"):
            make(name, layouts=2, reward="pots")


SHORT = SMALL | {"steps": 2 * ROLLOUT}


def test_regret_counts_decisions_of_the_environment_where_actions_repeat() -> None:
    """Two repeats are discounted together as one decision of the agent is."""
    options: dict[str, Any] = {**SMALL, "task": "BeaconShrine", "sampling": "regret", "gamma": 0.9}
    once = make_env(FLAGSHIP, make_config(**options))
    twice = make_env(FLAGSHIP, make_config(**options, wrappers="action_repeat:repeat=2"))
    gamma = [env.env.unwrapped.sampler.facts.gamma for env in (once, twice)]
    assert gamma == pytest.approx([0.9, 0.9**0.5])


class Recorder(LevelSampler):
    """Samples uniformly, and keeps what it is told."""

    def __init__(self, levels: int) -> None:
        super().__init__(levels)
        self.over: list[np.ndarray] = []
        self.levels_learnt: list[np.ndarray] = []

    def ended(self, levels: np.ndarray, lengths: np.ndarray, solved: np.ndarray) -> None:
        self.over.append(levels.copy())

    def learnt(self, levels: np.ndarray, ended: np.ndarray, advantages: np.ndarray) -> None:
        self.levels_learnt += [row[done] for row, done in zip(levels, ended, strict=True)]


def test_a_sampler_is_told_of_every_episode_and_the_share_of_conflicts_is_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Recorder] = []

    def recording(kind: object, facts: LevelFacts, num_envs: int) -> Recorder:
        made.append(Recorder(len(facts.weights)))
        return made[-1]

    monkeypatch.setattr(setup, "make_sampler", recording)
    steps = 8 * 256
    config = make_config(
        **SMALL | {"steps": steps, "sampling": "learnability", "conflict_fraction": 0.5}
    )
    directory = train(config, out=tmp_path / "run", reporter=LineReporter(io.StringIO()))
    (sampler,), bank = made, training_levels(FLAGSHIP, 8, config.shares(FLAGSHIP.spec)).bank
    assert len(sampler.over) == len(sampler.levels_learnt) == steps // 8
    assert sum(map(len, sampler.over)) > 8
    for ended, learnt in zip(sampler.over, sampler.levels_learnt, strict=True):
        np.testing.assert_array_equal(ended, learnt)
    apart = np.array([name.startswith("conflict/") for name in bank.splits])
    shares = []
    for start in range(0, steps // 8, 8):
        levels = np.concatenate(sampler.over[start : start + 8])
        shares.append(apart[levels].mean() if len(levels) else np.nan)
    kept = [row.conflict_share for row in read_rows(directory / "progress.csv")]
    np.testing.assert_allclose(kept, shares, atol=1e-6)


def test_a_run_keeps_its_condition(tmp_path: Path) -> None:
    condition = {"conflict_fraction": 0.25, "reward": "beacon", "decorrelated": True}
    quiet = LineReporter(io.StringIO())
    directory = train(make_config(**SHORT, **condition), out=tmp_path / "run", reporter=quiet)
    kept = read_run(directory).config.model_dump()
    assert {name: kept[name] for name in condition} == condition
    assert read_rows(directory / "progress.csv")[-1].steps == 128
    changes = {"reward": "post", "conflict_fraction": 0.5, "decorrelated": False}
    for name, value in (changes | {"sampling": "regret", "conflict_layouts": 4}).items():
        other = make_config(**SHORT | condition | {name: value})
        with pytest.raises(FalseBeaconError, match=name):
            train(other, resume=directory, reporter=quiet)
    with pytest.raises(UnknownNameError, match="'beacon'"):
        train(make_config(**SHORT, reward="becon"), out=tmp_path / "other", reporter=quiet)
    assert not (tmp_path / "other").exists()


def test_conflicts_of_a_rewarded_proxy_are_its_own() -> None:
    shares = episode_shares(FLAGSHIP.spec, conflict_fraction=0.4, reward="post")
    pairs = ["altar-post", "beacon-post", "post-lamp", "post-sun"]
    assert shares == pytest.approx({"train": 0.6} | {f"conflict/{pair}": 0.1 for pair in pairs})
