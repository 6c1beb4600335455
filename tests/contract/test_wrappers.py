"""What every wrapper does, ours around both kinds of environment, and gymnasium's around ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.wrappers import (
    FrameStackObservation,
    GrayscaleObservation,
    RecordEpisodeStatistics,
    RenderCollection,
    ResizeObservation,
    StickyAction,
)
from gymnasium.wrappers import vector as over_many

from minecraft_tasks.infos import played
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.base import Decision
from policies.agents.wrapped import acting, observing
from wrappers.apply import autoreset_mode, wrap, wrap_single
from wrappers.observations import BLANK
from wrappers.stack import SPECS, Stack

TASK = task("BeaconShrine")
FRAMES = gymnasium.spaces.Box(0, 255, (64, 64, 3), np.uint8)
NUM_ENVS, STEPS = 3, 140
"""A time limit of 128 decisions ends every episode in which an agent turns on the spot."""
STACKS = {
    "blind": "blind",
    "grey": "grey",
    "resize": "resize:size=36",
    "frame_stack": "frame_stack:n=3",
    "action_repeat": "action_repeat:repeat=3",
    "sticky_actions": "sticky_actions:probability=0.5",
    "all": "action_repeat,sticky_actions,grey,resize:size=40,frame_stack:n=2",
}


def make(stack: Stack, seeds: int = 4, num_envs: int = NUM_ENVS, **options: Any) -> VectorEnv:
    bank = seeded_bank(TASK, "train", range(seeds))
    mode = autoreset_mode(stack)
    env = MinecraftTaskVectorEnv(TASK, bank, num_envs, seed=0, autoreset_mode=mode, **options)
    return wrap(env, stack)


def actions(count: int = STEPS, num_envs: int = NUM_ENVS) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 3, (count, num_envs))


def same(left: Any, right: Any) -> None:
    for one, other in zip(left[:4], right[:4], strict=True):
        np.testing.assert_array_equal(one, other)


def test_every_wrapper_is_tried_here() -> None:
    assert set(SPECS) <= set(STACKS)


@pytest.mark.parametrize("text", STACKS.values(), ids=STACKS)
def test_a_stack_reads_back(text: str) -> None:
    stack = Stack.parse(text)
    assert Stack.parse(str(stack)) == stack
    assert Stack.model_validate_json(stack.model_dump_json()) == stack


@pytest.mark.parametrize("text", STACKS.values(), ids=STACKS)
def test_spaces_are_true_and_last_frames_are_wrapped(text: str) -> None:
    env = make(Stack.parse(text))
    assert env.metadata["autoreset_mode"] == AutoresetMode.SAME_STEP
    frames, _ = env.reset(seed=1)
    assert frames in env.observation_space
    ended = 0
    for _ in range(STEPS):
        frames, rewards, terminated, truncated, info = env.step(np.ones(NUM_ENVS, np.int64))
        assert frames in env.observation_space
        assert rewards.dtype == np.float32
        done = terminated | truncated
        assert ("final_obs" in info) == done.any()
        if done.any():
            ended += 1
            np.testing.assert_array_equal(info["_final_obs"], done)
            assert info["final_obs"][done][0] in env.single_observation_space
            assert (info["elapsed"][done] == 0).all()
            assert (info["final_info"]["elapsed"][done] > 0).all()
    assert ended


@pytest.mark.parametrize("text", STACKS.values(), ids=STACKS)
def test_a_seed_decides_everything_and_a_state_gives_it_back(text: str) -> None:
    stack = Stack.parse(text)
    first, second, third = (make(stack) for _ in range(3))
    for env in (first, second):
        env.reset(seed=3)
    for row in actions():
        last = first.step(row)
        same(last, second.step(row))
    state: Any = first
    copied: Any = third
    third.reset(seed=8)
    np.testing.assert_array_equal(copied.restore(state.state()), last[0])
    for row in actions():
        same(first.step(row), third.step(row))


@pytest.mark.parametrize("text", STACKS.values(), ids=STACKS)
def test_one_level_alone_and_among_many_are_wrapped_alike(text: str) -> None:
    """Whatever is random is left out: gymnasium's own wrapper draws other numbers there."""
    stack = Stack.parse(text)
    kept = Stack(tuple(spec for spec in stack if spec.name != "sticky_actions"))
    single = gymnasium.make(TASK.spec.env_id, layouts=4, disable_env_checker=True)
    alone = wrap_single(single, stack)
    check_env(wrap_single(single, kept).unwrapped)
    frame, _ = alone.reset(seed=0)
    assert frame in alone.observation_space
    assert alone.step(0)[0] in alone.observation_space
    alone, many = wrap_single(single, kept), make(kept, seeds=4)
    bank: Any = many.unwrapped
    alone_bank: Any = single.unwrapped
    np.testing.assert_array_equal(alone_bank._bank.seeds, bank.bank.seeds)
    frame, _ = alone.reset(seed=0, options={"level": 1})
    frames, _ = many.reset(options={"levels": [1, 0, 2]})
    np.testing.assert_array_equal(frame, frames[0])
    for row in actions(20):
        frame, reward, terminated, truncated, _ = alone.step(row[0])
        frames, rewards, *_, info = many.step(row)
        over = terminated or truncated
        np.testing.assert_array_equal(frame, info["final_obs"][0] if over else frames[0])
        assert reward == pytest.approx(rewards[0])
        if over:
            break


