"""Light: Minecraft's levels, how bright they are, and its smooth corners."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from minecraft_tasks.backends.voxel.scene import light
from minecraft_tasks.backends.voxel.scene.scene import NORTH as NORTH_FACE
from minecraft_tasks.backends.voxel.scene.scene import TOP
from minecraft_tasks.blocks.palette import PALETTE, block_id
from minecraft_tasks.worlds.world import NOON, SUNRISE
from tests.support.scenes import NORTH, engine, random_world

MIDNIGHT = 18000
FULL = 255

LETTERS = {
    ".": "air",
    "#": "stone",
    "t": "torch",
    "g": "glowstone",
    "l": "oak_leaves",
    "o": "glass",
    "w": "water",
}


def slab(plan: str) -> np.ndarray:
    """One layer of a plan between two of stone: x runs right, z runs down."""
    rows = plan.split()
    blocks = np.full((len(rows[0]), 3, len(rows)), block_id("stone"), np.uint8)
    for z, row in enumerate(rows):
        for x, letter in enumerate(row):
            blocks[x, 1, z] = block_id(LETTERS[letter])
    return blocks


def upright(plan: str) -> np.ndarray:
    """A section of a plan between two of stone: x runs right, y runs up."""
    return slab(plan).swapaxes(1, 2)[:, ::-1].copy()


def baked(blocks: np.ndarray, time: int = NOON) -> np.ndarray:
    """Brightness uint8[X, Y, Z] of every cell."""
    return engine(blocks, [(0, 0, 0, 0, 0)], time).scene.light[0]


@njit(cache=True)
def _brightness(sky, block, day):
    return light.brightness(sky, block, day)


def shown(sky: int, block: int, day: float = 1.0) -> int:
    """Brightness of a cell by its levels."""
    return int(_brightness(sky, block, day) + 0.5)


LAMPS = [shown(0, level) for level in range(16)]
"""Brightness of block light without any light of the sky."""


def levels(blocks: np.ndarray) -> list[str]:
    """The middle layer's levels of block light in hexadecimal; ``*`` for more than one."""
    rows = []
    for z in range(blocks.shape[2]):
        found = [
            [level for level in range(16) if LAMPS[level] == value]
            for value in baked(blocks)[:, 1, z]
        ]
        rows.append("".join(f"{one[0]:x}" if len(one) == 1 else "*" for one in found))
    return rows


def test_brightness_is_that_of_minecraft_1_11() -> None:
    """The lightmap at the lowest gamma, without its tint: (0.96 x + 0.03) / 0.99 of full."""
    for sky, block, day in product(range(16), range(16), (0.2, 0.6, 1.0)):
        by_sky, by_block = (level / 15 / ((1 - level / 15) * 3 + 1) for level in (sky, block))
        both = min(by_sky * (day * 0.95 + 0.05) + by_block * 1.5, 1.0)
        assert shown(sky, block, day) == int(255 * (0.96 * both + 0.03) / 0.99 + 0.5)


@pytest.mark.parametrize("other", [0, 7, 15])
@pytest.mark.parametrize("day", [0.2, 1.0])
def test_more_light_is_never_darker(other: int, day: float) -> None:
    by_sky = [shown(level, other, day) for level in range(16)]
    by_block = [shown(other, level, day) for level in range(16)]
    assert by_sky == sorted(by_sky)
    assert by_block == sorted(by_block)
    assert [shown(15, 0, hour / 10) for hour in range(2, 11)] == sorted(
        shown(15, 0, hour / 10) for hour in range(2, 11)
    )


def test_day_is_bright_and_night_is_not_black() -> None:
    assert light.daylight(NOON) == 1.0
    assert light.daylight(MIDNIGHT) == pytest.approx(0.2)
    assert 0.2 < light.daylight(SUNRISE) < 1.0
    morning = [light.daylight(time) for time in range(-1500, NOON, 100)]
    assert morning == sorted(morning)
    evening = [light.daylight(NOON + away) for away in range(0, 7000, 100)]
    assert evening == pytest.approx([light.daylight(NOON - away) for away in range(0, 7000, 100)])
    assert (light.sky_brightness(NOON), light.sky_brightness(MIDNIGHT)) == (256, 0)


