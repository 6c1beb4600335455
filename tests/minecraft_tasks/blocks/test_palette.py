"""The palette: stable ids, Minecraft's names, Minecraft's shapes, and families that turn."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import numpy as np
import pytest

from minecraft_tasks.blocks.block import Block
from minecraft_tasks.blocks.palette import PALETTE, block_id, box_table, collision_table, connected
from minecraft_tasks.blocks.shapes import FULL_CUBE, Box
from minecraft_tasks.core.errors import UnknownNameError

MINECRAFT = {
    "acacia_door", "air", "beacon", "bookshelf", "brick_block", "carpet", "chest", "clay",
    "cobblestone", "crafting_table", "dark_oak_door", "dirt", "farmland", "fence", "furnace",
    "glass", "glass_pane", "glowstone", "gold_block", "grass", "grass_path", "gravel",
    "hardened_clay", "hay_block", "iron_block", "leaves", "lever", "lit_redstone_lamp", "log",
    "mossy_cobblestone", "noteblock", "oak_stairs", "obsidian", "planks", "redstone_lamp",
    "sand", "sandstone", "snow", "stained_hardened_clay", "stone", "stone_slab", "stonebrick",
    "bedrock", "torch", "tripwire_hook", "water", "wheat", "wooden_door", "wooden_slab", "wool",
}  # fmt: skip
"""Names of Minecraft 1.11's registry (no ``oak_fence``, ``note_block`` or ``oak_door`` yet)."""

COLOURS = {
    "WHITE", "ORANGE", "MAGENTA", "LIGHT_BLUE", "YELLOW", "LIME", "PINK", "GRAY", "SILVER",
    "CYAN", "PURPLE", "BLUE", "BROWN", "GREEN", "RED", "BLACK",
}  # fmt: skip

VALUES = {
    "facing": {"north", "south", "west", "east", "up", "up_z"},
    "half": {"lower", "upper", "bottom", "top"},
    "hinge": {"left"},
    "open": {"true", "false"},
    "powered": {"true", "false"},
    "axis": {"y"},
    "age": {"2", "7"},
    **{side: {"true"} for side in ("north", "south", "west", "east")},
}
"""Block-state properties of Minecraft 1.11 and those of their values that we use."""

TURNING = (
    "torch_{}", "furnace_{}", "chest_{}", "lever_{}", "lever_{}_on", "tripwire_hook_{}",
    "oak_door_lower_{}", "oak_door_upper_{}_open", "red_door_lower_{}_open", "oak_stairs_{}",
)  # fmt: skip


def named(name: str) -> Block:
    return PALETTE[block_id(name)]


def sixteenths(boxes: tuple[Box, ...]) -> list[tuple[float, ...]]:
    return [tuple(edge * 16 for edge in box) for box in boxes]


def test_ids_are_stable_and_leave_room_for_the_sky() -> None:
    names = [block.name for block in PALETTE]
    assert len(set(names)) == len(names) < 250
    assert names[:8] == [
        "air", "grass", "dirt", "gravel", "cobblestone", "mossy_cobblestone", "stone_bricks",
        "stone_brick_slab",
    ]  # fmt: skip
    first = hashlib.sha256(" ".join(names[:189]).encode()).hexdigest()[:16]
    assert first == "50d21997c4377536"


def test_minecraft_knows_every_block() -> None:
    assert {block.minecraft for block in PALETTE} == MINECRAFT
    for block in PALETTE:
        if block.minecraft in ("wool", "carpet", "stained_hardened_clay"):
            assert block.state in COLOURS, block.name
        for key, value in block.properties:
            assert value in VALUES[key], block.name


@pytest.mark.parametrize("kind", ["wool", "carpet"])
def test_wool_and_carpet_come_in_every_colour(kind: str) -> None:
    assert {block.state for block in PALETTE if block.minecraft == kind} == COLOURS


def test_no_two_blocks_are_placed_alike() -> None:
    placed = [(block.minecraft, block.state, block.properties) for block in PALETTE]
    assert len(set(placed)) == len(placed)


def test_what_is_seen_lies_within_the_cell() -> None:
    for block in PALETTE:
        for box in block.boxes:
            low, high = np.array(box[:3]), np.array(box[3:])
            assert (low < high).all(), block.name
            assert (low >= 0.0).all(), block.name
            assert (high <= 1.0).all(), block.name


def test_only_fences_hold_a_body_above_their_cell() -> None:
    for block in PALETTE:
        for box in block.collision:
            assert 0.0 <= box[0] < box[3] <= 1.0, block.name
            assert 0.0 <= box[2] < box[5] <= 1.0, block.name
            assert 0.0 <= box[1] < box[4], block.name
            assert box[4] == 1.5 if block.minecraft == "fence" else box[4] <= 1.0, block.name