class Watcher:
    """Keeps what it is shown, and answers with actions that follow from it."""

    name = "watcher"

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        self.seen = [[] for _ in range(env.num_envs)]

    def act(
        self, observations: np.ndarray, starts: np.ndarray, slots: np.ndarray | None = None
    ) -> Decision:
        rows = np.arange(len(observations)) if slots is None else slots
        for slot, frame in zip(rows, observations, strict=True):
            self.seen[slot].append(frame)
        turn = observations.reshape(len(observations), -1).sum(axis=1, dtype=np.int64) % 3
        return Decision(actions=turn)


def far(bank: LevelBank) -> list[int]:
    """Levels whose goal is farthest from the spawn, so that no episode ends soon."""
    sites = bank.sites[:, TASK.spec.intended]
    middles = (sites[:, [0, 2]] + sites[:, [3, 5]]) / 2
    distance = np.hypot(*(middles - bank.spawn[:, [0, 2]]).T)
    return np.argsort(-distance)[:NUM_ENVS].tolist()


@pytest.mark.parametrize("text", STACKS.values(), ids=STACKS)
def test_an_agent_in_a_stack_sees_and_does_as_in_an_environment_in_it(text: str) -> None:
    stack = Stack(tuple(spec for spec in Stack.parse(text) if spec.name != "sticky_actions"))
    inner = Watcher()
    agent = acting(observing(inner, stack, FRAMES), stack)
    env: Any = make(Stack(), seeds=12)
    levels = far(env.bank)
    frames, _ = env.reset(options={"levels": levels})
    agent.start(env)
    starts = np.ones(NUM_ENVS, bool)
    positions = []
    for _ in range(24):
        decision = agent.act(frames, starts)
        assert decision.actions is not None
        chosen = getattr(agent, "executed", lambda picked: picked)(decision.actions)
        frames, _, terminated, truncated, info = env.step(chosen)
        positions.append(played(info)["position"])
        starts = terminated | truncated
        assert not starts.any()
    repeat = max([spec.repeat for spec in stack if spec.name == "action_repeat"], default=1)
    direct, wrapped = Watcher(), make(stack, seeds=12)
    seen, _ = wrapped.reset(options={"levels": levels})
    direct.start(env)
    for index in range(24 // repeat):
        decision = direct.act(seen, starts)
        assert decision.actions is not None
        seen, *_, info = wrapped.step(decision.actions)
        np.testing.assert_array_equal(info["position"], positions[(index + 1) * repeat - 1])
    np.testing.assert_array_equal(np.array(inner.seen), np.array(direct.seen))
    if text == "blind":
        assert (np.array(inner.seen) == BLANK).all()


VectorMaker = Callable[[VectorEnv], VectorEnv]
ANYWHERE: dict[str, VectorMaker] = {
    "RecordEpisodeStatistics": over_many.RecordEpisodeStatistics,
    "NormalizeReward": over_many.NormalizeReward,
    "ClipReward": lambda env: over_many.ClipReward(env, -1, 1),
    "TransformReward": lambda env: over_many.TransformReward(env, lambda reward: 2 * reward),
    "TransformAction": lambda env: over_many.TransformAction(env, lambda given: 3 - given),
    "DictInfoToList": over_many.DictInfoToList,
}
NEXT_STEP: dict[str, VectorMaker] = {
    "TransformObservation": lambda env: over_many.TransformObservation(
        env, lambda seen: 255 - seen
    ),
    "GrayscaleObservation": lambda env: over_many.GrayscaleObservation(env, keep_dim=True),
    "ResizeObservation": lambda env: over_many.ResizeObservation(env, (32, 32)),
    "DtypeObservation": lambda env: over_many.DtypeObservation(env, np.float32),
    "NormalizeObservation": over_many.NormalizeObservation,
}
"""gymnasium 1.4's wrappers of observations refuse environments that reset in the same step."""
VECTOR_CASES = [(mode, name) for mode in AutoresetMode for name in ANYWHERE] + [
    (AutoresetMode.NEXT_STEP, name) for name in NEXT_STEP
]


@pytest.mark.parametrize(("mode", "name"), VECTOR_CASES)
def test_vector_wrappers_of_gymnasium_run_over_ours(mode: AutoresetMode, name: str) -> None:
    bank = seeded_bank(TASK, "train", range(4))
    inner = MinecraftTaskVectorEnv(TASK, bank, NUM_ENVS, autoreset_mode=mode)
    env = (ANYWHERE | NEXT_STEP)[name](inner)
    env.reset(seed=0)
    finished = 0
    for step in range(1, STEPS + 1):
        frames, _, terminated, truncated, info = env.step(np.full(NUM_ENVS, 1))
        assert frames.shape == env.observation_space.shape
        done = terminated | truncated
        finished += int(done.sum())
        if name == "RecordEpisodeStatistics" and done.any():
            assert step == info["episode"]["l"][done][0] == 128
            assert info["episode"]["r"][done][0] == pytest.approx(-128 * TASK.spec.step_cost)
        if name == "DictInfoToList" and done.all():
            told = info[0].get("final_info", info[0])
            assert told["elapsed"] == 128
            assert ("final_obs" in info[0]) == (mode == AutoresetMode.SAME_STEP)
        if mode == AutoresetMode.DISABLED and done.any():
            env.reset(options={"reset_mask": done})
    assert finished == NUM_ENVS


def test_the_modes_of_autoreset_play_the_same_episodes() -> None:
    """Slots that are over idle; the next episode begins one step later, or when it is asked for."""
    bank = seeded_bank(TASK, "train", range(6))
    seen = {}
    for mode in AutoresetMode:
        env = MinecraftTaskVectorEnv(TASK, bank, 2, "sequential", autoreset_mode=mode)
        env.reset()
        episodes, steps = [], 0
        while not env.exhausted:
            _, _, terminated, truncated, info = env.step(np.full(2, 1))
            steps += 1
            done, left = terminated | truncated, played(info)
            for slot in np.flatnonzero(done):
                position = left["position"][slot].tolist()
                episodes.append((left["level"][slot], left["elapsed"][slot], position))
            if mode == AutoresetMode.DISABLED and done.any():
                env.reset(options={"reset_mask": done})
        seen[mode] = (sorted(episodes), steps)
    same_step, steps = seen[AutoresetMode.SAME_STEP]
    assert len(same_step) == len(bank)
    assert seen[AutoresetMode.DISABLED] == (same_step, steps)
    assert seen[AutoresetMode.NEXT_STEP] == (same_step, steps + 3)


SINGLE: dict[str, Callable[[gymnasium.Env], gymnasium.Env]] = {
    "RecordEpisodeStatistics": RecordEpisodeStatistics,
    "GrayscaleObservation": GrayscaleObservation,
    "ResizeObservation": lambda env: ResizeObservation(env, (32, 32)),
    "FrameStackObservation": lambda env: FrameStackObservation(env, 4),
    "StickyAction": lambda env: StickyAction(env, 0.25),
}


@pytest.mark.parametrize("name", SINGLE)
def test_wrappers_of_gymnasium_run_over_one_level(name: str) -> None:
    env = SINGLE[name](gymnasium.make(TASK.spec.env_id, layouts=4))
    env.reset(seed=0)
    for step in range(1, 129):
        frame, _, terminated, truncated, info = env.step(np.int64(1))
        assert frame in env.observation_space
        assert truncated == (step == 128)
        assert not terminated
    if name == "RecordEpisodeStatistics":
        assert info["episode"]["l"] == 128


def test_what_is_rendered_is_collected() -> None:
    env = gymnasium.make(TASK.spec.env_id, layouts=4, render_mode="rgb_array")
    collected = RenderCollection(env)
    first, _ = collected.reset(seed=0)
    second, *_ = collected.step(np.int64(0))
    np.testing.assert_array_equal(collected.render(), [first, second])
