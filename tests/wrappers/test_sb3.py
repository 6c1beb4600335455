from __future__ import annotations

import re
from typing import Any

import gymnasium
import numpy as np
import pytest
from stable_baselines3.common.vec_env import VecMonitor

from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError
from wrappers.sb3 import SB3VecEnv


def adapted(**options: Any) -> SB3VecEnv:
    env = gymnasium.make_vec("falsebeacon/BeaconShrine-v1", num_envs=3, layouts=6, **options)
    return SB3VecEnv(env)


def test_pictures_of_all_environments_are_tiled() -> None:
    env = adapted(render_mode="rgb_array")
    frames = env.reset()
    assert env.metadata["render_fps"] == 5
    assert env.render_mode == "rgb_array"
    picture = env.render()
    assert picture is not None
    assert picture.shape == (128, 128, 3)
    np.testing.assert_array_equal(picture[:64, :64], frames[0])
    env.step(np.zeros(3, np.int64))
    assert not np.array_equal(picture, env.render())
    assert adapted().get_images() == [None, None, None]


def test_levels_are_chosen_for_all_environments_or_for_none() -> None:
    env = adapted()
    env.set_options([{"level": level} for level in (4, 0, 4)])
    frames = env.reset()
    np.testing.assert_array_equal(frames[0], frames[2])
    assert env.last_info["level"].tolist() == [4, 0, 4]
    seen = {tuple(env.last_info["level"].tolist()) for _ in range(9) if env.reset() is not None}
    assert len(seen) > 1, "the options hold for one reset"
    env.set_options([{"level": 4}, {}, {}])
    with pytest.raises(FalseBeaconError, match="1 of 3"):
        env.reset()
    env.set_options({"levels": [0, 0, 0]})
    with pytest.raises(UnknownNameError, match=re.escape("Did you mean 'level'?")):
        env.reset()


def test_other_modes_of_autoreset_are_refused() -> None:
    with pytest.raises(FalseBeaconError, match="autoreset_mode='SameStep'"):
        adapted(autoreset_mode="NextStep")


def test_episodes_are_told_as_to_a_monitor() -> None:
    """SB3's own monitor counts the same returns and lengths."""
    env = VecMonitor(adapted())
    env.reset()
    told = []
    for _ in range(130):
        *_, dones, infos = env.step(np.ones(3, np.int64))
        told += [infos[slot]["episode"] for slot in np.flatnonzero(dones)]
    assert [episode["l"] for episode in told] == [128, 128, 128]
