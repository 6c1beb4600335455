"""The batched environment as a Stable-Baselines3 `VecEnv`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.infos import check_options

_NOTHING: dict[str, Any] = {}
"""The info of every environment that did not finish; shared, so never written to."""


class SB3VecEnv(VecEnv):
    """Adapts a gymnasium `VectorEnv` (SAME_STEP autoreset) to Stable-Baselines3.

    Observations stay `uint8[N, H, W, C]`; Stable-Baselines3 adds `VecTransposeImage` itself.
    Its per-environment info dictionaries exist for finished episodes only. Code that works on
    arrays calls `advance` and reads the attributes below.

    Attributes:
        env: The wrapped environment. Where an episode ended its info holds `final_obs`.
        last_info: gymnasium's info of the last step or reset.
        truncated: bool[N], ended by the time limit at the last step (and not terminated).
        returns: float64[N], undiscounted return of the episode just played in.
        lengths: int64[N], decisions in the episode just played in.

    Raises:
        FalseBeaconError: If the environment does not reset in the same step.
    """

    def __init__(self, env: gymnasium.vector.VectorEnv) -> None:
        mode = env.metadata.get("autoreset_mode", AutoresetMode.SAME_STEP)
        if mode != AutoresetMode.SAME_STEP:
            raise FalseBeaconError(
                f"Stable-Baselines3 needs environments that reset in the same step, not in mode"
                f" {mode.value}: make this one with autoreset_mode='SameStep'."
            )
        self.env = env
        self.last_info: dict[str, Any] = {}
        self.truncated = np.zeros(env.num_envs, bool)
        self.returns = np.zeros(env.num_envs)
        self.lengths = np.zeros(env.num_envs, np.int64)
        self._dones = np.ones(env.num_envs, bool)
        self._actions = np.zeros(env.num_envs, np.int64)
        self._seed: int | None = None
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)
        self.metadata = env.metadata | {"render_modes": self.metadata["render_modes"]}

    def reset(self) -> np.ndarray:
        """Starts every environment again, and gives the first observations uint8[N, H, W, C].

        Levels may be chosen by ``set_options``, with an option ``level`` for every environment.

        Raises:
            FalseBeaconError: If only some have one, or another option.
        """
        for options in self._options:
            check_options(options, ("level",))
        chosen = [options["level"] for options in self._options if options]
        if chosen and len(chosen) < self.num_envs:
            raise FalseBeaconError(
                f"{len(chosen)} of {self.num_envs} environments have an option 'level': give it to"
                " all, or to none."
            )
        options = {"levels": chosen} if chosen else None
        observations, self.last_info = self.env.reset(seed=self._seed, options=options)
        self._seed = None
        self._reset_options()
        self._dones[:] = True
        return observations

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """Seeds the next `reset`; without a seed the stream of levels continues."""
        self._seed = seed
        return [seed] * self.num_envs

    def advance(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """One decision, int[N] actions, for every environment.

        Returns:
            Observations uint8[N, H, W, C] (of the next episode where one ended),
            rewards float32[N], dones bool[N].
        """
        observations, rewards, terminated, truncated, self.last_info = self.env.step(actions)
        self.returns = np.where(self._dones, 0.0, self.returns) + rewards
        self.lengths = np.where(self._dones, 0, self.lengths) + 1
        self.truncated = np.asarray(truncated) & ~np.asarray(terminated)
        self._dones = np.asarray(terminated) | self.truncated
        return observations, np.asarray(rewards, np.float32), self._dones

    def state(self) -> dict[str, np.ndarray]:
        """All that later steps depend on: the environment's own `state`, and the episodes'."""
        env: Any = self.env
        own = {"returns": self.returns, "lengths": self.lengths, "dones": self._dones}
        return {**env.state(), **{name: values.copy() for name, values in own.items()}}

    def restore(self, state: Mapping[str, np.ndarray]) -> np.ndarray:
        """Goes on from a `state`, and gives the observations uint8[N, H, W, C] of that step."""
        env: Any = self.env
        self.returns, self.lengths = state["returns"].copy(), state["lengths"].copy()
        self._dones = state["dones"].copy()
        return env.restore(state)

    def step_async(self, actions: np.ndarray) -> None:
        """Keeps the actions for `step_wait`."""
        self._actions = actions

    def step_wait(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[dict[str, Any]]]:
        """Plays the kept actions; infos are filled for finished episodes only."""
        observations, rewards, dones = self.advance(self._actions)
        infos = [_NOTHING] * self.num_envs
        for index in np.flatnonzero(dones):
            infos[index] = {
                "terminal_observation": self.last_info["final_obs"][index],
                "TimeLimit.truncated": bool(self.truncated[index]),
                "episode": {"r": float(self.returns[index]), "l": int(self.lengths[index])},
            }
        return observations, rewards, dones.copy(), infos

    def get_images(self) -> Sequence[np.ndarray | None]:
        """What every agent sees now, uint8[H, W, 3], or None without a `render_mode`."""
        shown: Any = self.env.render()
        return shown or [None] * self.num_envs

    def close(self) -> None:
        """Closes the wrapped environment."""
        self.env.close()

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """The wrapped environment's attribute, once per index: the batch is one object."""
        value = getattr(self.env, attr_name)
        return [value] * len(list(self._get_indices(indices)))

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Sets the attribute of the wrapped environment; the indices make no difference."""
        setattr(self.env, attr_name, value)

    def env_method(
        self, method_name: str, *args: Any, indices: VecEnvIndices = None, **kwargs: Any
    ) -> list[Any]:
        """Calls the wrapped environment's method once; the result is given per index."""
        result = getattr(self.env, method_name)(*args, **kwargs)
        return [result] * len(list(self._get_indices(indices)))

    def env_is_wrapped(self, wrapper_class: type, indices: VecEnvIndices = None) -> list[bool]:
        """No environment in the batch is wrapped by itself."""
        return [False] * len(list(self._get_indices(indices)))
