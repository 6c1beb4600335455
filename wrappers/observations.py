"""Wrappers of observations: what becomes of frames on their way to an agent.

An `Observer` changes a batch of frames. `VectorObservations` and `SingleObservations` put it around
an environment, `policies.agents.wrapped` around an agent. gymnasium's own functions do the work
where they exist; its vector wrappers refuse environments that start episodes in the same step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector.utils import batch_space
from gymnasium.wrappers import GrayscaleObservation, ResizeObservation

from wrappers.base import StateWrapper

BLANK = 127
"""Every byte of the one frame that a blind agent sees."""


class Observer:
    """Base of the changes of frames; by default each frame is changed by itself.

    Args:
        space: Of one slot's frames, uint8[H, W, C].

    Attributes:
        space: Of one slot's frames after the change.
    """

    def __init__(self, space: spaces.Box[Any]) -> None:
        self.space = space

    def start(self, num_envs: int) -> None:
        """Prepares for N slots, before their first frames."""

    def __call__(self, frames: np.ndarray, starts: np.ndarray, slots: np.ndarray) -> np.ndarray:
        """The frames uint8[K, ...] of slots int64[K] in this step, changed.

        Where bool[K] `starts` is True, the frame is the first one of an episode.
        """
        raise NotImplementedError

    def state(self) -> dict[str, np.ndarray]:
        """All that later frames depend on, as copies."""
        return {}

    def restore(self, state: Mapping[str, np.ndarray], frames: np.ndarray) -> np.ndarray:
        """Takes back a `state`, and gives the frames uint8[N, ...] of that step as it saw them."""
        return self(frames, np.zeros(len(frames), bool), np.arange(len(frames)))


class _SpaceOnly(gymnasium.Env):
    """Stands for an environment with an observation space, for gymnasium's own wrappers."""

    def __init__(self, space: spaces.Box[Any]) -> None:
        self.observation_space, self.action_space = space, spaces.Discrete(1)


class Blind(Observer):
    """Makes every frame the same grey one, of `BLANK`."""

    def __call__(self, frames: np.ndarray, starts: np.ndarray, slots: np.ndarray) -> np.ndarray:
        """See `Observer`."""
        return np.full_like(frames, BLANK)


class Grey(Observer):
    """Keeps brightness only, by `gymnasium.wrappers.GrayscaleObservation`: uint8[H, W, 1]."""

    def __init__(self, space: spaces.Box[Any]) -> None:
        # gymnasium's function takes leading axes as they come.
        self._grey = GrayscaleObservation(_SpaceOnly(space), keep_dim=True).func
        super().__init__(spaces.Box(0, 255, (*space.shape[:2], 1), np.uint8))

    def __call__(self, frames: np.ndarray, starts: np.ndarray, slots: np.ndarray) -> np.ndarray:
        """See `Observer`."""
        return self._grey(frames)


class Resize(Observer):
    """Scales frames to uint8[S, S, C], by `gymnasium.wrappers.ResizeObservation`; `size` is S."""

    def __init__(self, space: spaces.Box[Any], size: int) -> None:
        self._resized = ResizeObservation(_SpaceOnly(space), (size, size)).func
        super().__init__(spaces.Box(0, 255, (size, size, space.shape[2]), np.uint8))

    def __call__(self, frames: np.ndarray, starts: np.ndarray, slots: np.ndarray) -> np.ndarray:
        """See `Observer`."""
        scaled = np.empty((len(frames), *self.space.shape), np.uint8)
        for index, frame in enumerate(frames):
            scaled[index] = self._resized(frame)
        return scaled


class FrameStack(Observer):
    """Stacks the last n frames as channels, uint8[H, W, n * C], the oldest first.

    Where an episode is younger than n its first frame is repeated. gymnasium's
    `FrameStackObservation` puts frames on an axis of their own, which convolutions over images do
    not take, and knows single environments only.
    """

    def __init__(self, space: spaces.Box[Any], n: int) -> None:
        height, width, self._channels = space.shape
        self._n = n
        super().__init__(spaces.Box(0, 255, (height, width, n * self._channels), np.uint8))

    def start(self, num_envs: int) -> None:
        """Forgets all frames."""
        self._kept = np.zeros((num_envs, *self.space.shape), np.uint8)

    def __call__(self, frames: np.ndarray, starts: np.ndarray, slots: np.ndarray) -> np.ndarray:
        """See `Observer`."""
        stacked = np.concatenate([self._kept[slots][..., self._channels :], frames], axis=-1)
        stacked[starts] = np.tile(frames[starts], (1, 1, 1, self._n))
        self._kept[slots] = stacked
        return stacked

    def state(self) -> dict[str, np.ndarray]:
        """The stacked frames."""
        return {"kept": self._kept.copy()}

    def restore(self, state: Mapping[str, np.ndarray], frames: np.ndarray) -> np.ndarray:
        """See `Observer`."""
        self._kept = state["kept"].copy()
        return self._kept.copy()


class VectorObservations(StateWrapper):
    """Shows the frames of a batched environment through an observer, last frames included.

    Args:
        env: The environment, with autoreset in the same step.
        observer: Made for its `single_observation_space`.
    """

    def __init__(self, env: gymnasium.vector.VectorEnv, observer: Observer) -> None:
        super().__init__(env)
        self.observer, self._slots = observer, np.arange(env.num_envs)
        self.single_observation_space = observer.space
        self.observation_space = batch_space(observer.space, env.num_envs)
        observer.start(env.num_envs)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Starts an episode in every slot."""
        frames, info = self.env.reset(seed=seed, options=options)
        return self.observer(frames, np.ones(self.num_envs, bool), self._slots), info

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, Any, Any, Any, dict[str, Any]]:
        """One decision in every slot."""
        frames, rewards, terminated, truncated, info = self.env.step(actions)
        starts = np.asarray(terminated | truncated)
        ended = np.flatnonzero(starts)
        if len(ended):
            last = np.zeros(self.observation_space.shape or (), np.uint8)
            going_on = np.zeros(len(ended), bool)
            last[ended] = self.observer(info["final_obs"][ended], going_on, ended)
            info = info | {"final_obs": last}
        seen = self.observer(frames, starts, self._slots)
        return seen, rewards, terminated, truncated, info

    def own_state(self) -> dict[str, np.ndarray]:
        """The observer's state."""
        return self.observer.state()

    def own_restore(self, state: Mapping[str, np.ndarray], frames: np.ndarray) -> np.ndarray:
        """See `Observer.restore`."""
        return self.observer.restore(state, frames)


class SingleObservations(gymnasium.Wrapper):
    """Shows the frames of one environment through an observer for its `observation_space`."""

    def __init__(self, env: gymnasium.Env, observer: Observer) -> None:
        super().__init__(env)
        self.observer, self.observation_space = observer, observer.space
        observer.start(1)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Starts an episode."""
        frame, info = self.env.reset(seed=seed, options=options)
        return self._seen(frame, True), info

    def step(self, action: Any) -> tuple[np.ndarray, Any, bool, bool, dict[str, Any]]:
        """One decision."""
        frame, reward, terminated, truncated, info = self.env.step(action)
        return self._seen(frame, False), reward, terminated, truncated, info

    def _seen(self, frame: np.ndarray, first: bool) -> np.ndarray:
        return self.observer(frame[None], np.array([first]), np.zeros(1, np.int64))[0]
