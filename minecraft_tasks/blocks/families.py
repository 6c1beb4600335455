"""Blocks that come in colours, directions, halves or connections.

Our names end in the colour, direction, half or connection: ``oak_door_upper_east_open``,
``lever_north_on``, ``glass_pane_ns``. The order of every family is part of the palette.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from minecraft_tasks.blocks import shapes
from minecraft_tasks.blocks.block import Block
from minecraft_tasks.blocks.shapes import DIRECTIONS, Boxes
from minecraft_tasks.core.errors import lookup

_COLOURS = (
    "white", "orange", "magenta", "light_blue", "yellow", "lime", "pink", "gray",
    "silver", "cyan", "purple", "blue", "brown", "green", "red", "black",
)  # fmt: skip
"""Minecraft 1.11's colours in the order of its data values."""

FRUITS = {"apple": "RED", "lime_apple": "LIME", "gray_apple": "GRAY", "yellow_apple": "YELLOW"}
"""Colour of the block that stands for a fruit in Minecraft."""

_LEFT = {"north": "west", "west": "south", "south": "east", "east": "north"}

_COMPASS = {direction: index for index, direction in enumerate(DIRECTIONS)}


def wools(without: Collection[str]) -> Iterator[Block]:
    """Wool in Minecraft's colours except some."""
    for colour in _COLOURS:
        if colour not in without:
            yield Block(f"{colour}_wool", "wool", colour.upper(), texture=f"{colour}_wool")


def carpets() -> Iterator[Block]:
    """Carpet in Minecraft's colours; brown stands for dirt on a floor."""
    for colour in _COLOURS:
        yield Block(
            f"{colour}_carpet", "carpet", colour.upper(), shapes.CARPET, texture=f"{colour}_wool"
        )


def torches() -> Iterator[Block]:
    """A torch on the floor, and on the wall behind each direction."""
    stick, flame = "stick", "torch_flame"
    yield Block(
        "torch", "torch", "", shapes.TORCH, solid=(), properties=(("facing", "up"),),
        texture=stick, materials=(stick, flame), light=14,
    )  # fmt: skip
    for facing in DIRECTIONS:
        yield Block(
            f"torch_{facing}", "torch", "", shapes.turned(shapes.WALL_TORCH, facing), solid=(),
            facing=facing, properties=(("facing", facing),),
            texture=stick, materials=(stick, stick, flame), light=14,
        )  # fmt: skip


def wheat(name: str, boxes: Boxes, age: int) -> Block:
    """A crop, which a body walks through."""
    return Block(
        name, "wheat", "", boxes, solid=(), properties=(("age", str(age)),),
        texture=name, top="clear", cutout=True,
    )  # fmt: skip


def slabs() -> Iterator[Block]:
    """Upper and lower slabs, except the lower one of stone bricks, which has an earlier id."""
    kinds = (
        ("stone_brick_slab", "stone_slab", "stone_brick", "stone_bricks"),
        ("cobblestone_slab", "stone_slab", "cobblestone", "cobblestone"),
        ("oak_slab", "wooden_slab", "oak", "oak_planks"),
    )
    halves = (("", "bottom", shapes.LOWER_HALF), ("_top", "top", shapes.UPPER_HALF))
    for name, minecraft, state, texture in kinds:
        for suffix, half, boxes in halves:
            if name + suffix != "stone_brick_slab":
                yield Block(
                    name + suffix, minecraft, state, boxes,
                    properties=(("half", half),), texture=texture,
                )  # fmt: skip


def furnaces() -> Iterator[Block]:
    """A furnace with its mouth in each direction."""
    for facing in DIRECTIONS:
        yield Block(
            f"furnace_{facing}", "furnace", facing=facing, properties=(("facing", facing),),
            texture="furnace_side", top="furnace_top", front="furnace_front",
        )  # fmt: skip


def chests() -> Iterator[Block]:
    """A chest with its latch in each direction."""
    for facing in DIRECTIONS:
        boxes = shapes.turned(shapes.CHEST, facing)
        yield Block(
            f"chest_{facing}", "chest", "", boxes, solid=boxes[:1],
            facing=facing, properties=(("facing", facing),),
            texture="chest_side", top="chest_top", front="chest_front", materials=("", "latch"),
        )  # fmt: skip


