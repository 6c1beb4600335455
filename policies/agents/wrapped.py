"""Agents inside the wrappers that they were trained in: the same classes as environments take.

Frames pass an agent's observers on their way in; actions that the judge has picked pass `executed`
on their way out, where they are held or stick.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from minecraft_tasks.levels.draws import IDLE
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.base import Agent, Decision, executed
from policies.runs.agent_names import AgentOrigin, origin_of
from wrappers.actions import Stickiness
from wrappers.apply import observers
from wrappers.observations import Observer
from wrappers.stack import ActionRepeatSpec, Stack, StickyActionsSpec


class Outer:
    """An agent around another one, which does what that one does.

    Args:
        inner: The agent. Where actions repeat, its `act` takes the slots that are asked for.

    Attributes:
        name: The inner one's until `load_agent` sets it.
        origin: Likewise.
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
        """See `Agent.act`; `slots` int64[K] where only some are asked for."""
        return self.asked(observations, starts, slots)

    def executed(self, actions: np.ndarray) -> np.ndarray:
        """What becomes of the actions int64[N] that were picked from its last decision."""
        return executed(self.inner, actions)

    def asked(
        self, observations: np.ndarray, starts: np.ndarray, slots: np.ndarray | None
    ) -> Decision:
        """The inner agent's decision for all slots, or for some."""
        inner: Any = self.inner
        if slots is None:
            return inner.act(observations, starts)
        return inner.act(observations, starts, slots)


class ObservingAgent(Outer):
    """An agent that sees frames through wrappers of observations.

    Args:
        inner: The agent.
        observers: In order.
    """

    def __init__(self, inner: Agent, observers: Sequence[Observer]) -> None:
        super().__init__(inner)
        self.observers = observers

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Forgets all frames, and passes the environment on."""
        for observer in self.observers:
            observer.start(env.num_envs)
        super().start(env)

    def act(
        self, observations: np.ndarray, starts: np.ndarray, slots: np.ndarray | None = None
    ) -> Decision:
        """Its decision on the frames as they are after the wrappers."""
        rows = np.arange(len(observations)) if slots is None else slots
        for observer in self.observers:
            observations = observer(observations, starts, rows)
        return self.asked(observations, starts, slots)


class ActingAgent(Outer):
    """An agent whose actions are repeated, or stick, as in its training.

    It is asked where an episode begins, and in every k-th decision of it; in between its last
    decision stands. What sticks depends on the level alone, so that an episode is the same
    whichever are played beside it.

    Args:
        inner: The agent.
        stack: Its wrappers of actions; the others are left out.
    """

    def __init__(self, inner: Agent, stack: Stack) -> None:
        super().__init__(inner)
        repeats = [spec.repeat for spec in stack if isinstance(spec, ActionRepeatSpec)]
        sticky = [spec.probability for spec in stack if isinstance(spec, StickyActionsSpec)]
        self._repeat, self._probabilities = int(np.prod(repeats)), sticky

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Forgets all decisions, and keeps the environment to tell levels apart."""
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
        """Its decision, new where it is asked, and the last one elsewhere."""
        self._age = np.where(starts, 0, self._age + 1)
        self._starts, self._due = starts, np.flatnonzero(self._age % self._repeat == 0)
        for slot in np.flatnonzero(starts) if self._sticky else ():
            self._rng[slot] = self._generator(int(slot))
        due = self._due
        if self._repeat == 1:
            return self.asked(observations, starts, None)
        if len(due):
            new = self.asked(observations[due], starts[due], due)
            self._decision = _merged(self._decision, new, due, len(starts))
        assert self._decision is not None
        return self._decision

    def executed(self, actions: np.ndarray) -> np.ndarray:
        """The actions int64[N] that are played: held where the agent was not asked."""
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
    """A decision for all N slots: the new one in some of them, and the one before elsewhere."""

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
    """An agent behind the wrappers of observations of a stack, where it has any."""
    seen_through = observers(stack, space)
    return ObservingAgent(agent, seen_through) if seen_through else agent


def acting(agent: Agent, stack: Stack) -> Agent:
    """An agent behind the wrappers of actions of a stack, where it has any."""
    found = any(isinstance(spec, ActionRepeatSpec | StickyActionsSpec) for spec in stack)
    return ActingAgent(agent, stack) if found else agent
