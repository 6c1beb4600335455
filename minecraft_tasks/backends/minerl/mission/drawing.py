"""How each block of the palette is put into Minecraft: drawn by the mission, or by the console.

A mission draws a block by its type and at most one of each of colour, face and variant. Blocks that
take more to tell apart (a stone-brick slab in the upper half, an open door) are set by
``/setblock`` once the mission runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from minecraft_tasks.backends.minerl.mission.cuboids import Cuboid
from minecraft_tasks.blocks.block import Block
from minecraft_tasks.blocks.palette import PALETTE

PLAIN = {"stonebrick": "stonebrick", "stone": "stone", "sand": "sand", "sandstone": "sandstone"}
"""States that a block has when nothing is said of it; the schemas have no name for some."""

_COLOURED = frozenset(("wool", "carpet", "stained_hardened_clay"))
"""Blocks of ours whose state is a colour."""

CONNECTED = frozenset(("fence", "glass_pane"))
"""Blocks whose properties Minecraft works out from their neighbours."""

UNSTEADY = {"redstone_lamp_lit": "it goes out as soon as it is placed without power"}
"""Blocks of ours that Minecraft does not leave as they are, and why."""

DEFAULTS = {
    ("stone_slab", "half"): "bottom",
    ("wooden_slab", "half"): "bottom",
    ("oak_stairs", "half"): "bottom",
    ("hay_block", "axis"): "y",
    ("torch", "facing"): "up",
}
"""Values that a block has when nothing is said of them."""


@lru_cache(maxsize=256)
def attributes(block: int) -> dict[str, str] | None:
    """Attributes of the element that draws a block, its coordinates aside.

    Args:
        block: Palette id.

    Returns:
        ``type`` and what else it takes; None where a mission cannot draw the block.
    """
    kind = PALETTE[block]
    drawn = {"type": kind.minecraft}
    if kind.state and kind.state != PLAIN.get(kind.minecraft):
        drawn["colour" if kind.minecraft in _COLOURED else "variant"] = kind.state
    for name, value in _told(kind):
        key = "face" if name == "facing" else "variant"
        if key in drawn or (key == "variant" and name != "half") or value == "up_z":
            return None
        drawn[key] = value.upper() if key == "face" else value
    return drawn


def _told(kind: Block) -> list[tuple[str, str]]:
    """The properties that Minecraft would not give the block by itself."""
    if kind.minecraft in CONNECTED:
        return []
    return [
        (name, value)
        for name, value in kind.properties
        if DEFAULTS.get((kind.minecraft, name)) != value
    ]


def elements(boxes: Iterable[Cuboid], lift: int) -> str:
    """The drawing of boxes whose blocks a mission can draw, `lift` blocks higher.

    Single blocks are drawn as cuboids too: MineRL sorts elements by their names, and so would draw
    kinds of elements one after the other, whatever their order.

    Args:
        boxes: In drawing order.
        lift: Added to every y.

    Returns:
        XML elements, in that order; boxes of other blocks are left out.
    """
    drawn = []
    for box in boxes:
        told = attributes(box.block)
        if told is None:
            continue
        where = {
            "x1": box.x0, "y1": box.y0 + lift, "z1": box.z0,
            "x2": box.x1, "y2": box.y1 + lift, "z2": box.z1,
        }  # fmt: skip
        text = " ".join(f'{key}="{value}"' for key, value in {**where, **told}.items())
        drawn.append(f"<DrawCuboid {text}/>")
    return "".join(drawn)


def setblock(block: int, cell: tuple[int, int, int], lift: int) -> str:
    """The console command that puts a block into a cell, `lift` blocks higher."""
    kind = PALETTE[block]
    state = [(name, value) for name, value in kind.properties if kind.minecraft not in CONNECTED]
    if kind.state:
        colour = kind.minecraft in _COLOURED
        state.append(("color" if colour else _state_name(kind), kind.state.lower()))
    told = ",".join(f"{name}={value}" for name, value in state) or "0"
    x, y, z = cell
    return f"/setblock {x} {y + lift} {z} {kind.minecraft} {told}"


def _state_name(kind: Block) -> str:
    return "type" if kind.minecraft == "sandstone" else "variant"


def commands(boxes: Iterable[Cuboid], lift: int) -> list[str]:
    """Console commands for the boxes that `elements` leaves out, a block each."""
    return [
        setblock(box.block, (x, y, z), lift)
        for box in boxes
        if attributes(box.block) is None
        for y in range(box.y0, box.y1 + 1)
        for x in range(box.x0, box.x1 + 1)
        for z in range(box.z0, box.z1 + 1)
    ]
