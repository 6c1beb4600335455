"""Agents with something taken from them: what is left shows what it was good for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from policies.agents.base import FRAMES, Agent, Decision
from policies.agents.wrapped import ObservingAgent, Outer
from wrappers.observations import Blind


class MemorylessAgent(Outer):
    """An agent that is told at every step that an episode begins, so that it remembers nothing."""

    def act(
        self, observations: np.ndarray, starts: np.ndarray, slots: np.ndarray | None = None
    ) -> Decision:
        """Its decision on these frames alone."""
        return self.asked(observations, np.ones_like(starts), slots)


def blind(inner: Agent) -> Agent:
    """An agent that is shown the same grey frame at every step."""
    return ObservingAgent(inner, [Blind(FRAMES)])


CONTROLS: dict[str, Callable[[Agent], Agent]] = {"memoryless": MemorylessAgent, "blind": blind}
"""How each of `ABLATIONS` is made."""
