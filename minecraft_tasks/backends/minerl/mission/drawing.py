"""Blocks of the palette as elements of a mission's drawing, or as console commands.

A drawing takes a block's type and at most one each of colour, face and variant. Blocks that need
more (a stone-brick slab in the upper half, an open door) are set by ``/setblock`` once the mission
runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from minecraft_tasks.backends.minerl.mission.cuboids import Cuboid
from minecraft_tasks.blocks.palette import PALETTE

PLAIN = {"stonebrick": "stonebrick", "stone": "stone", "sand": "sand", "sandstone": "sandstone"}
"""Default states; the schemas have no name for some."""

_COLOURED = frozenset(("wool", "carpet", "stained_hardened_clay"))
"""Blocks of the palette whose state is a colour."""

CONNECTED = frozenset(("fence", "glass_pane"))
"""Blocks whose properties Minecraft derives from their neighbours."""

UNSTEADY = {"redstone_lamp_lit": "it goes out as soon as it is placed without power"}
"""Blocks of the palette that Minecraft changes, and why."""

DEFAULTS = {
    ("stone_slab", "half"): "bottom",
    ("wooden_slab", "half"): "bottom",
    ("oak_stairs", "half"): "bottom",
    ("hay_block", "axis"): "y",
    ("torch", "facing"): "up",
}
"""Default values of properties."""


@lru_cache(maxsize=256)
def attributes(block: int) -> dict[str, str] | None:
    """Attributes of the element that draws the block with a palette id, without coordinates.

    Returns:
        ``type`` and further ones; None where a mission cannot draw the block.
    """
    kind = PALETTE[block]
    drawn = {"type": kind.minecraft}
    if kind.state and kind.state != PLAIN.get(kind.minecraft):
        drawn["colour" if kind.minecraft in _COLOURED else "variant"] = kind.state
    for name, value in kind.properties:
        default = DEFAULTS.get((kind.minecraft, name)) == value
        if default or kind.minecraft in CONNECTED:
            continue
        key = "face" if name == "facing" else "variant"
        if key in drawn or (key == "variant" and name != "half") or value == "up_z":
            return None
        drawn[key] = value.upper() if key == "face" else value
    return drawn


def elements(boxes: Iterable[Cuboid], lift: int) -> str:
    """XML elements for the boxes whose blocks a mission can draw, in the boxes' order.

    Single blocks are cuboids too: MineRL sorts elements by their names, so a second kind of element
    would lose its place in the order.

    Args:
        boxes: In drawing order.
        lift: Added to every y.
    """
    drawn = []
    for box in boxes:
        kind = attributes(box.block)
        if kind is None:
            continue
        where = {
            "x1": box.x0, "y1": box.y0 + lift, "z1": box.z0,
            "x2": box.x1, "y2": box.y1 + lift, "z2": box.z1,
        }  # fmt: skip
        text = " ".join(f'{key}="{value}"' for key, value in {**where, **kind}.items())
        drawn.append(f"<DrawCuboid {text}/>")
    return "".join(drawn)


def setblock(block: int, cell: tuple[int, int, int], lift: int) -> str:
    """The console command that puts a block into a cell, `lift` blocks higher."""
    kind = PALETTE[block]
    state = [(name, value) for name, value in kind.properties if kind.minecraft not in CONNECTED]
    if kind.state:
        other = "type" if kind.minecraft == "sandstone" else "variant"
        name = "color" if kind.minecraft in _COLOURED else other
        state.append((name, kind.state.lower()))
    values = ",".join(f"{name}={value}" for name, value in state) or "0"
    x, y, z = cell
    return f"/setblock {x} {y + lift} {z} {kind.minecraft} {values}"


def commands(boxes: Iterable[Cuboid], lift: int) -> list[str]:
    """Console commands for the boxes that `elements` leaves out, one for each block."""
    return [
        setblock(box.block, (x, y, z), lift)
        for box in boxes
        if attributes(box.block) is None
        for y in range(box.y0, box.y1 + 1)
        for x in range(box.x0, box.x1 + 1)
        for z in range(box.z0, box.z1 + 1)
    ]
