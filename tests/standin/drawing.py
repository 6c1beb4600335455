"""What a `DrawingDecorator` places, and when it stops.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml.etree import QName, _Element

from tests.standin.ground import Cell, World
from tests.standin.log import Log
from tests.standin.states import PlacementError, drawn


def draw(world: World, elements: Sequence[_Element], log: Log, until: int | None = None) -> None:
    """Places what the elements say, one after the other.

    The first that cannot be placed ends the drawing. As in `DrawingDecoratorImplementation`,
    that is printed and nothing else comes of it.

    Args:
        world: Where.
        elements: Children of one decorator.
        log: Where it is printed.
        until: After how many elements the drawing ends by a fault.
    """
    try:
        for index, element in enumerate(elements):
            if index == until:
                raise PlacementError(f"a fault ended the drawing after {until} elements")
            _draw_one(world, element)
    except PlacementError as error:
        log(f"Error drawing into the world: {error}")


def _draw_one(world: World, element: _Element) -> None:
    where = element.attrib
    state = None
    for cell in _cells(element):
        state = state or drawn(
            where["type"], where.get("colour"), where.get("face"), where.get("variant")
        )
        world.place(cell, state)


def _cells(element: _Element) -> Iterator[Cell]:
    tag = QName(element).localname
    if tag == "DrawBlock":
        x, y, z = (int(element.attrib[key]) for key in "xyz")
        yield x, y, z
    elif tag == "DrawCuboid":
        ends = [sorted(int(element.attrib[f"{key}{end}"]) for end in "12") for key in "xyz"]
        xs, ys, zs = (range(low, high + 1) for low, high in ends)
        yield from ((x, y, z) for x in xs for y in ys for z in zs)
    else:
        raise PlacementError(f"{tag} is not known to the stand-in")
