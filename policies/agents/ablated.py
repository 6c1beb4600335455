"""Agents with something taken from them: what is left shows what it was good for."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.base import Agent, Decision
from wrappers.observations import BLANK


class _Lessened:
    def __init__(self, name: str, inner: Agent) -> None:
        self.name, self.inner = name, inner

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Passes the environment on."""
        self.inner.start(env)


class MemorylessAgent(_Lessened):
    """An agent that is told at every step that an episode begins, so that it remembers nothing.

    Args:
        name: What it was loaded by.
        inner: The agent.
    """

    def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
        """Its decision on these frames alone."""
        return self.inner.act(observations, np.ones_like(starts))


class BlindAgent(_Lessened):
    """An agent that is shown the same grey frame at every step.

    Args:
        name: What it was loaded by.
        inner: The agent.
    """

    def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
        """Its decision without these frames."""
        return self.inner.act(np.full_like(observations, BLANK), starts)


CONTROLS: dict[str, type[MemorylessAgent | BlindAgent]] = {
    "memoryless": MemorylessAgent,
    "blind": BlindAgent,
}
"""What may stand before the name of any agent."""