def test_open_sky_is_full_daylight() -> None:
    blocks = np.zeros((4, 5, 4), np.uint8)
    blocks[:, 0] = block_id("grass")
    assert (baked(blocks)[:, 1:] == FULL).all()
    assert (baked(blocks, MIDNIGHT)[:, 1:] == shown(15, 0, 0.2)).all()


def test_a_sealed_room_is_dark_but_not_black() -> None:
    room = baked(slab("##### #...# #...# #####"))
    assert (room[1:4, 1, 1:3] == shown(0, 0)).all()
    assert 0 < shown(0, 0) < 12


def test_a_torch_fades_by_one_level_a_block() -> None:
    plan = "#################### t.................## ####################"
    assert levels(slab(plan))[1] == "*dcba9876543210000" + "00"


def test_a_glowstone_is_one_brighter_than_a_torch() -> None:
    dark = "##################"
    torch = levels(slab(f"{dark} .......t.......## {dark}"))[1]
    glowstone = levels(slab(f"{dark} .......g........# {dark}"))[1]
    assert torch[:5] == "789ab"
    assert glowstone[:5] == "89abc"


def test_light_goes_round_corners_by_the_length_of_the_way() -> None:
    """Behind the wall it is as dark as the way there is long, not as the crow flies."""
    plan = """
        ##########
        #........#
        #.######.#
        #.#t...#.#
        #.####.#.#
        #......#.#
        ##########
    """
    found = levels(slab(plan))
    assert found[3][3:7] == "*dcb"
    assert (found[5][6], found[5][5], found[5][4]) == ("9", "8", "7")
    assert [found[z][1] for z in (5, 4, 3, 2, 1)] == ["4", "3", "2", "1", "0"]


def test_light_does_not_pass_cubes_and_passes_glass() -> None:
    assert levels(slab("####### t..#..# #######"))[1][4:6] == "00"
    assert levels(slab("####### t..o..# #######"))[1][4:6] == "a9"


def test_what_dims_light() -> None:
    """Leaves take one level of the sky's light, water three."""
    plan = """
        #...#
        #lwo#
        #lwo#
        #...#
        #####
    """
    deep = upright(plan)
    columns = np.full((7, 5, 3), block_id("stone"), np.uint8)
    columns[[1, 3, 5]] = deep[[1, 2, 3]]
    columns[[1, 3, 5], :, 0::2] = block_id("stone")
    bright = baked(columns)[:, ::-1, 1]
    assert [*bright[1, 1:4]] == [shown(level, 0) for level in (14, 13, 12)]
    assert [*bright[3, 1:4]] == [shown(level, 0) for level in (12, 9, 8)]
    assert [*bright[5, 1:4]] == [FULL] * 3


def test_sunlight_spreads_below_a_roof() -> None:
    plan = """
        .......
        .######
        ......#
        #######
    """
    bright = baked(upright(plan))[:, 1, 1]
    assert [*bright[:6]] == [shown(15 - x, 0) for x in range(6)]


def test_a_lamp_added_or_taken_away_changes_the_frame() -> None:
    blocks = slab("####### #.....# #.....# #.....# #######")
    backend = engine(blocks, [(3.5, 0.3, 3.5, NORTH, 0.0)])
    frames = []
    for name in ("air", "glowstone", "air"):
        backend.blocks[0, 3, 1, 1] = block_id(name)
        backend.refresh(np.zeros(1, np.int64))
        out = np.empty((1, 64, 64, 3), np.uint8)
        backend.frames(out)
        frames.append(out[0])
    assert (frames[0] == frames[2]).all()
    assert frames[1].mean() > 5 * frames[0].mean()
    backend.blocks[0, 3, 1, 1] = block_id("glowstone")
    backend.frames(out)
    assert not (out[0] == frames[1]).all(), "who changes blocks calls refresh"


