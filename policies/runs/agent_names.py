"""Names of agents on a command line, and origins of loaded agents."""

from __future__ import annotations

from typing import Any, NamedTuple

from minecraft_tasks.core.records import Record

ABLATIONS = ("memoryless", "blind")
"""Prefixes of an agent's name: the agent then has no memory, or sees nothing."""


class AgentRef(NamedTuple):
    """The name of an agent on a command line.

    Attributes:
        name: A run directory, a checkpoint, ``oracle:<candidate>`` ...
        ablations: Members of `ABLATIONS` before the name, the outermost first.
    """

    name: str
    ablations: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> AgentRef:
        """Splits a text such as ``blind:memoryless:runs/x``."""
        kind, _, rest = text.partition(":")
        if kind not in ABLATIONS or not rest:
            return cls(text)
        inner = cls.parse(rest)
        return cls(inner.name, (kind, *inner.ablations))


class AgentOrigin(Record):
    """The origin of an agent, as `load_agent` sets it.

    Attributes:
        run: The run directory; None for an agent of no run.
        checkpoint: The zip that was loaded; None for scripted and foreign agents.
        steps: Training steps of the checkpoint of a run, where known.
        ablations: Members of `ABLATIONS` that were applied, the outermost first.
    """

    run: str | None = None
    checkpoint: str | None = None
    steps: int | None = None
    ablations: tuple[str, ...] = ()


def origin_of(agent: Any) -> AgentOrigin:
    """The origin of an agent; an empty one if `load_agent` did not load it."""
    return getattr(agent, "origin", AgentOrigin())
