"""Asks an agent for its decisions, whatever it does instead of answering.

An agent that raises, answers in a wrong shape or does not come back says nothing about what it is
capable of: the episodes that it was playing are invalid, with the reason.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import numpy as np

from evaluation.rollouts.choices import AgentError, check_shapes
from evaluation.rollouts.limits import ACT_SECONDS
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.base import Agent, Decision

AGAIN_SECONDS = 1.0
"""An agent that swallows the interruption is interrupted again after so long."""


class TimeUpError(BaseException):
    """Raised inside a call that takes too long; no `except Exception` of the agent's stops it."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrupts what runs inside after so many seconds of wall time.

    By SIGALRM, so it works in the main thread of a POSIX process only, and elsewhere does nothing.
    Python runs signal handlers between its own instructions: a call into C that never returns is
    not interrupted.

    Raises:
        TimeUpError: Inside the block, once the time is up.
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
    """Stands between a rollout and its agent.

    Args:
        agent: Who is asked.
        num_actions: A.
        seconds: What one call may take.

    Raises:
        FalseBeaconError: If that is no time at all.
    """

    def __init__(self, agent: Agent, num_actions: int, seconds: float = ACT_SECONDS) -> None:
        if not seconds > 0:
            raise FalseBeaconError(f"an agent needs some time to act, not {seconds} s.")
        self.agent, self.num_actions, self.seconds = agent, num_actions, seconds

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Tells the agent that the first frame comes next.

        Raises:
            AgentError: If it raises or takes too long.
        """
        with self._guarded():
            self.agent.start(env)

    def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
        """The agent's answer to N frames, of checked shapes.

        Raises:
            AgentError: If it raises, takes too long, or answers in another shape.
        """
        with self._guarded():
            decision = self.agent.act(observations, starts)
            check_shapes(self.agent.name, decision, len(observations), self.num_actions)
            return decision

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
            told = " ".join(str(error).split())
            raise AgentError(f"agent {name!r} raised {type(error).__name__}: {told}") from error
