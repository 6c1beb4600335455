"""Blocks that are no cubes, and figures: where they are seen, and what is seen through them."""

from __future__ import annotations

import numpy as np
import pytest

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.backends.voxel.scene.scene import FIGURE_ID
from minecraft_tasks.blocks.figures import FIGURES, figure_id
from minecraft_tasks.blocks.palette import AIR, PALETTE, SKY_ID, block_id
from minecraft_tasks.worlds.world import NOON
from tests.support.scenes import EAST, NORTH, SOUTH, WEST, engine, seen, world

MEADOW = """
    .....
    .....
    .....
    .....
    .....
    .....
"""
EYE = 1.62


def before(name: str, layer: int = 1, behind: str = "") -> np.ndarray:
    """Ids seen to the north from (2.5, 5.5): a block at (2, 2), and a wall behind it at z = 0."""
    blocks = world(MEADOW)
    blocks[2, layer, 2] = block_id(name)
    if behind:
        blocks[:, 1:, 0] = block_id(behind)
    return seen(blocks, 2.5, 5.5, NORTH)


def rows_and_columns(x0: float, x1: float, y0: float, y1: float, depth: float) -> tuple:
    """The part of a picture of 64 x 64 that a rectangle fills which faces a level gaze.

    Args:
        x0, x1: From left to right of the eye, in blocks.
        y0, y1: From below to above the floor.
        depth: How far it is.
    """
    scale = 32 / np.tan(np.radians(35.0)) / depth
    top, bottom = (int(np.ceil(31.5 + (1.0 + EYE - y) * scale)) for y in (y1, y0))
    left, right = (int(np.ceil(31.5 + x * scale)) for x in (x0, x1))
    return slice(max(top, 0), max(bottom, 0)), slice(max(left, 0), max(right, 0))


@pytest.mark.parametrize(
    ("name", "box"),
    [
        ("red_carpet", (0, 16, 0, 1, 16)),
        ("oak_slab", (0, 16, 0, 8, 16)),
        ("stone_brick_slab_top", (0, 16, 8, 16, 16)),
        ("torch", (7, 9, 0, 10, 9)),
        ("chest_north", (1, 15, 0, 14, 15)),
        ("oak_door_lower_south", (0, 16, 0, 16, 3)),
        ("oak_door_lower_south_open", (13, 16, 0, 16, 16)),
        ("oak_door_lower_north", (0, 16, 0, 16, 16)),
        ("oak_door_lower_north_open", (0, 3, 0, 16, 16)),
        ("oak_fence", (6, 10, 0, 16, 10)),
    ],
)  # fmt: skip
def test_a_block_is_seen_where_its_box_is(name: str, box: tuple[float, ...]) -> None:
    """Its south side fills what it should: x0, x1, y0, y1 and z in sixteenths."""
    x0, x1, y0, y1, z = (value / 16 for value in box)
    image = before(name) == block_id(name)
    place = rows_and_columns(x0 - 0.5, x1 - 0.5, 1 + y0, 1 + y1, 3.5 - z)
    assert image[place].size > 0
    assert image[place].all()
    rows, columns = np.nonzero(image)
    assert rows.max() + 1 == place[0].stop
    # What is nearer to the middle of the picture may be its top or its inner side.
    assert columns.max() + 1 == place[1].stop or x1 < 0.5
    assert columns.min() == place[1].start or x0 > 0.5


@pytest.mark.parametrize("name", ["lever", "lever_on", "lever_south", "lever_south_on", "wheat",
                                  "tripwire_hook_south", "oak_stairs_east", "apple"])  # fmt: skip
def test_a_block_is_seen_within_its_cell_and_around_it(name: str) -> None:
    image = before(name)
    rows, columns = np.nonzero(image == block_id(name))
    whole = rows_and_columns(-0.5, 0.5, 1.0, 2.0, 2.5)
    assert len(rows) > 20
    assert columns.min() >= whole[1].start
    assert columns.max() < whole[1].stop
    hole = image[whole] != block_id(name)
    assert hole.mean() > 0.1
    assert set(np.unique(image)) <= {block_id("grass"), block_id(name), SKY_ID}


