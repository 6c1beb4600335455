"""Guards calls of an agent against exceptions, wrong shapes and hanging.

Such a failure says nothing about the agent's capability: the episodes that it was playing are
invalid, with the reason.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import numpy as np

from evaluation.records.requests import ACT_SECONDS
from evaluation.rollouts.choices import AgentError, check_shapes
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.base import Agent, Decision, executed

AGAIN_SECONDS = 1.0
"""Interval of further interruptions of an agent that catches the first one."""


class TimeUpError(BaseException):
    """Raised inside a call that takes too long; an agent's `except Exception` does not catch it."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises `TimeUpError` inside the block after a number of seconds of wall time.

    It uses SIGALRM, so it does nothing outside the main thread of a POSIX process. Python runs
    signal handlers between its own instructions: a call into C that never returns is not
    interrupted.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise TimeUpError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


class GuardedAgent:
    """An agent whose failures are AgentErrors; each call may take a number of seconds.

    Raises:
        FalseBeaconError: If `seconds` is not positive.
    """

    def __init__(self, agent: Agent, num_actions: int, seconds: float = ACT_SECONDS) -> None:
        if not seconds > 0:
            raise FalseBeaconError(f"an agent needs some time to act, not {seconds} s.")
        self.agent, self.num_actions, self.seconds = agent, num_actions, seconds

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Starts the agent."""
        with self._guarded():
            self.agent.start(env)

    def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
        """The agent's decision on N frames, of checked shapes."""
        with self._guarded():
            decision = self.agent.act(observations, starts)
            check_shapes(self.agent.name, decision, len(observations), self.num_actions)
            return decision

    def executed(self, actions: np.ndarray) -> np.ndarray:
        """The actions int64[N] that are played; an agent's wrappers may hold some."""
        with self._guarded():
            return executed(self.agent, actions)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        name = self.agent.name
        try:
            with time_limit(self.seconds):
                yield
        except TimeUpError:
            raise AgentError(f"agent {name!r} did not answer within {self.seconds:g} s") from None
        except FalseBeaconError as error:
            raise AgentError(str(error).rstrip(".")) from error
        except (Exception, SystemExit) as error:
            text = " ".join(str(error).split())
            raise AgentError(f"agent {name!r} raised {type(error).__name__}: {text}") from error
