"""The protocol of agents, and agents that need no file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from gymnasium import spaces

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.vector import MinecraftTaskVectorEnv

FRAMES = spaces.Box(0, 255, (64, 64, 3), np.uint8)
"""Space of one slot's frame."""


@dataclass(frozen=True)
class Decision:
    """An agent's output for a batch of frames: a distribution, or fixed actions.

    Attributes:
        log_probs: float32[N, A], or None for an agent that gives `actions`.
        actions: int64[N], or None if the judge picks from `log_probs`.
        values: float32[N] value estimates, or None.
    """

    log_probs: np.ndarray | None = None
    actions: np.ndarray | None = None
    values: np.ndarray | None = None


class Agent(Protocol):
    """The protocol of everything that can be judged."""

    name: str

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Prepares for a rollout; scripted agents keep `env` to read poses."""

    def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
        """Decides for a batch.

        Args:
            observations: uint8[N, 64, 64, 3].
            starts: bool[N], first frame of an episode in that slot.
        """
        ...


def started(agent: Any) -> MinecraftTaskVectorEnv:
    """The environment that an agent keeps from its `start`.

    Raises:
        FalseBeaconError: If it has not started.
    """
    env = getattr(agent, "_env", None)
    if env is None:
        raise FalseBeaconError(
            f"{agent.name} has no environment yet: call start(env) before act()."
        )
    return env


def executed(agent: Agent, actions: np.ndarray) -> np.ndarray:
    """The actions that are played for actions int64[N] picked from an agent's last decision.

    They are the same, unless the agent has a method of that name: an agent trained with repeated or
    sticky actions holds some of them.
    """
    method = getattr(agent, "executed", None)
    return actions if method is None else method(actions)


class RandomAgent:
    """Every one of A actions with the same probability."""

    name = "random"

    def __init__(self, num_actions: int) -> None:
        self.num_actions = num_actions

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Nothing to prepare."""

    def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
        """Uniform log-probabilities."""
        shape = (len(observations), self.num_actions)
        return Decision(log_probs=np.full(shape, -np.log(self.num_actions), np.float32))


class ForeignAgent:
    """An object with an `act` method, and perhaps `start`, from a user's factory."""

    def __init__(self, name: str, inner: Any) -> None:
        self.name, self.inner = name, inner

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Passes the environment on, if the object has `start`."""
        if hasattr(self.inner, "start"):
            self.inner.start(env)

    def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
        """The object's decision; plain actions int[N] are accepted too.

        Raises:
            FalseBeaconError: If it returns neither.
        """
        decision = self.inner.act(observations, starts)
        if not isinstance(decision, Decision):
            actions = np.asarray(decision)
            if actions.shape != (len(observations),) or actions.dtype.kind not in "iu":
                raise FalseBeaconError(
                    f"agent {self.name!r}: act must return a Decision or {len(observations)} whole"
                    f" numbers, got {type(decision).__name__} of shape {actions.shape}."
                )
            decision = Decision(actions=actions.astype(np.int64))
        return decision
