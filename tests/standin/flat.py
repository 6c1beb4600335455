"""The layers of Minecraft's flat worlds.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

from tests.standin.kinds import IDS, KINDS
from tests.standin.states import State, default

_DEFAULT = ("bedrock", "dirt", "dirt", "grass")


def layers(generator: str) -> tuple[State, ...]:
    """Layers from the bottom up, as Minecraft 1.11's `FlatGeneratorInfo` reads them.

    Version 3 counts with ``*`` and earlier ones with ``x``; whatever cannot be read gives the
    usual flat world instead, without a word.

    Args:
        generator: Such as ``3;7,2*3,2;1;``.
    """
    parts = generator.split(";")
    version = int(parts[0]) if len(parts) > 1 and parts[0].isdigit() else 0
    text = parts[1] if len(parts) > 1 else parts[0]
    names: list[str] = []
    for layer in text.split(","):
        read = _layer(layer, "*" if version >= 3 else "x")
        if version > 3 or read is None:
            names = list(_DEFAULT)
            break
        names += read
    return tuple(default(name) for name in names)


def _layer(text: str, times: str) -> list[str] | None:
    """Names of one entry's layers, or None if it cannot be read."""
    count, _, block = text.rpartition(times)
    block = block.removeprefix("minecraft:").split(":")[0]
    name = IDS.get(int(block)) if block.isdigit() else block
    if name not in KINDS or (count and not count.isdigit()):
        return None
    return [name] * (int(count) if count else 1)
