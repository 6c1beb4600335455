"""Plans of levels: colours one can check, north at the top."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.pictures.maps import extent, level_map, sun_side, terrain
from evaluation.style.palette import candidate_colours, rgb
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.worlds import layout
from minecraft_tasks.worlds.world import NOON, SUNRISE, SUNSET

SHAPE = (6, 8, 4)


def cell(picture: np.ndarray, x: int, z: int, scale: int = 16) -> np.ndarray:
    """Mean colour of one block, float[3]."""
    return picture[z * scale : (z + 1) * scale, x * scale : (x + 1) * scale].mean(axis=(0, 1))


def test_blocks_show_in_their_own_colour_where_they_stand() -> None:
    blocks = layout.ground(SHAPE)
    layout.column(blocks, 4, 1, "gold_block")
    layout.column(blocks, 1, 2, "red_wool")
    picture = terrain(blocks)
    assert picture.shape == (4 * 16, 6 * 16, 3)
    red, green, blue = cell(picture, 1, 2)
    assert red > 2 * max(green, blue)
    red, green, blue = cell(picture, 4, 1)
    assert min(red, green) > 1.5 * blue
    red, green, blue = cell(picture, 0, 0)
    assert green > 1.2 * red > 1.2 * blue


def test_a_crown_does_not_hide_what_stands_under_it() -> None:
    blocks = layout.ground(SHAPE)
    layout.column(blocks, 2, 1, "red_wool")
    bare = cell(terrain(blocks), 2, 1)
    layout.column(blocks, 2, 1, "oak_leaves", base=3)
    under = cell(terrain(blocks), 2, 1)
    assert under[0] > 1.4 * under[1]
    assert not np.allclose(bare, under)


def test_what_floats_above_the_ceiling_is_left_out() -> None:
    blocks = layout.ground(SHAPE)
    open_ground = terrain(blocks)
    layout.column(blocks, 2, 1, "stone_bricks", base=5)
    np.testing.assert_array_equal(terrain(blocks), open_ground)


def test_extent_holds_everything_that_stands_and_every_site() -> None:
    blocks = layout.ground((10, 8, 12))
    nowhere = np.full((2, 6), np.nan)
    layout.column(blocks, 3, 4, "bricks")
    layout.column(blocks, 9, 6, "bricks")
    assert extent(blocks, nowhere) == (2, 10, 3, 8)
    sites = nowhere.copy()
    sites[1] = (4.0, 0.0, 8.5, 6.0, 8.0, 9.5)
    assert extent(blocks, sites) == (2, 10, 3, 11)
    assert extent(layout.ground(SHAPE), nowhere) == (0, 6, 0, 4)


@pytest.mark.parametrize(
    ("time", "side"), [(SUNRISE, "east"), (NOON, "overhead"), (SUNSET, "west")]
)
def test_the_sun_stands_where_it_should(time: int, side: str) -> None:
    assert sun_side(time) == side


def test_sites_are_outlined_in_their_candidates_colours() -> None:
    found = task("BeaconShrine")
    bank = seeded_bank(found, "conflict/altar-beacon", [0])
    picture = level_map(bank, 0, found, scale=16)
    colours = candidate_colours(found.spec.candidate_names)
    for name in ("altar", "beacon"):
        x0, _, _, x1, _, z1 = bank.sites[0, found.spec.candidate(name)]
        middle = picture[int(z1 * 16), int((x0 + x1) / 2 * 16)]
        assert tuple(middle) == rgb(colours[name])
    absent = rgb(colours["post"])
    assert not (picture == absent).all(axis=2).any()
