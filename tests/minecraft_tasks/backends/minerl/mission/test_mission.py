"""Levels as missions: few boxes that redraw them, and XML that Malmo's own schemas accept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from lxml import etree

from falsebeacon.main import main
from minecraft_tasks.backends.minerl.connection import Connection, RefusedMission
from minecraft_tasks.backends.minerl.machine.home import Home
from minecraft_tasks.backends.minerl.mission.beams import cleared, hidden
from minecraft_tasks.backends.minerl.mission.cuboids import Cuboid, decompose
from minecraft_tasks.backends.minerl.mission.drawing import attributes, elements, setblock
from minecraft_tasks.backends.minerl.mission.mission import LIFT, mission, refuse
from minecraft_tasks.backends.minerl.worker import lint
from minecraft_tasks.blocks.palette import AIR, PALETTE, block_id
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.locked import locked_bank, locked_seeds
from minecraft_tasks.tasks import TASKS
from tests.standin import probe

GRASS, BRICKS, TORCH = (block_id(name) for name in ("grass", "bricks", "torch_north"))
"""A floor, a wall, and something that hangs on one."""


@pytest.fixture(scope="module")
def client(minerl: Home) -> Iterator[Connection]:
    """The real client; no Minecraft is needed to check a mission."""
    made = Connection(minerl, "the client")
    yield made
    made.close()


def complaints(client: Connection, made: dict[str, Any]) -> list[str]:
    return client.ask({"op": "check", "mission": made}, 60.0)["complaints"]


def small(**changes: Any) -> dict[str, Any]:
    """A mission of a small floor, with some of its parts exchanged."""
    blocks = np.zeros((4, 4, 4), np.uint8)
    blocks[:, 0] = GRASS
    made = mission(blocks, np.array([2.5, 1.0, 2.5, 0.0, 0.0]), 6000, 0)
    assert not changes.keys() - made.keys()
    return {**made, **changes}


def redraw(boxes: list[Cuboid], shape: tuple[int, int, int]) -> np.ndarray:
    """uint8[X, Y, Z] as it looks when the boxes were drawn into air, in their order."""
    blocks = np.full(shape, AIR, np.uint8)
    for box in boxes:
        blocks[box.x0 : box.x1 + 1, box.y0 : box.y1 + 1, box.z0 : box.z1 + 1] = box.block
    return blocks


@given(
    arrays(
        np.uint8,
        st.tuples(st.integers(1, 7), st.integers(1, 5), st.integers(1, 7)),
        elements=st.sampled_from([0, 0, GRASS, BRICKS, TORCH]),
    )
)
@settings(max_examples=150, deadline=None)
def test_boxes_redraw_the_blocks(blocks: np.ndarray) -> None:
    boxes = decompose(blocks)
    np.testing.assert_array_equal(redraw(boxes, blocks.shape), blocks)
    assert len(boxes) <= np.count_nonzero(blocks)


def test_what_hangs_is_drawn_after_all_that_it_can_hang_on() -> None:
    blocks = np.zeros((9, 4, 3), np.uint8)
    blocks[:, 1, 1] = TORCH
    blocks[:, 0, :] = GRASS
    blocks[0, 1, 2] = BRICKS
    drawn = [box.block for box in decompose(blocks)]
    assert drawn.index(TORCH) == len(drawn) - 1


@pytest.mark.parametrize("side", [24, 2 * 24 + 1], ids=["24 x 24 blocks", "24 x 24 cells"])
@pytest.mark.parametrize("seed", range(4))
def test_a_maze_takes_400_elements_at_most(side: int, seed: int) -> None:
    """Walls are one block thick, which is the finest that there is."""
    walls = carved(side, np.random.default_rng(seed))
    blocks = np.zeros((side, 6, side), np.uint8)
    blocks[:, 0] = GRASS
    blocks[:, 1:4][np.broadcast_to(walls[:, None], (side, 3, side))] = BRICKS
    boxes = decompose(blocks)
    np.testing.assert_array_equal(redraw(boxes, blocks.shape), blocks)
    assert len(boxes) <= 400


def carved(side: int, rng: np.random.Generator) -> np.ndarray:
    """Walls bool[side, side] of a perfect maze, by a walk that goes back where it is stuck."""
    walls, stack = np.ones((side, side), bool), [(1, 1)]
    walls[1, 1] = False
    while stack:
        x, z = stack[-1]
        steps = [
            (dx, dz)
            for dx, dz in ((2, 0), (-2, 0), (0, 2), (0, -2))
            if 0 < x + dx < side - 1 and 0 < z + dz < side - 1 and walls[x + dx, z + dz]
        ]
        if not steps:
            stack.pop()
            continue
        dx, dz = steps[rng.integers(len(steps))]
        walls[x + dx // 2, z + dz // 2] = walls[x + dx, z + dz] = False
        stack.append((x + dx, z + dz))
    return walls


@pytest.mark.parametrize("name", TASKS)
def test_the_schemas_accept_levels_of_every_split(
    name: str, minerl: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tasks", name, "--missions", "--levels", "2"]) == 0
    said = capsys.readouterr().out
    splits = [*locked_seeds(TASKS[name]).splits, "train"]
    for split in splits:
        assert re.search(rf"^  {split} .* 2 of 2 accepted$", said, re.MULTILINE), split
    assert f"all {2 * len(splits)} levels are accepted" in said


@pytest.mark.parametrize("name", TASKS)
def test_boxes_redraw_locked_levels(name: str) -> None:
    bank = locked_bank(TASKS[name], tuple(locked_seeds(TASKS[name]).splits), 2)
    for blocks in bank.blocks:
        np.testing.assert_array_equal(redraw(decompose(blocks), blocks.shape), blocks)


def test_the_schemas_accept_every_block_of_the_palette(client: Connection) -> None:
    drawn = [Cuboid(block, 0, 4, 0, 1, 5, 2) for block in range(1, len(PALETTE))]
    assert complaints(client, small(drawing=elements(drawn, LIFT))) == []


def test_a_block_is_drawn_by_one_colour_face_or_variant_or_set_by_the_console() -> None:
    told = {block.name: attributes(index) for index, block in enumerate(PALETTE)}
    assert told["red_wool"] == {"type": "wool", "colour": "RED"}
    assert told["hedge"] == {"type": "leaves", "variant": "spruce"}
    assert told["stone_bricks"] == {"type": "stonebrick"}
    assert told["furnace_west"] == {"type": "furnace", "face": "WEST"}
    assert told["oak_slab_top"] is None
    assert setblock(block_id("oak_slab_top"), (1, 2, 3), LIFT) == (
        "/setblock 1 5 3 wooden_slab half=top,variant=oak"
    )
    assert setblock(block_id("red_wool"), (0, 0, 0), LIFT) == "/setblock 0 3 0 wool color=red"
    assert setblock(block_id("oak_fence_nswe"), (0, 0, 0), LIFT) == "/setblock 0 3 0 fence 0"


@pytest.mark.parametrize(
    ("drawing", "said"),
    [
        ('<DrawCuboid x1="0" y1="4" z1="0" x2="1" y2="4" z2="1" type="concrete"/>', "'concrete'"),
        ('<DrawBlock x="0.5" y="4" z="0" type="stone"/>', "'0.5' is not a valid value"),
        ("", "Missing child element"),
        ('<DrawBlock x="0" y="4" z="0" type="stone" colour="RED"/>', "stone has no colour"),
        ('<DrawBlock x="0" y="4" z="0" type="stone" face="EAST"/>', "stone has no facing"),
        ('<DrawBlock x="0" y="4" z="0" type="log" variant="acacia"/>', "log has no variant acacia"),
        ('<DrawBlock x="0" y="256" z="0" type="stone"/>', "blocks from 0 to 255"),
        ('<DrawBlock x="0" y="4" z="0" type="wool" colour="LIGHT_GRAY"/>', "'LIGHT_GRAY'"),
    ],
)
def test_what_minecraft_would_not_draw_as_it_says_is_complained_of(
    client: Connection, drawing: str, said: str
) -> None:
    found = complaints(client, small(drawing=drawing))
    assert any(said in complaint for complaint in found), found


def test_two_drawings_are_complained_of_though_the_schemas_take_them(minerl: Home) -> None:
    drawing = '<DrawBlock x="0" y="4" z="0" type="stone"/>'
    handler = f"<DrawingDecorator>{drawing}</DrawingDecorator>"
    once = probe.mission(drawing=drawing).decode()
    assert once.count(handler) == 1
    twice = etree.fromstring(once.replace(handler, 2 * handler).encode())
    said = lint.complaints(twice, minerl.malmo / "Schemas")
    assert "DrawingDecorator: 2 of them; exactly one is kept" in said


def test_a_mission_that_minecraft_would_refuse_is_never_sent(client: Connection) -> None:
    client.attach(1)
    bad = '<DrawBlock x="0" y="4" z="0" type="concrete"/>'
    with pytest.raises(RefusedMission, match="'concrete'"):
        client.ask({"op": "begin", "mission": small(drawing=bad)}, 60.0)


def test_levels_that_minecraft_cannot_show_are_refused_by_name() -> None:
    spec = TASKS["BeaconShrine"].spec
    lamps = np.full((1, 2, 2, 2), block_id("redstone_lamp_lit"), np.uint8)
    with pytest.raises(FalseBeaconError, match=r"BeaconShrine cannot run.*redstone_lamp_lit"):
        refuse(spec, lamps)
    with pytest.raises(FalseBeaconError, match="254 blocks tall"):
        refuse(spec, np.zeros((1, 1, 254, 1), np.uint8))
    refuse(spec, np.zeros((1, 1, 253, 1), np.uint8))


def test_a_level_stands_on_minecrafts_ground_with_its_hour_and_seed() -> None:
    made = small()
    assert made["spawn"] == [2.5, 1.0 + LIFT, 2.5, 0.0, 0.0]
    assert made["grid"] == [[0, LIFT, 0], [3, LIFT + 3, 3]]
    assert made["names"][:16] == ["grass"] * 16
    assert set(made["names"][16:]) == {"air"}
    assert (made["time"], made["seed"]) == (6000, 1)


def _lifted(box: Cuboid) -> Cuboid:
    return box._replace(y0=box.y0 + LIFT, y1=box.y1 + LIFT)


def beacon_level() -> np.ndarray:
    """A beacon on a block of iron, as it stands in levels."""
    blocks = np.zeros((7, 6, 7), np.uint8)
    blocks[:, 0] = GRASS
    blocks[3, 1, 4], blocks[3, 2, 4] = block_id("iron_block"), block_id("beacon")
    return blocks


def test_beneath_a_beacon_another_is_hidden_whose_beam_gets_out() -> None:
    blocks = beacon_level()
    below = redraw([_lifted(box) for box in hidden(blocks)], (7, LIFT, 7))
    assert (below == block_id("iron_block")).sum() == 9
    assert (below[2:5, 1, 3:6] == block_id("iron_block")).all()
    assert below[3, 2, 4] == block_id("beacon")
    over = cleared(blocks)[3, :, 4]
    assert [PALETTE[block].name for block in over] == ["bedrock", "bedrock", "beacon", *["air"] * 3]
    assert (cleared(blocks) != blocks).sum() == 2


def test_beams_are_waited_for_and_can_be_left_out(client: Connection) -> None:
    spawn = np.array([1.5, 1.0, 1.5, 0.0, 0.0])
    shining, dull = (
        mission(beacon_level(), spawn, 6000, 0, beams=beams) for beams in (True, False)
    )
    assert shining["drawing"].count('type="beacon"') == 2
    assert "bedrock" in shining["names"]
    assert shining["warm_up"] > 120
    assert dull["drawing"].count('type="beacon"') == 1
    assert "bedrock" not in dull["names"]
    assert dull["warm_up"] < 10
    assert complaints(client, shining) == complaints(client, dull) == []