def corners(blocks: np.ndarray, time: int = NOON) -> np.ndarray:
    """Brightness uint8[X + 1, Z + 1] of the floor's corners, where the floor is layer 0."""
    across, _, deep = blocks.shape
    return engine(blocks, [(0, 0, 0, 0, 0)], time).scene.corners[0, 1, : across + 1, 2, : deep + 1]


def floor_with(*cells: tuple[int, int], name: str = "stone") -> np.ndarray:
    """A floor of 6 x 6 with blocks on it at those (x, z)."""
    blocks = np.zeros((6, 4, 6), np.uint8)
    blocks[:, 0] = block_id("grass")
    for x, z in cells:
        blocks[x, 1, z] = block_id(name)
    return blocks


def share(opened: int) -> int:
    """Brightness of a corner with so many open cells of four, each opaque one counting 0.2."""
    return int(FULL * (opened + 0.2 * (4 - opened)) / 4 + 0.5)


def test_an_open_floor_is_lit_evenly() -> None:
    assert (corners(floor_with()) == FULL).all()


def test_a_corner_is_darker_the_more_blocks_meet_there() -> None:
    found = corners(floor_with((2, 2)))
    assert found[2, 2] == found[3, 2] == found[2, 3] == found[3, 3] == share(3)
    assert found[1, 2] == found[4, 4] == FULL
    assert corners(floor_with((2, 2), (2, 3)))[2, 3] == share(2)
    assert corners(floor_with((2, 2), (2, 3), (3, 2)))[3, 3] == share(1)
    assert share(1) < share(2) < share(3) < FULL


def test_two_blocks_that_meet_at_an_edge_hide_what_is_behind() -> None:
    """Minecraft takes the cell beyond two opaque neighbours as opaque."""
    assert corners(floor_with((2, 2), (3, 3)))[3, 3] == share(1)
    assert corners(floor_with((2, 3), (3, 2)))[3, 3] == share(1)


def test_shapes_that_are_no_cubes_cast_no_shade() -> None:
    assert (corners(floor_with((2, 2), name="oak_slab")) == FULL).all()
    assert (corners(floor_with((2, 2), name="glass")) == FULL).all()


def test_a_wall_is_darker_where_it_meets_the_floor() -> None:
    blocks = floor_with(*((x, 1) for x in range(6)))
    blocks[:, 2, 1] = block_id("stone")
    image = engine(blocks, [(0, 0, 0, 0, 0)]).draw(0, (3.5, 0.4, 5.5), NORTH, 0, 64, 64)
    texels = engine(blocks, [(0, 0, 0, 0, 0)]).look.atlas[block_id("stone"), NORTH_FACE]
    below, above = image[38:40, 30:34].mean(), image[26:30, 30:34].mean()
    assert 0.9 * texels.min() * (share(2) / FULL) < below < 0.85 * above


@pytest.mark.parametrize("name", ["glowstone", "redstone_lamp_lit", "beacon"])
@pytest.mark.parametrize("time", [NOON, MIDNIGHT])
def test_what_shines_is_lit_by_itself(name: str, time: int) -> None:
    """In a corner and at night it shows its own colours on every side."""
    blocks = floor_with((2, 1), (4, 1))
    blocks[3, 1, 1] = block_id(name)
    backend = engine(blocks, [(0, 0, 0, 0, 0)], time)
    own = {tuple(texel) for texel in backend.look.atlas[block_id(name), TOP].reshape(-1, 3)}
    image = backend.draw(0, (3.5, 0.1, 4.0), NORTH, 0, 64, 64)[28:36, 28:36].reshape(-1, 3)
    assert {tuple(pixel) for pixel in image} <= own


