from __future__ import annotations

import hashlib
import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import minecraft_tasks
from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError
from minecraft_tasks.infos import played
from minecraft_tasks.levels.draws import IDLE, Order
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.levels.locked import read_seeds, training_bank
from minecraft_tasks.tasks import TASKS, task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from tests.support.children import environment

IDS = [made.spec.env_id for made in TASKS.values()]
FORWARD, LEFT, RIGHT = 0, 1, 2


def make_vector(num_envs: int = 4, **kwargs: object) -> MinecraftTaskVectorEnv:
    flagship = task("BeaconShrine")
    bank = training_bank(flagship, 6)
    return MinecraftTaskVectorEnv(flagship, bank, num_envs, **({"seed": 0} | kwargs))  # type: ignore[arg-type]


@pytest.mark.parametrize("env_id", IDS)
def test_many_levels_are_made_by_make_vec(env_id: str) -> None:
    env = gymnasium.make_vec(env_id, num_envs=3, split="heldout", seed=1)
    frames, _ = env.reset(seed=4)
    assert env.metadata["autoreset_mode"] == AutoresetMode.SAME_STEP
    assert frames.shape == (3, 64, 64, 3)
    assert env.observation_space.contains(frames)
    assert env.single_action_space == gymnasium.spaces.Discrete(3)
    _, reward, terminated, truncated, info = env.step(env.action_space.sample())
    assert reward.dtype == np.float32
    assert terminated.shape == truncated.shape == (3,)
    assert info["candidates"].shape == (3, len(env.unwrapped.task.spec.candidates))


@pytest.mark.parametrize("side", [64, 139])
def test_one_level_alone_and_among_many_looks_and_goes_the_same(side: int) -> None:
    flagship = task("BeaconShrine")
    single = gymnasium.make(
        "falsebeacon/BeaconShrine-v1", split="train", layouts=6, observation_size=side
    )
    vector = make_vector(3, observation_size=side)
    frame, _ = single.reset(options={"level": 4})
    frames, _ = vector.reset(options={"levels": [0, 4, 1]})
    np.testing.assert_array_equal(frame, frames[1])
    rng = np.random.default_rng(0)
    for _ in range(60):
        actions = rng.integers(0, len(flagship.spec.actions), 3)
        frame, reward, terminated, _, info = single.step(actions[1])
        frames, rewards, done, _, infos = vector.step(actions)
        assert reward == pytest.approx(rewards[1])
        np.testing.assert_array_equal(info["position"], played(infos)["position"][1])
        assert terminated == done[1]
        if terminated:
            np.testing.assert_array_equal(frame, infos["final_obs"][1])
            break
        np.testing.assert_array_equal(frame, frames[1])


@pytest.mark.parametrize("order", ["random", "sequential"])
def test_another_environment_goes_on_from_a_state(order: Order) -> None:
    """Frames, rewards and the levels drawn next are the same, in the middle of episodes."""
    first, second = (make_vector(4, order=order, seed=seed) for seed in (1, 2))
    first.reset()
    second.reset()
    rng = np.random.default_rng(0)
    for _ in range(100):
        last = first.step(rng.integers(0, 3, 4))
    state = first.state()
    kept = {name: values.copy() for name, values in state.items()}
    np.testing.assert_array_equal(second.restore(state), last[0])
    for _ in range(60):
        actions = rng.integers(0, 3, 4)
        one, other = first.step(actions), second.step(actions)
        for left, right in zip(one[:4], other[:4], strict=True):
            np.testing.assert_array_equal(left, right)
        for name, values in played(one[4]).items():
            np.testing.assert_array_equal(values, played(other[4])[name])
    assert first.elapsed.min() < 60, "an episode ended, and the next level was drawn"
    for name, values in state.items():
        np.testing.assert_array_equal(values, kept[name], err_msg=f"{name} is no copy")
    with pytest.raises(FalseBeaconError, match="5 slots"):
        make_vector(5).restore(state)
    state["level"][0] = 6
    with pytest.raises(FalseBeaconError, match="bank of 6"):
        second.restore(state)


def test_a_finished_slot_takes_its_next_level_in_the_same_step() -> None:
    env = make_vector(2, order="sequential")
    env.reset()
    assert env.level.tolist() == [0, 1]
    limit = int(env.bank.time_limits[0])
    for step in range(1, limit + 1):
        frames, _, terminated, truncated, info = env.step(np.array([LEFT, LEFT]))
        assert not terminated.any()
        assert truncated.all() == (step == limit)
    assert info["final_info"]["level"].tolist() == [0, 1]
    assert info["final_info"]["elapsed"].tolist() == [limit, limit]
    assert info["level"].tolist() == [2, 3]
    assert info["_final_info"].all()
    assert env.level.tolist() == [2, 3]
    assert env.elapsed.tolist() == [0, 0]
    assert not np.array_equal(frames, info["final_obs"])


