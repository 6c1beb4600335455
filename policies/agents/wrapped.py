"""Agents inside the wrappers of their training, and agents with an ablation.

An agent's observers transform its frames; `executed` holds or repeats the actions that the judge
has picked.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from minecraft_tasks.levels.draws import IDLE
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.base import FRAMES, Agent, Decision, executed
from policies.runs.agent_names import AgentOrigin, origin_of
from wrappers.actions import Stickiness
from wrappers.apply import observers
from wrappers.observations import Blind, Observer
from wrappers.stack import ActionRepeatSpec, Stack, StickyActionsSpec


class Outer:
    """An agent around another one; it passes every call on.

    Args:
        inner: The agent. If actions repeat, its `act` takes the slots that need a decision.

    Attributes:
        name, origin: The inner agent's until `load_agent` sets them.
    """

    origin: AgentOrigin

    def __init__(self, inner: Agent) -> None:
        self.inner, self.name, self.origin = inner, inner.name, origin_of(inner)

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Passes the environment on."""
        self.inner.start(env)

    def act(
        self, observations: np.ndarray, starts: np.ndarray, slots: np.ndarray | None = None
    ) -> Decision:
        """The inner agent's decision for all slots, or for `slots` int64[K]."""
        inner: Any = self.inner
        return inner.act(observations, starts, *(() if slots is None else (slots,)))

    def executed(self, actions: np.ndarray) -> np.ndarray:
        """The actions that are played for int64[N] picked from the last decision."""
        return executed(self.inner, actions)


class MemorylessAgent(Outer):
    """An agent without memory: every step is presented to it as the first of an episode."""

    def act(
        self, observations: np.ndarray, starts: np.ndarray, slots: np.ndarray | None = None
    ) -> Decision:
        """The decision on these frames alone."""
        return super().act(observations, np.ones_like(starts), slots)


class ObservingAgent(Outer):
    """An agent that sees frames through observers, which apply in their order."""

    def __init__(self, inner: Agent, observers: Sequence[Observer]) -> None:
        super().__init__(inner)
        self.observers = observers

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Resets the observers, and passes the environment on."""
        for observer in self.observers:
            observer.start(env.num_envs)
        super().start(env)

    def act(
        self, observations: np.ndarray, starts: np.ndarray, slots: np.ndarray | None = None
    ) -> Decision:
        """The decision on the frames after the wrappers."""
        rows = np.arange(len(observations)) if slots is None else slots
        for observer in self.observers:
            observations = observer(observations, starts, rows)
        return super().act(observations, starts, slots)


def blind(inner: Agent) -> Agent:
    """An agent that sees the same grey frame at every step."""
    return ObservingAgent(inner, [Blind(FRAMES)])


CONTROLS: dict[str, Callable[[Agent], Agent]] = {"memoryless": MemorylessAgent, "blind": blind}
"""The function that applies each of `ABLATIONS`."""


class ActingAgent(Outer):
    """An agent whose actions are repeated or sticky, as in its training.

    It decides at an episode's first step and every k-th step after it; between them the last
    decision is held. Stickiness depends on the level alone, so that an episode is independent of
    those played beside it. Other wrappers of the stack are ignored.
    """

    def __init__(self, inner: Agent, stack: Stack) -> None:
        super().__init__(inner)
        sticky = [spec.probability for spec in stack if isinstance(spec, StickyActionsSpec)]
        self._repeat, self._probabilities = stack.repeat, sticky

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Resets all decisions, and keeps the environment to read levels from."""
        self._env = env
        count = env.num_envs
        self._age, self._held = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self._sticky = [Stickiness(probability, count) for probability in self._probabilities]
        self._rng: list[np.random.Generator] = [np.random.default_rng(0)] * count
        self._decision: Decision | None = None
        super().start(env)

    def act(
        self, observations: np.ndarray, starts: np.ndarray, slots: np.ndarray | None = None
    ) -> Decision:
        """The decision: new in the slots that need one, the last one elsewhere."""
        self._age = np.where(starts, 0, self._age + 1)
        self._starts, self._due = starts, np.flatnonzero(self._age % self._repeat == 0)
        for slot in np.flatnonzero(starts) if self._sticky else ():
            self._rng[slot] = self._generator(int(slot))
        due = self._due
        if self._repeat == 1:
            return super().act(observations, starts)
        if len(due):
            new = super().act(observations[due], starts[due], due)
            self._decision = _merged(self._decision, new, due, len(starts))
        assert self._decision is not None
        return self._decision

    def executed(self, actions: np.ndarray) -> np.ndarray:
        """The actions int64[N] that are played: held in slots without a new decision."""
        due = self._due
        chosen = executed(self.inner, actions)[due]
        for sticky in reversed(self._sticky):
            draws = np.array([self._rng[slot].random() for slot in due])
            chosen = sticky(chosen, self._starts[due], draws, due)
        self._held[due] = chosen
        return self._held.copy()

    def _generator(self, slot: int) -> np.random.Generator:
        level, bank = int(self._env.level[slot]), self._env.bank
        if level == IDLE:
            return self._rng[slot]
        split = zlib.crc32(bank.splits[level].encode())
        return np.random.default_rng([split, int(bank.seeds[level])])


def _merged(before: Decision | None, new: Decision, slots: np.ndarray, count: int) -> Decision:
    """A decision for all N slots: the new one in some of them, the earlier one elsewhere."""

    def column(name: str) -> np.ndarray | None:
        values, old = getattr(new, name), getattr(before, name, None)
        if values is None:
            return None
        values = np.asarray(values)
        empty = np.zeros((count, *values.shape[1:]), values.dtype)
        joined = empty if old is None else old.copy()
        joined[slots] = values
        return joined

    return Decision(column("log_probs"), column("actions"), column("values"))


def observing(agent: Agent, stack: Stack, space: spaces.Box) -> Agent:
    """An agent inside the observation wrappers of a stack, if it has any."""
    stages = observers(stack, space)
    return ObservingAgent(agent, stages) if stages else agent


def acting(agent: Agent, stack: Stack) -> Agent:
    """An agent inside the action wrappers of a stack, if it has any."""
    acts = any(isinstance(spec, ActionRepeatSpec | StickyActionsSpec) for spec in stack)
    return ActingAgent(agent, stack) if acts else agent
