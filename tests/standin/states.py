"""Block states, and what Malmo's drawing and Minecraft's ``/setblock`` make of them.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tests.standin.kinds import CONSTANTS, DYES, FACINGS, KINDS, is_enum


class PlacementError(Exception):
    """A block that Java would refuse, or that cannot be shown here."""


class State(NamedTuple):
    """A block and the values of its properties, sorted by name."""

    name: str
    values: tuple[tuple[str, str], ...] = ()

    def value(self, key: str) -> str:
        """Value of a property."""
        return dict(self.values)[key]

    def having(self, changes: Mapping[str, str]) -> State:
        """This state with other values of some properties.

        Raises:
            PlacementError: As Java's `withProperty`, if the block cannot have such a value.
        """
        for key, value in changes.items():
            if value not in KINDS[self.name].get(key, ()):
                raise PlacementError(f"Cannot set property {key} to {value} on block {self.name}")
        return State(self.name, tuple(sorted({**dict(self.values), **changes}.items())))


AIR = State("air")


def default(name: str) -> State:
    """A block's default state.

    Raises:
        PlacementError: If there is no such block here.
    """
    if name not in KINDS:
        raise PlacementError(f"{name} is not among the blocks that the stand-in can show")
    return State(name, tuple(sorted((key, values[0]) for key, values in KINDS[name].items())))


def drawn(name: str, colour: str | None, face: str | None, variant: str | None) -> State:
    """The state that Malmo draws for an element's attributes.

    From `MinecraftTypeHelper`: a colour goes to a block with a property `color` and is lost
    without a word on any other, a face likewise to `facing`.

    Raises:
        PlacementError: If there is no such block here, or it cannot face that way.
    """
    state = default(name)
    kind = KINDS[name]
    if colour is not None and "color" in kind:
        state = state.having({"color": colour.lower()})
    if face is not None and "facing" in kind:
        state = _facing(state, face.lower())
    return state if variant is None else _varied(state, variant)


def _facing(state: State, face: str) -> State:
    known = KINDS[state.name]["facing"] if state.name == "lever" else FACINGS
    if face not in known:
        raise PlacementError(f"No enum constant for {face.upper()}")
    return state.having({"facing": face})


def _varied(state: State, variant: str) -> State:
    """Sets `variant` or, failing that, the first property whose type knows the value."""
    kind = KINDS[state.name]
    for key in ["variant", *sorted(kind)]:
        values = kind.get(key, ())
        if is_enum(values) and variant.lower() in CONSTANTS.get((state.name, key), values):
            return state.having({key: variant.lower()})
    return state


def spelled(name: str, text: str) -> State:
    """The state that ``/setblock`` reads from a data value or a list ``key=value,...``.

    Raises:
        PlacementError: If there is no such block here, or it has no such state.
    """
    state = default(name)
    if text.lstrip("-").isdigit():
        return _numbered(state, int(text))
    if text == "default":
        return state
    pairs = [pair.split("=") for pair in text.split(",")]
    if any(len(pair) != 2 for pair in pairs):
        raise PlacementError(f"'{text}' is not a state for block {name}")
    return state.having(dict(pairs))


def _numbered(state: State, data: int) -> State:
    """The state of a data value, as far as those are known here."""
    kind = KINDS[state.name]
    if not 0 <= data <= 15:
        raise PlacementError(f"the data value {data} is not one from 0 to 15")
    if "color" in kind:
        return state.having({"color": DYES.split()[data]})
    if state.name in ("stone_slab", "wooden_slab") and data % 8 < len(kind["variant"]):
        half = "top" if data >= 8 else "bottom"
        return state.having({"variant": kind["variant"][data % 8], "half": half})
    if "age" in kind and data < len(kind["age"]):
        return state.having({"age": str(data)})
    if data == 0 and not {"facing", "half"} & set(kind):
        return state
    raise PlacementError(f"the data value {data} of {state.name} is not known to the stand-in")