def test_a_sequential_run_plays_each_level_once_and_then_idles() -> None:
    env = make_vector(4, order="sequential")
    env.reset()
    levels = []
    while not env.exhausted:
        _, reward, terminated, truncated, info = env.step(np.full(4, RIGHT))
        level = played(info)["level"]
        levels += level[terminated | truncated].tolist()
        assert (reward[level == IDLE] == 0).all()
    assert sorted(levels) == list(range(6))


def test_the_reward_is_for_the_intended_goal_only() -> None:
    flagship = task("BeaconShrine")
    bank = seeded_bank(flagship, "train", [0])
    env = MinecraftTaskVectorEnv(flagship, bank, 1)
    env.reset()
    post = bank.sites[0, flagship.spec.candidate("post")]
    env.backend.position[0] = [(post[0] + post[3]) / 2, 1.0, post[2] + 0.4]
    _, reward, terminated, _, info = env.step(np.array([LEFT]))
    assert info["candidates"][0, flagship.spec.candidate("post")]
    assert not terminated[0]
    assert reward[0] == pytest.approx(-flagship.spec.step_cost)
    altar = bank.sites[0, flagship.spec.intended]
    middle = (altar[:3] + altar[3:]) / 2
    env.backend.position[0] = [middle[0], 2.0, middle[2]]
    _, reward, terminated, _, info = env.step(np.array([LEFT]))
    assert terminated[0]
    assert reward[0] == pytest.approx(1 - flagship.spec.step_cost)
    assert info["final_info"]["first_touch"][0, flagship.spec.intended] == 2


@pytest.mark.parametrize("actions", [[0, 3], [-1, 0], [0], [0.5, 1.0]])
def test_a_bad_action_is_refused(actions: list[float]) -> None:
    env = make_vector(2)
    env.reset()
    with pytest.raises(FalseBeaconError, match="action"):
        env.step(np.array(actions))
    single = gymnasium.make("falsebeacon/BeaconShrine-v1", layouts=2).unwrapped
    single.reset(seed=0)
    with pytest.raises(FalseBeaconError, match="action out of range: 7"):
        single.step(7)


def test_a_step_after_the_end_is_refused() -> None:
    env = gymnasium.make("falsebeacon/BeaconShrine-v1", layouts=2).unwrapped
    with pytest.raises(FalseBeaconError, match="reset"):
        env.step(0)


@pytest.mark.parametrize("levels", [[0, 6], [-1, 0], [0], ["a", "b"]])
def test_unknown_levels_are_refused(levels: list[object]) -> None:
    with pytest.raises(FalseBeaconError, match="from 0 to 5"):
        make_vector(2).reset(options={"levels": levels})


def test_no_environment_trains_on_a_locked_layout() -> None:
    maze = task("GreenArrowMaze")
    locked = read_seeds(maze).layouts()
    layouts = 2100
    single = gymnasium.make(maze.spec.env_id, layouts=layouts).unwrapped
    vector = minecraft_tasks.make_vector_env("GreenArrowMaze", 2, layouts=layouts)
    assert vector.bank.seeds[-1] >= layouts
    assert locked.isdisjoint(vector.bank.layouts)
    seeds = {single.reset(seed=seed)[1]["level_seed"] for seed in range(20)}
    assert seeds <= set(vector.bank.seeds.tolist())


def test_unknown_splits_and_backends_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="conflict/altar-beacon"):
        gymnasium.make("falsebeacon/BeaconShrine-v1", split="conflict/altar-bacon")
    with pytest.raises(UnknownNameError, match="voxel"):
        gymnasium.make("falsebeacon/BeaconShrine-v1", backend="vixel")
    with pytest.raises(UnknownNameError, match="voxel"):
        minecraft_tasks.make_vector_env("BeaconShrine", 2, backend="malmo")


PLAY = """
import hashlib, numpy as np, gymnasium, minecraft_tasks
env = gymnasium.make_vec("falsebeacon/GreenArrowMaze-v1", num_envs=5, layouts=16, seed=3)
frames, _ = env.reset(seed=11)
digest = hashlib.sha256(frames.tobytes())
rng = np.random.default_rng(1)
for _ in range(40):
    frames, *_ = env.step(rng.integers(0, 3, 5))
    digest.update(frames.tobytes())
print(digest.hexdigest())
"""


def test_two_processes_see_the_same_bytes() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", PLAY],
            capture_output=True,
            text=True,
            check=True,
            env=environment(),
        ).stdout
        for _ in range(2)
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == len(hashlib.sha256().hexdigest())