def test_a_lever_leans_the_other_way_once_switched() -> None:
    off, on = (
        np.nonzero(before(name) == block_id(name))[0] for name in ("lever_south", "lever_south_on")
    )
    assert off.min() < on.min()
    assert off.max() < on.max() - 2


def test_one_sees_through_a_pane_but_not_through_its_frame() -> None:
    pane, wall = block_id("glass_pane_we"), block_id("bricks")
    image = before("glass_pane_we", 2, behind="bricks")
    rows, columns = rows_and_columns(-0.5, 0.5, 2.0, 3.0, 3.0 - 1 / 16)
    part = image[rows, columns]
    frame = np.ones(part.shape, bool)
    frame[1:-1, 1:-1] = False
    assert (part[frame] == pane).mean() > 0.8
    assert (part[~frame] == wall).mean() > 0.8


@pytest.mark.parametrize("name", ["glass", "oak_door_upper_south", "red_door_upper_west_open"])
def test_what_has_windows_is_seen_through(name: str) -> None:
    image = before(name, 2, behind="bricks")
    place = rows_and_columns(-0.45, 0.45, 2.05, 2.95, 2.5)
    assert {block_id(name), block_id("bricks")} <= set(np.unique(image[place]))


def test_a_closed_lower_door_hides_the_room() -> None:
    plan = """
        ..R..
        .....
        ##.##
        .....
        .....
    """
    hidden = {}
    for suffix in ("", "_open"):
        blocks = world(plan)
        blocks[2, 3, 2] = block_id("bricks")
        for half, layer in (("lower", 1), ("upper", 2)):
            blocks[2, layer, 2] = block_id(f"oak_door_{half}_north{suffix}")
        image = seen(blocks, 2.5, 4.5, NORTH)
        hidden[suffix] = (image == block_id("red_wool")).sum()
    assert 0 < hidden[""] < 0.5 * hidden["_open"]


@pytest.mark.parametrize("pitch", [0.0, 20.0])
def test_every_block_but_air_is_seen(pitch: float) -> None:
    backend = engine(world(MEADOW), [(2.5, 1.0, 4.5, NORTH, pitch)])
    for index, block in enumerate(PALETTE):
        backend.blocks[0, 2, 1, 2] = index
        backend.refresh(np.zeros(1, np.int64))
        assert (index in ids(backend)) or index == AIR, block.name


def stage(figures: int = 1, plan: str = MEADOW) -> VoxelBackend:
    """Seen from (2.5, 5.5) to the north."""
    return engine(world(plan), [(2.5, 1.0, 5.5, NORTH, 0.0)], NOON, figures)


def ids(backend: VoxelBackend) -> np.ndarray:
    out = np.empty((1, 64, 64), np.uint8)
    backend.ids(out)
    return out[0]


@pytest.mark.parametrize("kind", range(len(FIGURES)), ids=[figure.name for figure in FIGURES])
@pytest.mark.parametrize("pitch", [0.0, 12.0])
def test_a_figure_is_as_tall_as_it_is(kind: int, pitch: float) -> None:
    backend = stage()
    backend.pitch[:] = pitch
    assert FIGURE_ID not in ids(backend)
    backend.stand(0, 0, kind, (2.5, 1.0, 2.5, 0.0))
    rows, columns = np.nonzero(ids(backend) == FIGURE_ID)
    assert 28 < columns.mean() < 35
    if pitch == 0.0:
        scale = 32 / np.tan(np.radians(35.0)) / 3.0
        tall = (rows.max() + 1 - rows.min()) / scale
        assert 0.9 * FIGURES[kind].height < tall < 1.35 * FIGURES[kind].height + 0.1
    assert rows.max() < 63


def test_a_figure_moves_when_it_is_moved_and_goes_when_it_is_taken_away() -> None:
    backend = stage()
    places = []
    for x in (1.5, 2.5, 3.5):
        backend.stand(0, 0, figure_id("pig"), (x, 1.0, 2.5, 0.0))
        places.append(np.nonzero(ids(backend) == FIGURE_ID)[1].mean())
    assert places[0] + 8 < places[1] < places[2] - 8
    backend.stand(0, 0, figure_id("pig"), (2.5, 2.0, 2.5, 0.0))
    higher = np.nonzero(ids(backend) == FIGURE_ID)[0].max()
    backend.stand(0, 0, figure_id("pig"), (2.5, 1.0, 2.5, 0.0))
    assert higher < np.nonzero(ids(backend) == FIGURE_ID)[0].max() - 8
    backend.stand(0, 0, -1, (2.5, 1.0, 2.5, 0.0))
    assert FIGURE_ID not in ids(backend)


