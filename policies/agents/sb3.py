"""Agents from Stable-Baselines3 and sb3-contrib zips."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import sb3_contrib
import stable_baselines3
import torch
from gymnasium import spaces
from sb3_contrib.common.maskable.policies import MaskableActorCriticPolicy
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from sb3_contrib.qrdqn.policies import QRDQNPolicy
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.policies import ActorCriticPolicy
from stable_baselines3.common.save_util import load_from_zip_file
from stable_baselines3.dqn.policies import DQNPolicy

from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.base import FRAMES, Agent, Decision
from policies.networks.step import step, zero_states
from policies.runs.checkpoints import WRAPPERS
from wrappers.apply import seen_space
from wrappers.stack import Stack

ALGORITHMS: dict[type, type[BaseAlgorithm]] = {
    RecurrentActorCriticPolicy: sb3_contrib.RecurrentPPO,
    MaskableActorCriticPolicy: sb3_contrib.MaskablePPO,
    QRDQNPolicy: sb3_contrib.QRDQN,
    DQNPolicy: stable_baselines3.DQN,
}
"""Class of a policy -> the class that trains it; other actor-critics differ by their settings."""


class GreedyAgent:
    """A policy over discrete actions that gives actions only, such as DQN's."""

    def __init__(self, name: str, policy: Any) -> None:
        self.name, self.policy = name, policy
        self.policy.set_training_mode(False)

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Has nothing to prepare."""

    def act(
        self, observations: np.ndarray, starts: np.ndarray, slots: np.ndarray | None = None
    ) -> Decision:
        """The best actions."""
        actions, _ = self.policy.predict(observations, deterministic=True)
        return Decision(actions=np.asarray(actions, np.int64))


class RecurrentAgent(GreedyAgent):
    """A recurrent policy; each slot has its own state, zeroed where an episode starts."""

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Makes a state for each slot."""
        self._states = zero_states(self.policy, env.num_envs)

    def act(
        self, observations: np.ndarray, starts: np.ndarray, slots: np.ndarray | None = None
    ) -> Decision:
        """Log-probabilities and values in float32, of all slots or of some int64[K]."""
        frames, _ = self.policy.obs_to_tensor(observations)
        device = self.policy.device
        flags = torch.as_tensor(starts, device=device)
        rows = None if slots is None else torch.as_tensor(slots, device=device)
        before = self._states if rows is None else self._states.of(rows)
        log_probs, values, after = step(self.policy, frames, before, flags)
        self._states = after if rows is None else self._states.replaced(rows, after)
        return Decision(log_probs=log_probs.cpu().numpy(), values=values.cpu().numpy())


class FeedForwardAgent(GreedyAgent):
    """An actor-critic without memory, such as PPO's and A2C's."""

    @torch.no_grad()
    def act(
        self, observations: np.ndarray, starts: np.ndarray, slots: np.ndarray | None = None
    ) -> Decision:
        """Log-probabilities and values."""
        frames, _ = self.policy.obs_to_tensor(observations)
        categorical: Any = self.policy.get_distribution(frames).distribution
        values = self.policy.predict_values(frames).flatten()
        return Decision(
            log_probs=categorical.logits.log_softmax(-1).cpu().numpy(), values=values.cpu().numpy()
        )


def algorithm_of(data: dict[str, Any]) -> type[BaseAlgorithm] | None:
    """The class that saved a zip, from the policy and the settings in it; None if unknown."""
    policy = data.get("policy_class")
    if not isinstance(policy, type):
        return None
    for kind, algorithm in ALGORITHMS.items():
        if issubclass(policy, kind):
            return algorithm
    if not issubclass(policy, ActorCriticPolicy):
        return None
    if "cg_max_steps" in data:
        return sb3_contrib.TRPO
    return stable_baselines3.PPO if "clip_range" in data else stable_baselines3.A2C


def load_sb3(
    path: Path, name: str, spec: TaskSpec, trust: bool = False, wrappers: Stack | None = None
) -> tuple[Agent, Stack]:
    """Loads an agent from a zip of Stable-Baselines3 or sb3-contrib, and the stack of its training.

    That is the one inside the zip, or else `wrappers`.

    Loading unpickles the zip, which can run any code: load only files that you `trust`.

    Raises:
        FalseBeaconError: If the file is missing, not trusted, is no such zip, or has other spaces.
    """
    if not path.is_file():
        raise FalseBeaconError(f"no checkpoint {path}: the file does not exist.")
    if not trust:
        raise FalseBeaconError(
            f"{path} is not loaded: Stable-Baselines3 pickles its zips, and unpickling can run any"
            " code that somebody put there. Add --trust if you know where it comes from."
        )
    try:
        data, _, _ = load_from_zip_file(path, device="cpu")
        algorithm = algorithm_of(data or {})
        if algorithm is None:
            raise FalseBeaconError(
                f"{path} holds no policy over discrete actions that is known here: PPO, A2C, DQN,"
                " RecurrentPPO, MaskablePPO, TRPO or QRDQN. Wrap it in package.module:factory."
            )
        stack = Stack.parse((data or {}).get(WRAPPERS, "")) or wrappers or Stack()
        _check_spaces(path, data or {}, spec, stack)
        # A replay buffer is not used here, and would be large.
        model = algorithm.load(path, device="cpu", custom_objects={"buffer_size": 1, "n_envs": 1})
    except FalseBeaconError:
        raise
    except Exception as error:
        raise CorruptFileError(
            f"{path} is not a Stable-Baselines3 zip that can be loaded"
            f" ({type(error).__name__}: {error})."
        ) from error
    policy: Any = model.policy
    if isinstance(policy, RecurrentActorCriticPolicy):
        return RecurrentAgent(name, policy), stack
    if isinstance(policy, ActorCriticPolicy) and not isinstance(policy, MaskableActorCriticPolicy):
        return FeedForwardAgent(name, policy), stack
    return GreedyAgent(name, policy), stack


def _check_spaces(path: Path, data: dict[str, Any], spec: TaskSpec, stack: Stack) -> None:
    seen = data.get("observation_space")
    shown = seen_space(stack, FRAMES)
    differing = _differences(seen, shown)
    if differing:
        through = f" through {stack}" if stack else ""
        raise FalseBeaconError(
            f"{path} was trained on observations {seen}, but {spec.name} shows {shown}{through}:"
            f" {' and '.join(differing)}. Name the wrappers of its training with --wrappers, or"
            " change the frames in a package.module:factory (docs/agents.md)."
        )
    actions = data.get("action_space")
    if getattr(actions, "n", None) != len(spec.actions):
        raise FalseBeaconError(
            f"{path} was trained on actions {actions}, but {spec.name} has"
            f" Discrete({len(spec.actions)})."
        )


def _differences(seen: Any, shown: spaces.Box) -> list[str]:
    """What tells a model's observations from the frames that are shown; channels may come first."""
    if not isinstance(seen, spaces.Box):
        return [f"they are a {type(seen).__name__} and no Box"]
    differing, channels_first = [], (shown.shape[-1], *shown.shape[:-1])
    if seen.shape not in (shown.shape, channels_first):
        differing.append(f"their shape is {seen.shape} and not {shown.shape}")
    if seen.dtype != shown.dtype:
        differing.append(f"their type is {seen.dtype} and not {shown.dtype}")
    low, high = float(seen.low.min()), float(seen.high.max())
    if (low, high) != (0.0, 255.0):
        differing.append(f"they go from {low:g} to {high:g} and not from 0 to 255")
    return differing
