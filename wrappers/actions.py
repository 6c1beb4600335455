"""What becomes of actions on their way to a batched environment.

gymnasium has `RepeatAction` and `StickyAction` for single environments, which `wrap_single` takes,
and no vector form of either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.infos import with_final
from wrappers.base import StateWrapper


class ActionRepeat(StateWrapper):
    """Plays each action several times, or until the episode ends; rewards are added up.

    Infos are those of the last decision that a slot played. A finished slot takes its next level
    in the same step, once the others have played theirs.

    Args:
        env: The environment; its own autoreset must be disabled, and slots whose episode is over
            must idle until ``reset(options={"reset_mask": ...})``.
        repeat: Decisions of the environment for each action.

    Raises:
        FalseBeaconError: If the environment resets by itself.
    """

    def __init__(self, env: VectorEnv, repeat: int) -> None:
        super().__init__(env)
        if env.metadata.get("autoreset_mode") != AutoresetMode.DISABLED:
            raise FalseBeaconError(
                f"{env} starts new episodes by itself, in which action repeat would go on: make it"
                " with autoreset_mode='Disabled'."
            )
        self.repeat = repeat
        self.metadata = {**env.metadata, "autoreset_mode": AutoresetMode.SAME_STEP}

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, Any, Any, Any, dict[str, Any]]:
        """One decision of the agent in every slot."""
        frames, rewards, terminated, truncated, info = self.env.step(actions)
        for _ in range(self.repeat - 1):
            going_on = ~(terminated | truncated)
            if not going_on.any():
                break
            later, paid, reached, cut, told = self.env.step(actions)
            frames[going_on] = later[going_on]
            rewards = rewards + paid * going_on
            terminated, truncated = terminated | reached & going_on, truncated | cut & going_on
            info = info | _chosen(told, info, going_on)
        ended = terminated | truncated
        if ended.any():
            last = np.zeros_like(frames)
            last[ended] = frames[ended]
            renewed, begun = self.env.reset(options={"reset_mask": ended})
            frames[ended] = renewed[ended]
            info = with_final(_chosen(begun, info, ended), info, last, ended)
        return frames, rewards.astype(np.float32), terminated, truncated, info


def _chosen(
    new: Mapping[str, np.ndarray], old: Mapping[str, np.ndarray], mask: np.ndarray
) -> dict[str, np.ndarray]:
    """The new info where bool[N] says so, and the old one elsewhere, for the keys of the new."""
    chosen = {}
    for key, values in new.items():
        before = old.get(key, np.zeros_like(values))
        chosen[key] = np.where(mask.reshape(-1, *[1] * (values.ndim - 1)), values, before)
    return chosen


class Stickiness:
    """Which action is played: now and then the one before, once more (Machado et al. 2018).

    Args:
        probability: That it is, for each decision but the first of an episode.
        num_envs: Slots, N.
    """

    def __init__(self, probability: float, num_envs: int) -> None:
        self.probability = probability
        self.before = np.zeros(num_envs, np.int64)

    def __call__(
        self, actions: np.ndarray, starts: np.ndarray, draws: np.ndarray, slots: np.ndarray
    ) -> np.ndarray:
        """What K slots play, int64[K].

        Args:
            actions: int64[K] that were asked for.
            starts: bool[K], first decision of an episode.
            draws: float64[K], uniform from 0 to 1.
            slots: int64[K].
        """
        sticks = (draws < self.probability) & ~starts
        self.before[slots] = np.where(sticks, self.before[slots], actions)
        return self.before[slots]


class StickyActions(StateWrapper):
    """Plays the action before once more, now and then; its generator is part of the state.

    Args:
        env: The environment.
        probability: See `Stickiness`.
    """

    def __init__(self, env: VectorEnv, probability: float) -> None:
        super().__init__(env)
        self._sticky = Stickiness(probability, env.num_envs)
        self._rng = np.random.default_rng(0)
        self._starts = np.ones(env.num_envs, bool)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Starts an episode in every slot; a seed is also the generator's."""
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self._starts[:] = True
        return self.env.reset(seed=seed, options=options)

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, Any, Any, Any, dict[str, Any]]:
        """One decision in every slot."""
        draws = self._rng.random(self.num_envs)
        played = self._sticky(actions, self._starts, draws, np.arange(self.num_envs))
        frames, rewards, terminated, truncated, info = self.env.step(played)
        self._starts = np.asarray(terminated | truncated)
        return frames, rewards, terminated, truncated, info

    def own_state(self) -> dict[str, np.ndarray]:
        """The actions before, where episodes begin, and the generator."""
        generator = np.array(json.dumps(self._rng.bit_generator.state))
        before = self._sticky.before.copy()
        return {"before": before, "starts": self._starts.copy(), "rng": generator}

    def own_restore(self, state: Mapping[str, np.ndarray], frames: np.ndarray) -> np.ndarray:
        """Goes on from `own_state`."""
        self._sticky.before, self._starts = state["before"].copy(), state["starts"].copy()
        self._rng.bit_generator.state = json.loads(str(state["rng"]))
        return frames