def test_a_figure_turns_with_its_yaw() -> None:
    """Yaw 0 looks south, into our eyes; a cow is longer than wide, its head to the front."""
    backend = stage()
    wide, head = {}, {}
    for yaw in (SOUTH, WEST, NORTH, EAST):
        backend.stand(0, 0, figure_id("cow"), (2.5, 1.0, 2.5, yaw))
        rows, columns = np.nonzero(ids(backend) == FIGURE_ID)
        wide[yaw] = columns.max() - columns.min()
        head[yaw] = columns[rows == rows.min()].mean()
    assert min(wide[WEST], wide[EAST]) > 1.2 * max(wide[NORTH], wide[SOUTH])
    assert head[WEST] < 28
    assert head[EAST] > 35


def test_a_villager_shows_its_face_to_the_front() -> None:
    backend = stage()
    white = {}
    for yaw in (SOUTH, NORTH):
        backend.stand(0, 0, figure_id("villager_red"), (2.5, 1.0, 4.0, yaw))
        image = backend.draw(0, (2.5, 1.0, 5.5), NORTH, 0.0, 64, 64)[22:38, 24:40]
        white[yaw] = (image.min(axis=-1) > 150).sum()
    assert white[SOUTH] >= 4, "the whites of its eyes"
    assert white[NORTH] == 0


def test_a_wall_hides_a_figure_and_a_figure_hides_a_wall() -> None:
    plan = """
        .....
        .....
        #####
        .....
        .....
        .....
    """
    backend = stage(plan=plan)
    without = ids(backend)
    backend.stand(0, 0, figure_id("villager_blue"), (2.5, 1.0, 1.5, 0.0))
    assert (ids(backend) == without).all()
    backend.stand(0, 0, figure_id("villager_blue"), (2.5, 1.0, 3.5, 0.0))
    with_it = ids(backend)
    assert (with_it == FIGURE_ID).sum() > 100
    assert (with_it[with_it != FIGURE_ID] == without[with_it != FIGURE_ID]).all()


def test_the_nearer_figure_is_seen() -> None:
    backend = stage(figures=2)
    for near, far in ((0, 1), (1, 0)):
        backend.stand(0, near, figure_id("villager_red"), (2.5, 1.0, 3.5, 0.0))
        backend.stand(0, far, figure_id("villager_blue"), (2.5, 1.0, 2.0, 0.0))
        image = backend.draw(0, (2.5, 1.0, 5.5), NORTH, 0.0, 64, 64).astype(int)
        body = image[38:44, 30:34].mean(axis=(0, 1))
        assert body[0] > 2 * body[2]


def test_placing_a_level_clears_its_figures() -> None:
    backend = stage()
    backend.stand(0, 0, 0, (2.5, 1.0, 3.5, 0.0))
    spawn = np.array([(2.5, 1.0, 5.5, NORTH, 0.0)])
    backend.place(np.zeros(1, np.int64), backend.blocks.copy(), spawn, np.array([NOON]))
    assert FIGURE_ID not in ids(backend)


def test_figures_stand_in_the_light_of_their_cell() -> None:
    """In a closed room a figure is as dark as the room."""
    backend = stage()
    backend.stand(0, 0, 0, (2.5, 1.0, 3.5, 0.0))
    bright = backend.draw(0, (2.5, 1.0, 5.5), NORTH, 0.0, 64, 64)[30:44, 31:33].mean()
    backend.blocks[0, :, -1] = block_id("stone")
    backend.blocks[0, [0, -1]] = backend.blocks[0, :, :, [0, -1]] = block_id("stone")
    backend.refresh(np.zeros(1, np.int64))
    dark = backend.draw(0, (2.5, 1.0, 4.9), NORTH, 0.0, 64, 64)[30:44, 31:33].mean()
    assert dark < 0.1 * bright
