"""Wrappers of actions around batched environments.

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
    """Plays each action several times, or until the episode ends, and adds up the rewards.

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
            running = ~(terminated | truncated)
            if not running.any():
                break
            later, reward, reached, cut, later_info = self.env.step(actions)
            frames[running] = later[running]
            rewards = rewards + reward * running
            terminated, truncated = terminated | reached & running, truncated | cut & running
            info = info | _chosen(later_info, info, running)
        ended = terminated | truncated
        if ended.any():
            last = np.zeros_like(frames)
            last[ended] = frames[ended]
            first, first_info = self.env.reset(options={"reset_mask": ended})
            frames[ended] = first[ended]
            info = with_final(_chosen(first_info, info, ended), info, last, ended)
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
    """Repeats the action before with a probability (Machado et al. 2018).

    Args:
        probability: Of a repeat, at each decision but the first of an episode.
        num_envs: Slots, N.
    """

    def __init__(self, probability: float, num_envs: int) -> None:
        self.probability = probability
        self.before = np.zeros(num_envs, np.int64)

    def __call__(
        self, actions: np.ndarray, starts: np.ndarray, draws: np.ndarray, slots: np.ndarray
    ) -> np.ndarray:
        """The actions int64[K] that slots int64[K] play instead of the chosen ones.

        Draws float64[K] are uniform from 0 to 1; `starts` bool[K] marks first decisions.
        """
        sticks = (draws < self.probability) & ~starts
        self.before[slots] = np.where(sticks, self.before[slots], actions)
        return self.before[slots]


class StickyActions(StateWrapper):
    """Applies `Stickiness` to every action; its random generator is part of the state."""

    def __init__(self, env: VectorEnv, probability: float) -> None:
        super().__init__(env)
        self._sticky = Stickiness(probability, env.num_envs)
        self._rng = np.random.default_rng(0)
        self._starts = np.ones(env.num_envs, bool)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Starts an episode in every slot, and seeds the generator where a seed is given."""
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self._starts[:] = True
        return self.env.reset(seed=seed, options=options)

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, Any, Any, Any, dict[str, Any]]:
        """One decision in every slot."""
        draws = self._rng.random(self.num_envs)
        executed = self._sticky(actions, self._starts, draws, np.arange(self.num_envs))
        frames, rewards, terminated, truncated, info = self.env.step(executed)
        self._starts = np.asarray(terminated | truncated)
        return frames, rewards, terminated, truncated, info

    def own_state(self) -> dict[str, np.ndarray]:
        """The actions before, the slots where an episode begins, and the generator."""
        generator = np.array(json.dumps(self._rng.bit_generator.state))
        before = self._sticky.before.copy()
        return {"before": before, "starts": self._starts.copy(), "rng": generator}

    def own_restore(self, state: Mapping[str, np.ndarray], frames: np.ndarray) -> np.ndarray:
        """Restores `own_state`."""
        self._sticky.before, self._starts = state["before"].copy(), state["starts"].copy()
        self._rng.bit_generator.state = json.loads(str(state["rng"]))
        return frames
