"""What gymnasium's users expect of seeds, options, numbers and pictures, one level or many."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError

ENV_ID = "falsebeacon/BeaconShrine-v1"
MADE = {
    "one": lambda **options: gymnasium.make(ENV_ID, **options),
    "many": lambda **options: gymnasium.make_vec(ENV_ID, **({"num_envs": 4} | options)),
}


def many(**options: Any) -> Any:
    return MADE["many"](layouts=64, **options).unwrapped


def levels(env: Any, resets: int = 3) -> list[int]:
    seeds = [np.atleast_1d(env.reset()[1]["level_seed"]) for _ in range(resets)]
    return np.concatenate(seeds).tolist()


@pytest.mark.parametrize("kind", MADE)
def test_without_a_seed_every_environment_plays_other_levels(kind: str) -> None:
    first, second = (levels(MADE[kind](layouts=64), 8) for _ in range(2))
    assert first != second
    again = [levels(MADE[kind](layouts=64, seed=3), 8) for _ in range(2)]
    assert again[0] == again[1]


def test_a_drawn_seed_can_be_read_and_given_again() -> None:
    env = many()
    assert levels(env) == levels(many(seed=env.np_random_seed))


@pytest.mark.parametrize("kind", MADE)
def test_an_option_that_does_not_exist_is_refused(kind: str) -> None:
    env = MADE[kind](layouts=6).unwrapped
    known = "level" if kind == "one" else "levels"
    with pytest.raises(UnknownNameError, match=f"Did you mean '{known}'"):
        env.reset(options={"level_index" if kind == "one" else "level": 1})


@pytest.mark.parametrize("number", [0, -1, 1.5, True, "8"])
@pytest.mark.parametrize("name", ["num_envs", "observation_size", "threads", "layouts"])
def test_a_number_that_is_no_count_is_refused(name: str, number: Any) -> None:
    with pytest.raises(FalseBeaconError, match=f"{name} must be a whole number of at least 1"):
        MADE["many"](**({"layouts": 6} | {name: number}))
    if name in ("observation_size", "layouts"):
        with pytest.raises(FalseBeaconError, match=f"{name} must be a whole number of at least 1"):
            MADE["one"](**({"layouts": 6} | {name: number}))


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (np.array([1]), r"array of shape \(1,\)"),
        ([0, 1], r"array of shape \(2,\)"),
        (0.5, "not 0.5"),
        (True, "not True"),
        (None, "not None"),
        (3, "from 0 to 2"),
    ],
)
def test_the_action_of_one_environment_is_refused_as_it_was_given(action: Any, said: str) -> None:
    env = MADE["one"](layouts=6).unwrapped
    env.reset(seed=0)
    with pytest.raises(FalseBeaconError, match=said):
        env.step(action)
    for whole in (1, np.int64(1), np.array(1), np.uint8(2)):
        env.step(whole)


def test_infos_say_which_level_every_slot_plays() -> None:
    env = MADE["many"](split="conflict/altar-beacon", num_envs=3).unwrapped
    _, info = env.reset(options={"levels": [2, 0, 5]})
    assert info["level_seed"].tolist() == env.bank.seeds[[2, 0, 5]].tolist()
    assert info["split"].tolist() == ["conflict/altar-beacon"] * 3
    assert info["_split"].all()
    assert info["_level_seed"].all()


@pytest.mark.parametrize("mode", AutoresetMode)
def test_some_slots_begin_again_and_the_others_go_on(mode: AutoresetMode) -> None:
    env = many(autoreset_mode=mode, seed=0)
    assert env.autoreset_mode == env.metadata["autoreset_mode"] == mode
    env.reset()
    for _ in range(5):
        frames, *_ = env.step(np.zeros(4, np.int64))
    mask = np.array([True, False, False, True])
    before = env.level.copy()
    seen, info = env.reset(options={"reset_mask": mask, "levels": np.full(4, 7)})
    assert info["level"].tolist() == [7, before[1], before[2], 7]
    assert info["elapsed"].tolist() == [0, 5, 5, 0]
    np.testing.assert_array_equal(seen[~mask], frames[~mask])


def test_a_reset_of_some_slots_can_be_seeded() -> None:
    mask = np.array([True, False, True, False])
    drawn = []
    for _ in range(2):
        env = many()
        env.reset()
        drawn.append(env.reset(seed=5, options={"reset_mask": mask})[1]["level"][mask].tolist())
    assert drawn[0] == drawn[1]


def test_pictures_of_many_levels_are_what_agents_see() -> None:
    env = many(render_mode="rgb_array", seed=1)
    frames, _ = env.reset()
    np.testing.assert_array_equal(env.render(), frames)
    frames, *_ = env.step(np.zeros(4, np.int64))
    shown = env.render()
    assert len(shown) == 4
    np.testing.assert_array_equal(shown, frames)
    shown[0][:] = 0
    np.testing.assert_array_equal(env.render(), frames)
    assert many().render() is None
    with pytest.raises(UnknownNameError, match="render mode"):
        many(render_mode="human")