def reference(blocks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Levels int[X, Y, Z] of sky and block light, by relaxing until nothing changes."""
    takes = np.array([max(block.light_filter, 1) for block in PALETTE])[blocks]
    clear = np.array([block.light_filter == 0 for block in PALETTE])[blocks]
    open_sky = np.logical_and.accumulate(clear[:, ::-1], axis=1)[:, ::-1]
    sky = np.where(open_sky, 15, 0)
    sky[:, -1] = np.maximum(sky[:, -1], 15 - takes[:, -1])
    sources = sky, np.array([block.light for block in PALETTE])[blocks]
    found = []
    for source in sources:
        level, before = source.copy(), None
        while before is None or (level != before).any():
            before = level.copy()
            for axis in range(3):
                for step in (1, -1):
                    near = np.roll(np.pad(before, 1), step, axis)[1:-1, 1:-1, 1:-1]
                    level = np.maximum(level, near - takes)
        found.append(np.maximum(level, source))
    return found[0], found[1]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([NOON, SUNRISE, MIDNIGHT]), st.booleans())
def test_baked_light_is_that_of_a_plain_relaxation(seed: int, time: int, dense: bool) -> None:
    rng = np.random.default_rng(seed)
    shape = tuple(int(side) for side in rng.integers(1, 11, 3))
    blocks = random_world(rng, shape)
    if dense:
        kinds = rng.choice(len(PALETTE), 6)
        blocks = np.where(rng.random(shape) < 0.5, rng.choice(kinds, shape), 0).astype(np.uint8)
    sky, block = reference(blocks)
    day = light.daylight(time)
    expected = [
        shown(a, b, day) for a, b in zip(sky.ravel().tolist(), block.ravel().tolist(), strict=True)
    ]
    assert (baked(blocks, time).ravel() == expected).all()


def visible_faces(cubes: np.ndarray) -> Iterator[tuple[int, int, tuple[int, int, int]]]:
    """(axis, side, cell) of the faces of full blocks before which there is a cell that is none."""
    for cell in np.ndindex(*cubes.shape):
        for axis, side in product(range(3), (-1, 1)):
            front = list(cell)
            front[axis] += side
            inside = 0 <= front[axis] < cubes.shape[axis]
            if cubes[cell] and inside and not cubes[tuple(front)]:
                yield axis, side, (cell[0], cell[1], cell[2])


def corner_reference(bright: np.ndarray, cubes: np.ndarray, axis: int, point: list[int]) -> int:
    """Brightness of a corner before a face.

    Args:
        bright: Brightness of the cells.
        cubes: Which of them are full blocks.
        axis: Of the face.
        point: Layer of the cells in front on that axis, and the corner on the two others.
    """
    ways = [(0,) if i == axis else (-1, 0) for i in range(3)]
    around = [tuple(np.add(point, step)) for step in product(*ways)]
    inside = [all(0 <= a < b for a, b in zip(cell, cubes.shape, strict=True)) for cell in around]
    opened = [there and not cubes[cell] for cell, there in zip(around, inside, strict=True)]
    values = [int(bright[cell]) for cell, free in zip(around, opened, strict=True) if free]
    count = 1 if all(inside) and opened in ([1, 0, 0, 1], [0, 1, 1, 0]) else sum(opened)
    return int(np.mean(values) * (count + 0.2 * (sum(inside) - count)) / sum(inside) + 0.5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 3, 8, 64]))
def test_every_corner_that_shows_is_as_bright_as_the_cells_around_it(seed: int, tall: int) -> None:
    rng = np.random.default_rng(seed)
    blocks = random_world(rng, (int(rng.integers(1, 5)), tall, int(rng.integers(1, 5))))
    scene = engine(blocks, [(0, 0, 0, 0, 0)]).scene
    cubes = np.array([block.is_cube for block in PALETTE])[blocks]
    for axis, side, cell in visible_faces(cubes):
        for offset in product((0, 1), repeat=2):
            point = list(np.add(cell, np.insert(offset, axis, side)).tolist())
            stored = [at + 1 if i == axis else at for i, at in enumerate(point)]
            found = int(scene.corners[(0, axis, *stored)])
            wanted = corner_reference(scene.light[0], cubes, axis, point)
            assert abs(found - wanted) <= 1, (axis, side, cell, offset)