@pytest.mark.parametrize(
    ("name", "height"),
    [("red_carpet", 1), ("stone_brick_slab", 8), ("chest_north", 14), ("grass_path", 15),
     ("farmland", 15), ("oak_fence", 24), ("glass_pane", 16), ("oak_door_lower_north", 16)],
)  # fmt: skip
def test_a_body_stands_at_minecrafts_height(name: str, height: float) -> None:
    assert max(box[4] for box in named(name).collision) * 16 == height


def test_a_body_walks_through_what_it_walks_through_in_minecraft() -> None:
    through = {"air", "torch", "lever", "tripwire_hook", "water", "wheat"}
    for block in PALETTE:
        assert (block.collision == ()) is (block.minecraft in through), block.name


@pytest.mark.parametrize("pattern", TURNING)
def test_facings_are_quarter_turns_of_each_other(pattern: str) -> None:
    """Turned right about the middle of the cell, north becomes east, and so on round."""
    way = ("north", "east", "south", "west", "north")
    for before, after in pairwise(way):
        old, new = named(pattern.format(before)), named(pattern.format(after))
        for boxes, turned in ((old.boxes, new.boxes), (old.collision, new.collision)):
            assert sixteenths(turned) == [
                (16 - z1, y0, x0, 16 - z0, y1, x1) for x0, y0, z0, x1, y1, z1 in sixteenths(boxes)
            ]
        assert new.facing == after
        assert ("facing", after) in new.properties


@pytest.mark.parametrize("half", ["lower", "upper"])
@pytest.mark.parametrize(
    ("facing", "closed", "opened"),
    [
        ("north", (0, 0, 13, 16, 16, 16), (0, 0, 0, 3, 16, 16)),
        ("south", (0, 0, 0, 16, 16, 3), (13, 0, 0, 16, 16, 16)),
        ("west", (13, 0, 0, 16, 16, 16), (0, 0, 13, 16, 16, 16)),
        ("east", (0, 0, 0, 3, 16, 16), (0, 0, 0, 16, 16, 3)),
    ],
)
def test_doors_stand_as_minecrafts_do(
    half: str, facing: str, closed: tuple[int, ...], opened: tuple[int, ...]
) -> None:
    """The boxes of 1.11 for a hinge on the left: opening turns the panel by 90 degrees."""
    for kind in ("oak", "red", "blue"):
        assert sixteenths(named(f"{kind}_door_{half}_{facing}").boxes) == [closed]
        assert sixteenths(named(f"{kind}_door_{half}_{facing}_open").boxes) == [opened]


def test_a_lever_leans_up_when_off_and_down_when_on() -> None:
    off, on = (named(name).boxes[1:] for name in ("lever_north", "lever_north_on"))
    assert max(box[4] for box in off) > 0.75 > max(box[4] for box in on)
    assert min(box[1] for box in on) < 0.25 < min(box[1] for box in off)
    south, north = (named(name).boxes[-1] for name in ("lever", "lever_on"))
    assert south[2] > 0.5 > north[5]


@pytest.mark.parametrize("name", ["oak_fence", "glass_pane"])
def test_connections_reach_the_sides_they_name_and_no_others(name: str) -> None:
    edges = {"north": (2, 0.0), "south": (5, 1.0), "west": (0, 0.0), "east": (3, 1.0)}
    for bits in range(16):
        sides = {side for index, side in enumerate(edges) if bits >> index & 1}
        block = PALETTE[connected(name, sides)]
        assert dict(block.properties) == dict.fromkeys(sides, "true")
        for boxes in (block.boxes, block.collision):
            reached = {
                side for side, (axis, at) in edges.items() if any(box[axis] == at for box in boxes)
            }
            assert reached == sides, block.name
            assert any(box[0] < 0.5 < box[3] and box[2] < 0.5 < box[5] for box in boxes)


def test_a_side_that_does_not_exist_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"'nort'.*'north'"):
        connected("oak_fence", ["nort"])


def test_cubes_hide_what_is_behind_them() -> None:
    assert named("stone").is_cube
    assert named("glass").boxes == FULL_CUBE
    assert not named("glass").is_cube
    assert not named("stone_brick_slab").is_cube


@pytest.mark.parametrize(
    ("name", "dims", "glows"),
    [("stone", 15, 0), ("oak_leaves", 1, 0), ("water", 3, 0), ("glass", 0, 0), ("beacon", 0, 15),
     ("oak_slab", 0, 0), ("torch_west", 0, 14), ("glowstone", 15, 15), ("redstone_lamp", 15, 0),
     ("redstone_lamp_lit", 15, 15), ("air", 0, 0)],
)  # fmt: skip
def test_light_is_minecrafts(name: str, dims: int, glows: int) -> None:
    block = named(name)
    assert (block.light_filter, block.light, block.opaque) == (dims, glows, dims == 15)


def test_tables_hold_every_box() -> None:
    for (boxes, counts), part in ((box_table(), "boxes"), (collision_table(), "collision")):
        assert boxes.shape[0] == len(counts) == len(PALETTE)
        for index, block in enumerate(PALETTE):
            count = counts[index]
            assert tuple(map(tuple, boxes[index, :count].tolist())) == getattr(block, part)
            assert not boxes[index, count:].any()
