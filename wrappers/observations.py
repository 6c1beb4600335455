"""What becomes of frames on their way to an agent.

Each class changes a batch of frames: `VectorObservations` and `SingleObservations` put it around an
environment, `policies.agents.wrapped` around an agent.
What gymnasium has is gymnasium's own; only its vector forms are not used, for they refuse
environments that start episodes in the same step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector.utils import batch_space
from gymnasium.wrappers import GrayscaleObservation, ResizeObservation

from wrappers.base import StateWrapper

BLANK = 127
"""Every byte of the one frame that a blind agent sees."""


class Observer(Protocol):
    """Changes frames of N slots.

    Attributes:
        space: Of one slot, after the change.
    """

    space: spaces.Box[Any]

    def start(self, num_envs: int) -> None:
        """Called once before the first batch."""

    def __call__(self, frames: np.ndarray, starts: np.ndarray, slots: np.ndarray) -> np.ndarray:
        """Changes what some slots see in this step.

        Args:
            frames: uint8[K, ...].
            starts: bool[K], first frame of an episode.
            slots: int64[K].
        """
        ...

    def last(self, frames: np.ndarray, slots: np.ndarray) -> np.ndarray:
        """Last frames uint8[K, ...] of the episodes that end in slots int64[K]; changes nothing."""
        ...

    def state(self) -> dict[str, np.ndarray]:
        """All that later frames depend on, as copies."""
        ...

    def restore(self, state: Mapping[str, np.ndarray], frames: np.ndarray) -> np.ndarray:
        """Goes on from a `state`; frames uint8[N, ...] of that step are changed as they were."""
        ...


class _Seen(gymnasium.Env):
    """Stands for an environment with an observation space, for gymnasium's own wrappers."""

    def __init__(self, space: spaces.Box[Any]) -> None:
        self.observation_space, self.action_space = space, spaces.Discrete(1)


class _EachFrame:
    """Changes every frame by itself."""

    space: spaces.Box[Any]

    def start(self, num_envs: int) -> None:
        """Nothing to prepare."""

    def __call__(self, frames: np.ndarray, starts: np.ndarray, slots: np.ndarray) -> np.ndarray:
        """See `Observer`."""
        return self.changed(frames)

    def last(self, frames: np.ndarray, slots: np.ndarray) -> np.ndarray:
        """See `Observer`."""
        return self.changed(frames)

    def changed(self, frames: np.ndarray) -> np.ndarray:
        """Frames uint8[B, ...] after the change."""
        raise NotImplementedError

    def state(self) -> dict[str, np.ndarray]:
        """Nothing."""
        return {}

    def restore(self, state: Mapping[str, np.ndarray], frames: np.ndarray) -> np.ndarray:
        """The frames, changed."""
        return self.changed(frames)


class Blind(_EachFrame):
    """Every frame is the same grey one.

    Args:
        space: Of one slot's frames, uint8[H, W, C].
    """

    def __init__(self, space: spaces.Box[Any]) -> None:
        self.space = space

    def changed(self, frames: np.ndarray) -> np.ndarray:
        """Frames of `BLANK`."""
        return np.full_like(frames, BLANK)


class Grey(_EachFrame):
    """Brightness only, by `gymnasium.wrappers.GrayscaleObservation`: uint8[H, W, 1].

    Args:
        space: Of one slot's frames, uint8[H, W, 3].
    """

    def __init__(self, space: spaces.Box[Any]) -> None:
        self._wrapper = GrayscaleObservation(_Seen(space), keep_dim=True)
        self.space = _box(self._wrapper)

    def changed(self, frames: np.ndarray) -> np.ndarray:
        """Frames uint8[B, H, W, 1]; gymnasium's function takes leading axes as they come."""
        return self._wrapper.func(frames)


class Resize(_EachFrame):
    """Frames scaled by `gymnasium.wrappers.ResizeObservation`: uint8[S, S, C].

    Args:
        space: Of one slot's frames, uint8[H, W, C].
        size: S.
    """

    def __init__(self, space: spaces.Box[Any], size: int) -> None:
        self._wrapper = ResizeObservation(_Seen(space), (size, size))
        self.space = _box(self._wrapper)

    def changed(self, frames: np.ndarray) -> np.ndarray:
        """Frames uint8[B, S, S, C]."""
        scaled = np.empty((len(frames), *self.space.shape), np.uint8)
        for index, frame in enumerate(frames):
            scaled[index] = self._wrapper.func(frame)
        return scaled


class FrameStack:
    """The last frames as channels, uint8[H, W, n * C], the oldest first.

    gymnasium's `FrameStackObservation` puts them on an axis of their own, which convolutions over
    images do not take, and knows single environments only.

    Args:
        space: Of one slot's frames, uint8[H, W, C].
        n: Frames; where an episode is younger its first one is repeated.
    """

    def __init__(self, space: spaces.Box[Any], n: int) -> None:
        height, width, self._channels = space.shape
        self._n = n
        shape = (height, width, n * self._channels)
        self.space: spaces.Box[Any] = spaces.Box(0, 255, shape, np.uint8)

    def start(self, num_envs: int) -> None:
        """Forgets all frames."""
        self._kept = np.zeros((num_envs, *self.space.shape), np.uint8)

    def __call__(self, frames: np.ndarray, starts: np.ndarray, slots: np.ndarray) -> np.ndarray:
        """See `Observer`."""
        stacked = self.last(frames, slots)
        stacked[starts] = np.tile(frames[starts], (1, 1, 1, self._n))
        self._kept[slots] = stacked
        return stacked

    def last(self, frames: np.ndarray, slots: np.ndarray) -> np.ndarray:
        """See `Observer`."""
        return np.concatenate([self._kept[slots][..., self._channels :], frames], axis=-1)

    def state(self) -> dict[str, np.ndarray]:
        """The frames that are kept."""
        return {"kept": self._kept.copy()}

    def restore(self, state: Mapping[str, np.ndarray], frames: np.ndarray) -> np.ndarray:
        """Takes them back."""
        self._kept = state["kept"].copy()
        return self._kept.copy()


def _box(env: gymnasium.Env) -> spaces.Box[Any]:
    space = env.observation_space
    assert isinstance(space, spaces.Box)
    return space


class VectorObservations(StateWrapper):
    """A batched environment whose frames an `Observer` changes, last ones of episodes included.

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
            last[ended] = self.observer.last(info["final_obs"][ended], ended)
            info = info | {"final_obs": last}
        seen = self.observer(frames, starts, self._slots)
        return seen, rewards, terminated, truncated, info

    def own_state(self) -> dict[str, np.ndarray]:
        """The observer's."""
        return self.observer.state()

    def own_restore(self, state: Mapping[str, np.ndarray], frames: np.ndarray) -> np.ndarray:
        """What was seen when the state was taken."""
        return self.observer.restore(state, frames)


class SingleObservations(gymnasium.Wrapper):
    """One environment whose frames an `Observer` changes.

    Args:
        env: The environment.
        observer: Made for its `observation_space`.
    """

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
