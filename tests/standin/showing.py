"""Which block of our palette shows a state of Minecraft's.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

from functools import cache

from minecraft_tasks.blocks.block import Block
from minecraft_tasks.blocks.palette import PALETTE
from tests.standin.kinds import KINDS, UNSEEN
from tests.standin.states import PlacementError, State, default


def state_of(block: Block) -> State:
    """What a block of the palette says that it is in Minecraft."""
    kind = KINDS[block.minecraft]
    changes = dict(block.properties)
    if block.state.isupper():
        changes["color"] = block.state.lower()
    elif block.state:
        key = next(key for key in ("variant", "type") if key in kind)
        changes[key] = block.state
    if block.facing:
        changes["facing"] = block.facing
    return default(block.minecraft).having(changes)


def _seen(state: State) -> State:
    """The state without what no block of the palette tells apart."""
    unseen = UNSEEN.get(state.name, set())
    return State(state.name, tuple(pair for pair in state.values if pair[0] not in unseen))


PALETTE_IDS = {_seen(state_of(block)): index for index, block in enumerate(PALETTE)}


@cache
def palette_id(state: State) -> int:
    """Id of the block of the palette that shows a state.

    Raises:
        PlacementError: If there is none.
    """
    found = PALETTE_IDS.get(_seen(state))
    if found is None:
        values = ",".join(f"{key}={value}" for key, value in state.values)
        raise PlacementError(f"no block of the palette shows {state.name} {values}".rstrip())
    return found
