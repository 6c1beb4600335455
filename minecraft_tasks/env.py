"""Tasks by name as gymnasium environments: one level at a time, or many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode

from minecraft_tasks.actions import check_action
from minecraft_tasks.core.errors import EngineError, FalseBeaconError
from minecraft_tasks.infos import broken_slots, check_options
from minecraft_tasks.levels.locked import split_bank
from minecraft_tasks.spec import TRAINING_LEVELS
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.vector import MinecraftTaskVectorEnv

if TYPE_CHECKING:
    from minecraft_tasks.backends.minerl_settings import MineRLSettings


def make_vector_env(
    task: str,
    num_envs: int,
    split: str = "train",
    layouts: int = TRAINING_LEVELS,
    **kwargs: Any,
) -> MinecraftTaskVectorEnv:
    """Many levels of one split, stepped together.

    Args:
        task: Name of the task, or package.module:TASK.
        num_envs: Episodes that run at once.
        split: Name of the split.
        layouts: Training levels to draw from, for the `train` split.
        kwargs: Passed on to `MinecraftTaskVectorEnv`.
    """
    family = find_task(task)
    return MinecraftTaskVectorEnv(family, split_bank(family, split, layouts), num_envs, **kwargs)


class MinecraftTaskEnv(gymnasium.Env[np.ndarray, np.int64]):
    """A task as a gymnasium environment, one level at a time.

    Observations are frames uint8[H, W, 3]; actions index `TaskSpec.actions`. The reward is 1
    for the decision that reaches the intended goal, less a small cost for every decision.
    ``info["candidates"]`` holds the candidates that this decision touched, by name, and is never
    part of the reward. ``info["broken"]`` gives the reason where the engine failed in this step:
    the episode is truncated then, and must not be counted.

    Args:
        task: Name of the task, or ``package.module:TASK``.
        split: Name of the split whose levels are played.
        seed: Seeds the order of levels, as ``reset(seed=...)`` does.
        backend: Which engine draws the level.
        layouts: Training levels to draw from, for the `train` split.
        render_mode: ``rgb_array`` or None.
        observation_size: Height and width of a frame in pixels.
        reward: Candidate that reward pays for instead of the intended goal, and whose touch ends
            the episode.
        settings: How Minecraft is run, for the backend `minerl`.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 5}

    def __init__(
        self,
        task: str,
        split: str = "train",
        seed: int | None = None,
        backend: str = "voxel",
        layouts: int = TRAINING_LEVELS,
        render_mode: str | None = None,
        observation_size: int = 64,
        reward: str = "",
        settings: MineRLSettings | None = None,
    ) -> None:
        self._task = find_task(task)
        self._task.spec.rewarded(reward)
        self._bank = split_bank(self._task, split, layouts)
        self._vector = MinecraftTaskVectorEnv(
            self._task, self._bank, 1, observation_size=observation_size, reward=reward,
            backend=backend, settings=settings, autoreset_mode=AutoresetMode.DISABLED,
        )  # fmt: skip
        shape = (observation_size, observation_size, 3)
        self._frame = np.zeros(shape, np.uint8)
        self._over = True
        self.render_mode = render_mode
        self.observation_space = spaces.Box(0, 255, shape, np.uint8)
        self.action_space = spaces.Discrete(len(self._task.spec.actions))
        if seed is not None:
            super().reset(seed=seed)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Starts an episode.

        Args:
            seed: Reseeds the order of levels.
            options: ``{"level": int}`` is the index of the level to play among those of the split.

        Returns:
            Frame uint8[H, W, 3] and info.

        Raises:
            FalseBeaconError: If there is no such level, or option.
            EngineError: If the engine fails to show it.
        """
        check_options(options, ("level",))
        super().reset(seed=seed)
        chosen = (options or {}).get("level")
        if chosen is None:
            chosen = self.np_random.integers(len(self._bank))
        frames, info = self._vector.reset(options={"levels": [chosen]})
        if self._vector.backend.faults:
            raise EngineError(self._vector.backend.faults[0])
        self._over = False
        self._frame = frames[0]
        return self._frame.copy(), self._info(info)

    def step(self, action: np.int64) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """One decision, an index into the task's actions.

        Returns:
            Frame uint8[H, W, 3], reward, terminated, truncated, info.

        Raises:
            FalseBeaconError: If the action is out of range or the episode is over.
        """
        if self._over:
            raise FalseBeaconError("the episode is over: call reset() before step().")
        chosen = np.array([check_action(action, len(self._task.spec.actions))])
        frames, rewards, terminations, truncations, info = self._vector.step(chosen)
        terminated, truncated = bool(terminations[0]), bool(truncations[0])
        self._over = terminated or truncated
        self._frame = frames[0]
        return self._frame.copy(), float(rewards[0]), terminated, truncated, self._info(info)

    def render(self) -> np.ndarray | None:
        """The current frame, uint8[H, W, 3], where `render_mode` is ``rgb_array``."""
        return self._frame.copy() if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Closes the engine."""
        self._vector.close()

    def _info(self, info: dict[str, Any]) -> dict[str, Any]:
        names = self._task.spec.candidate_names
        return {
            "candidates": dict(zip(names, info["candidates"][0].tolist(), strict=True)),
            "first_touch": dict(zip(names, info["first_touch"][0].tolist(), strict=True)),
            "level_seed": int(info["level_seed"][0]),
            "split": str(info["split"][0]),
            "elapsed": int(info["elapsed"][0]),
            "position": info["position"][0].copy(),
            "yaw": float(info["yaw"][0]),
            "broken": broken_slots(info).get(0, ""),
        }
