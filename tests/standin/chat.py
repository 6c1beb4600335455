"""What Minecraft's server does about what is said in the chat.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

import math

from tests.standin.ground import HIGHEST, World
from tests.standin.log import Log
from tests.standin.states import PlacementError, default, spelled

LONGEST = 256
"""Letters of a message; the game cuts off the rest."""


def say(world: World, message: str, log: Log) -> None:
    """Carries out ``/setblock``; other messages are only written down.

    Args:
        world: Where blocks are placed.
        message: As it was sent.
        log: Where failures are told; a player would read them in the chat.
    """
    verb, *words = message[:LONGEST].split()[:7] or [""]
    if verb != "/setblock":
        log(f"chat: {message}")
        return
    try:
        _setblock(world, words)
    except (PlacementError, ValueError) as error:
        log(f"chat: {message}: {error}")


def _setblock(world: World, words: list[str]) -> None:
    """Places one block: ``x y z name [data value or state] [how]``."""
    if len(words) < 4:
        raise PlacementError("Usage: /setblock <x> <y> <z> <block> [dataValue|state]")
    x, y, z = (math.floor(float(word)) for word in words[:3])
    if not 0 <= y <= HIGHEST:
        raise PlacementError("Cannot place block outside of the world")
    if words[5:] not in ([], ["replace"]):
        raise PlacementError(f"{' '.join(words[5:])} is not known to the stand-in")
    name = words[3].removeprefix("minecraft:")
    state = spelled(name, words[4]) if len(words) > 4 else default(name)
    if world.placed((x, y, z)) == state:
        raise PlacementError("The block couldn't be placed")
    world.place((x, y, z), state)
