"""The batched environment as a Stable-Baselines3 `VecEnv`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices

_NOTHING: dict[str, Any] = {}
"""The info of every environment that did not finish; shared, so never written to."""


class SB3VecEnv(VecEnv):
    """A gymnasium `VectorEnv` (SAME_STEP autoreset) as Stable-Baselines3 wants it.

    Observations stay `uint8[N, H, W, C]`; Stable-Baselines3 adds `VecTransposeImage` itself.
    Its per-environment info dictionaries exist for finished episodes only. What wants
    arrays calls `advance` and reads the attributes below.

    Attributes:
        env: The wrapped environment. Where an episode ended its info holds `final_obs`.
        last_info: gymnasium's info of the last step or reset.
        truncated: bool[N], ended by the time limit at the last step (and not terminated).
        returns: float64[N], undiscounted return of the episode just played in.
        lengths: int64[N], decisions in the episode just played in.
    """

    def __init__(self, env: gymnasium.vector.VectorEnv) -> None:
        self.env = env
        self.last_info: dict[str, Any] = {}
        self.truncated = np.zeros(env.num_envs, bool)
        self.returns = np.zeros(env.num_envs)
        self.lengths = np.zeros(env.num_envs, np.int64)
        self._dones = np.ones(env.num_envs, bool)
        self._actions = np.zeros(env.num_envs, np.int64)
        self._seed: int | None = None
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)

    def reset(self) -> np.ndarray:
        """Starts every environment anew.

        Returns:
            First observations, uint8[N, H, W, C].
        """
        observations, self.last_info = self.env.reset(seed=self._seed)
        self._seed = None
        self._dones[:] = True
        self._reset_seeds()
        self._reset_options()
        return observations

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """Seeds the next `reset`; without a seed it goes on with the stream it has."""
        self._seed = seed
        return [seed] * self.num_envs

    def advance(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """One decision for every environment, as arrays.

        Args:
            actions: int[N].

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
        mine = {"returns": self.returns, "lengths": self.lengths, "dones": self._dones}
        return {**env.state(), **{name: values.copy() for name, values in mine.items()}}

    def restore(self, state: Mapping[str, np.ndarray]) -> np.ndarray:
        """Goes on from a `state`.

        Returns:
            Observations uint8[N, H, W, C], as they were then.
        """
        env: Any = self.env
        frames = env.restore(state)
        self.returns, self.lengths = state["returns"].copy(), state["lengths"].copy()
        self._dones = state["dones"].copy()
        return frames

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
                "episode": {
                    "r": float(self.returns[index]),
                    "l": int(self.lengths[index]),
                },
            }
        return observations, rewards, dones.copy(), infos

    def close(self) -> None:
        """Closes the wrapped environment."""
        self.env.close()

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """The wrapped environment's attribute, once per index: the batch is one object."""
        if attr_name == "render_mode":
            return [None] * len(list(self._get_indices(indices)))
        return [getattr(self.env, attr_name)] * len(list(self._get_indices(indices)))

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Sets the attribute of the wrapped environment, whatever the indices."""
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