def levers() -> Iterator[Block]:
    """A lever on the floor, and on the wall behind each direction, off and on."""
    for facing in ("", *DIRECTIONS):
        for suffix, powered in (("", "false"), ("_on", "true")):
            boxes = shapes.lever(on=bool(suffix), wall=bool(facing))
            yield Block(
                f"lever{'_' * bool(facing)}{facing}{suffix}", "lever", "",
                shapes.turned(boxes, facing or "north"), solid=(), facing=facing,
                properties=(("facing", facing or "up_z"), ("powered", powered)),
                texture="cobblestone", materials=("", *["stick"] * (len(boxes) - 1)),
            )  # fmt: skip


def hooks() -> Iterator[Block]:
    """A tripwire hook on the wall behind each direction; it stands for a key."""
    for facing in DIRECTIONS:
        yield Block(
            f"tripwire_hook_{facing}", "tripwire_hook", "", shapes.turned(shapes.HOOK, facing),
            solid=(), facing=facing, properties=(("facing", facing),),
            texture="oak_planks", materials=("", "stick", "hook_ring"),
        )  # fmt: skip


def doors(name: str, minecraft: str) -> Iterator[Block]:
    """Both halves of a door in each direction, closed and open, hinge on the left.

    Minecraft has no painted doors: acacia stands for red, dark oak for blue.
    """
    for half in ("lower", "upper"):
        for facing in DIRECTIONS:
            for suffix, is_open in (("", False), ("_open", True)):
                texture = f"{name}_{half}"
                yield Block(
                    f"{name}_{half}_{facing}{suffix}", minecraft, "", shapes.door(facing, is_open),
                    facing=facing,
                    properties=(
                        ("half", half), ("facing", facing), ("hinge", "left"),
                        ("open", str(is_open).lower()),
                    ),
                    texture=texture, top=f"{name}_edge",
                    faces=((_LEFT[facing] if is_open else facing, "~" + texture),),
                    cutout=half == "upper",
                )  # fmt: skip


def panes() -> Iterator[Block]:
    """Glass panes in their 16 connections; the ends of straight ones show the rim."""
    for sides in connections():
        ends = []
        if not {"west", "east"} & set(sides):
            ends += ["north", "south"]
        if not {"north", "south"} & set(sides):
            ends += ["west", "east"]
        yield Block(
            connected_name("glass_pane", sides), "glass_pane", "", shapes.pane(sides),
            properties=tuple((side, "true") for side in sides),
            texture="glass", top="glass_rim", faces=tuple((end, "glass_rim") for end in ends),
            cutout=bool(sides),
        )  # fmt: skip


def fences() -> Iterator[Block]:
    """Oak fences in their 16 connections."""
    for sides in connections():
        yield Block(
            connected_name("oak_fence", sides), "fence", "", shapes.fence(sides),
            solid=shapes.fence_solid(sides), properties=tuple((side, "true") for side in sides),
            texture="oak_planks",
        )  # fmt: skip


def stairs_blocks() -> Iterator[Block]:
    """Oak stairs that rise in each direction."""
    for facing in DIRECTIONS:
        yield Block(
            f"oak_stairs_{facing}", "oak_stairs", "", shapes.stairs_boxes(facing), facing=facing,
            properties=(("facing", facing), ("half", "bottom")), texture="oak_planks",
        )  # fmt: skip


def fruits(boxes: Boxes) -> Iterator[Block]:
    """Balls with a stem, as solid as the cube of stained clay that stands for them."""
    for name, colour in FRUITS.items():
        yield Block(
            name, "stained_hardened_clay", colour, boxes, solid=shapes.FULL_CUBE,
            texture=name, materials=("", "", "", "stick"),
        )  # fmt: skip


def connections() -> Iterator[tuple[str, ...]]:
    """The 16 sets of sides that a fence or pane reaches to."""
    for bits in range(16):
        yield tuple(side for index, side in enumerate(DIRECTIONS) if bits >> index & 1)


def connected_name(name: str, sides: Iterable[str]) -> str:
    """Our name of a fence or pane that reaches to those sides, such as ``oak_fence_ns``."""
    order = sorted({lookup("side", side, _COMPASS) for side in sides})
    letters = "".join(DIRECTIONS[index][0] for index in order)
    return f"{name}_{letters}" if letters else name
