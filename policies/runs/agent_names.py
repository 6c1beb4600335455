"""What a person calls an agent, and where an agent that was loaded comes from."""

from __future__ import annotations

from typing import Any, NamedTuple

from minecraft_tasks.core.records import Record

ABLATIONS = ("memoryless", "blind")
"""What may stand before any agent's name: it then has no memory, or sees nothing."""


class AgentRef(NamedTuple):
    """An agent as it is named on a command line.

    Attributes:
        name: A run directory, a checkpoint, ``oracle:<candidate>`` ...
        ablations: Members of `ABLATIONS` before it, the outermost first.
    """

    name: str
    ablations: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> AgentRef:
        """``blind:memoryless:runs/x`` as its parts."""
        kind, _, rest = text.partition(":")
        if kind not in ABLATIONS or not rest:
            return cls(text)
        inner = cls.parse(rest)
        return cls(inner.name, (kind, *inner.ablations))


class AgentOrigin(Record):
    """Where an agent comes from, as `load_agent` found it.

    Attributes:
        run: Its run directory; None where it comes from no run.
        checkpoint: The zip that was loaded; None for scripted and foreign agents.
        steps: Training steps of the checkpoint of a run, where known.
        ablations: Members of `ABLATIONS` that it was loaded with, the outermost first.
    """

    run: str | None = None
    checkpoint: str | None = None
    steps: int | None = None
    ablations: tuple[str, ...] = ()


def origin_of(agent: Any) -> AgentOrigin:
    """Where an agent comes from; nowhere for one that `load_agent` did not load."""
    return getattr(agent, "origin", AgentOrigin())
