"""Agents from Stable-Baselines3 and sb3-contrib zips, recurrent or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import sb3_contrib
import stable_baselines3
import torch
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
from wrappers.apply import observers
from wrappers.stack import Stack


class RecurrentAgent:
    """A recurrent policy; each slot has a state of its own, zeroed where an episode starts.

    Args:
        name: What it was loaded by.
        policy: Over discrete actions.
    """

    def __init__(self, name: str, policy: RecurrentActorCriticPolicy) -> None:
        self.name, self.policy = name, policy
        self.policy.set_training_mode(False)

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
        assert isinstance(frames, torch.Tensor)
        rows = None if slots is None else torch.as_tensor(slots, device=device)
        before = self._states if rows is None else self._states.of(rows)
        log_probs, values, after = step(self.policy, frames, before, flags)
        self._states = after if rows is None else self._states.replaced(rows, after)
        return Decision(log_probs=log_probs.cpu().numpy(), values=values.cpu().numpy())


class FeedForwardAgent:
    """An actor-critic without memory, such as PPO's and A2C's.

    Args:
        name: What it was loaded by.
        policy: Over discrete actions.
    """

    def __init__(self, name: str, policy: ActorCriticPolicy) -> None:
        self.name, self.policy = name, policy
        self.policy.set_training_mode(False)

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Nothing to prepare."""

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


class GreedyAgent:
    """A policy that only answers with actions, such as DQN's.

    Args:
        name: What it was loaded by.
        policy: With Stable-Baselines3's `predict`.
    """

    def __init__(self, name: str, policy: Any) -> None:
        self.name, self.policy = name, policy

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Nothing to prepare."""

    def act(
        self, observations: np.ndarray, starts: np.ndarray, slots: np.ndarray | None = None
    ) -> Decision:
        """Its best actions."""
        actions, _ = self.policy.predict(observations, deterministic=True)
        return Decision(actions=np.asarray(actions, np.int64))


def algorithm_of(data: dict[str, Any]) -> type[BaseAlgorithm] | None:
    """The class that saved a zip, from the policy and the settings in it; None if unknown."""
    policy = data.get("policy_class")
    if not isinstance(policy, type):
        return None
    if issubclass(policy, RecurrentActorCriticPolicy):
        return sb3_contrib.RecurrentPPO
    if issubclass(policy, MaskableActorCriticPolicy):
        return sb3_contrib.MaskablePPO
    if issubclass(policy, QRDQNPolicy):
        return sb3_contrib.QRDQN
    if issubclass(policy, DQNPolicy):
        return stable_baselines3.DQN
    if issubclass(policy, ActorCriticPolicy):
        if "cg_max_steps" in data:
            return sb3_contrib.TRPO
        return stable_baselines3.PPO if "clip_range" in data else stable_baselines3.A2C
    return None


def load_sb3(path: Path, name: str, spec: TaskSpec) -> tuple[Agent, Stack]:
    """An agent from a zip that Stable-Baselines3 or sb3-contrib saved, and the stack inside it.

    Loading unpickles the zip, which runs what its author put there: load only what you trust.

    Args:
        path: The zip.
        name: What it is called in records.
        spec: Of the task it is to act in.

    Raises:
        FalseBeaconError: If the file is missing, is no such zip, or has other spaces.
    """
    if not path.is_file():
        raise FalseBeaconError(f"no checkpoint {path}: the file does not exist.")
    try:
        data, _, _ = load_from_zip_file(path, device="cpu")
        algorithm = algorithm_of(data or {})
        if algorithm is None:
            raise FalseBeaconError(
                f"{path} holds no policy over discrete actions that is known here: PPO, A2C, DQN,"
                " RecurrentPPO, MaskablePPO, TRPO or QRDQN. Wrap it in package.module:factory."
            )
        stack = Stack.parse((data or {}).get(WRAPPERS, ""))
        _check_spaces(path, data or {}, spec, stack)
        # A buffer for training is of no use here, and would be large.
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
    shown = [FRAMES, *(observer.space for observer in observers(stack, FRAMES))][-1]
    height, width, channels = shown.shape
    if tuple(getattr(seen, "shape", None) or ()) not in (shown.shape, (channels, height, width)):
        through = f" through {stack}" if stack else ""
        raise FalseBeaconError(
            f"{path} was trained on observations {seen}, but {spec.name} shows {shown}{through}."
        )
    actions = data.get("action_space")
    if getattr(actions, "n", None) != len(spec.actions):
        raise FalseBeaconError(
            f"{path} was trained on actions {actions}, but {spec.name} has"
            f" Discrete({len(spec.actions)})."
        )
