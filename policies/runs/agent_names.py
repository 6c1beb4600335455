"""Names of agents, and the ablations that may stand before them."""

from __future__ import annotations

LESSENED = ("memoryless", "blind")
"""What may stand before any agent's name: it then has no memory, or sees nothing."""


def whole(text: str) -> str:
    """The name of an agent without what takes its memory or its sight."""
    kind, _, rest = text.partition(":")
    return whole(rest) if kind in LESSENED and rest else text
