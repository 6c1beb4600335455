"""What is seen where, in worlds that are drawn as plans."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minecraft_tasks.backends.voxel.scene import sky
from minecraft_tasks.backends.voxel.scene.scene import EAST as EAST_FACE
from minecraft_tasks.backends.voxel.scene.scene import NORTH as NORTH_FACE
from minecraft_tasks.backends.voxel.scene.scene import TOP
from minecraft_tasks.blocks.palette import BEAM_ID, SKY_ID, SUN_ID, block_id
from minecraft_tasks.worlds.world import NOON, SUNRISE, SUNSET, sun_direction
from tests.support.scenes import EAST, NORTH, SOUTH, WEST, engine, seen, world

OPEN = """
    .......
    .......
    ...R...
    .......
    .......
    .......
    .......
"""


def test_a_block_straight_ahead_fills_the_centre() -> None:
    image = seen(world(OPEN), 3.5, 5.5, NORTH)
    red = image == block_id("red_wool")
    rows, columns = np.nonzero(red)
    assert red[28:36, 28:36].all()
    # The face stands at a depth of 2.5: 1 wide, from 1 below to 0.38 above the eye's 1.62.
    scale = 32 / math.tan(math.radians(35)) / 2.5
    assert columns.max() - columns.min() + 1 == pytest.approx(scale, abs=1)
    assert rows.min() == pytest.approx(32 - 0.38 * scale, abs=1)
    assert rows.max() == pytest.approx(32 + 1.62 * scale, abs=1)
    assert set(np.unique(image)) == {block_id("grass"), block_id("red_wool"), SKY_ID}


@pytest.mark.parametrize("yaw", [SOUTH, WEST, EAST])
def test_it_is_not_behind_nor_beside(yaw: float) -> None:
    assert block_id("red_wool") not in seen(world(OPEN), 3.5, 5.5, yaw)


def test_left_is_left() -> None:
    columns = np.nonzero(seen(world(OPEN), 4.5, 5.5, NORTH) == block_id("red_wool"))[1]
    assert columns.max() < 32


def test_faces_are_shaded_as_minecrafts() -> None:
    backend = engine(world(OPEN), [(0, 0, 0, 0, 0)])
    atlas, red = backend.look.atlas.astype(float), block_id("red_wool")
    full = atlas[red, TOP].mean()
    assert atlas[red, NORTH_FACE].mean() / full == pytest.approx(0.8, abs=0.01)
    assert atlas[red, EAST_FACE].mean() / full == pytest.approx(0.6, abs=0.01)
    north = backend.draw(0, (3.5, 1, 0.5), SOUTH, 0, 64, 64)[32, 32]
    east = backend.draw(0, (5.5, 1, 2.5), WEST, 0, 64, 64)[32, 32]
    assert any(
        (north == texel).all() for texel in backend.look.atlas[red, NORTH_FACE].reshape(-1, 3)
    )
    assert any((east == texel).all() for texel in backend.look.atlas[red, EAST_FACE].reshape(-1, 3))


def test_glowstone_has_no_shade() -> None:
    atlas = engine(world(OPEN), [(0, 0, 0, 0, 0)]).look.atlas[block_id("glowstone")]
    assert (atlas == atlas[:1]).all()


def test_grass_is_green_at_its_upper_edge() -> None:
    blocks = world("... ... ...")
    blocks[1, 1, 0] = block_id("grass")
    image = engine(blocks, [(0, 0, 0, 0, 0)]).draw(0, (1.5, 1, 2.5), NORTH, 0, 64, 64)
    hem, earth = image[53, 32].astype(int), image[62, 32].astype(int)
    assert hem[1] > hem[0]
    assert earth[0] > earth[1]


def test_a_slab_is_half_as_high() -> None:
    plan = "... {} ... ... ..."
    slab = seen(world(plan.format("._.")), 1.5, 4.5, NORTH) == block_id("stone_brick_slab")
    cube = seen(world(plan.format(".r.")), 1.5, 4.5, NORTH) == block_id("red_wool")
    assert cube[:, 32].sum() > slab[:, 32].sum() > 0
    behind = seen(world("..r ._. ... ..."), 2.2, 3.5, 170.0)
    assert block_id("red_wool") in behind, "seen over the slab"


WALLED = """
    ###########
    #....B....#
    ###########
    #.........#
    #.........#
    #.........#
    #.........#
    #.........#
    ###########
"""


def test_a_beam_shows_over_a_wall() -> None:
    image = seen(world(WALLED), 5.5, 7.5, NORTH)
    assert block_id("beacon") not in image
    rows, columns = np.nonzero(image == BEAM_ID)
    assert rows.min() == 0, "it reaches the sky, higher than the array"
    assert 30 < columns.mean() < 33
    assert (image[rows.max() + 1, 30:33] == block_id("bricks")).all()


def test_anything_above_a_beacon_stops_its_beam() -> None:
    """As in Minecraft, but that there glass lets it through."""
    for name in ("bricks", "oak_slab", "red_carpet", "glass"):
        blocks = world(WALLED)
        blocks[5, 4, 1] = block_id(name)
        assert BEAM_ID not in seen(blocks, 5.5, 7.5, NORTH), name
    blocks[5, 4, 1] = block_id("beacon")
    rows, _ = np.nonzero(seen(blocks, 5.5, 7.5, NORTH) == BEAM_ID)
    assert len(rows), "the upper one has its own"


def test_nothing_is_below_a_beam_but_its_beacon() -> None:
    image = seen(world("... .B. ... ... ..."), 1.5, 4.5, NORTH)
    column = image[:, 32]
    last = np.flatnonzero(column == BEAM_ID).max()
    assert column[last + 1] == block_id("beacon")


@pytest.mark.parametrize(("time", "yaw"), [(SUNRISE, EAST), (SUNSET, WEST)])
def test_the_sun_stands_where_its_time_says(time: int, yaw: float) -> None:
    rows, columns = np.nonzero(seen(world(OPEN), 3.5, 3.5, yaw, time) == SUN_ID)
    x, y, _ = sun_direction(time)
    height = 32 - y / abs(x) * 32 / math.tan(math.radians(35))
    assert rows.mean() + 0.5 == pytest.approx(height, abs=1)
    assert columns.mean() + 0.5 == pytest.approx(32, abs=0.5)
    assert SUN_ID not in seen(world(OPEN), 3.5, 3.5, -yaw, time)


def test_a_wall_hides_the_sun() -> None:
    plan = "...... ....#. ....#. ....#. ......"
    assert SUN_ID not in seen(world(plan), 3.4, 2.5, EAST, SUNRISE)


def test_the_sky_is_palest_at_the_horizon() -> None:
    image = engine(world("."), [(-3.0, 1.0, 0.5, WEST, 0.0)])
    out = np.empty((1, 64, 64, 3), np.uint8)
    image.frames(out)
    blueness = out[0, :, 32, 2].astype(int) - out[0, :, 32, 0]
    assert (np.diff(blueness[:32]) <= 0).all()
    assert tuple(out[0, 40, 32]) == sky.HORIZON


def test_the_sky_darkens_at_night() -> None:
    hours = (NOON, 11500, 12500, 13500, 18000)
    skies = [
        engine(world("."), [(-3, 1, 0.5, WEST, 0)], time).draw(0, (-3, 1, 0.5), SOUTH, 0, 9, 9)
        for time in hours
    ]
    blue = [int(image[..., 2].max()) for image in skies]
    assert blue == sorted(blue, reverse=True)
    assert blue[0] == blue[1] == 255
    assert 0 < blue[2] < 255
    assert blue[-1] == 0


@pytest.mark.parametrize("pitch", [0.0, 3.0])
def test_there_is_no_fog(pitch: float) -> None:
    """A wall shows the same few colours from near and from afar, and no others."""
    wall = np.zeros((60, 12, 60), np.uint8)
    wall[:, :, -1] = block_id("yellow_wool")
    backend = engine(wall, [(0, 0, 0, 0, 0)])
    colours = []
    for z in (1.5, 40.5, 57.5):
        image = backend.draw(0, (30.5, 6.5, z), SOUTH, pitch, 65, 65)[30:35, 20:45]
        colours.append({tuple(pixel) for pixel in image.reshape(-1, 3)})
    face = backend.look.atlas[block_id("yellow_wool"), NORTH_FACE].reshape(-1, 3)
    assert all(seen <= {tuple(texel) for texel in face} for seen in colours)
    means = [np.mean(list(seen), axis=0) for seen in colours]
    assert np.ptp(means, axis=0).max() < 12


def test_larger_pictures_show_the_same_scene() -> None:
    backend = engine(world(WALLED), [(5.5, 1, 4.5, NORTH, 0)], SUNRISE)
    small = backend.draw(0, (5.5, 1, 4.5), 150.0, 0, 64, 64)
    large = backend.draw(0, (5.5, 1, 4.5), 150.0, 0, 192, 192)
    assert (small == large[1::3, 1::3]).all()
    wide = backend.draw(0, (5.5, 1, 4.5), 150.0, 0, 64, 96)
    assert (small == wide[:, 16:80]).all()


@pytest.mark.parametrize("feet", [(math.nan, 1, 1), (math.inf, 1, 1), (1e300, 1, 1)])
@pytest.mark.parametrize("pitch", [0.0, 15.0])
def test_a_pose_out_of_this_world_sees_only_sky(feet: tuple[float, ...], pitch: float) -> None:
    backend = engine(world(OPEN), [(0, 0, 0, 0, 0)])
    image = backend.draw(0, feet, -90.0, pitch, 32, 32)
    assert (image[..., 2] == 255).sum() + (image[..., 2] > 244).sum() >= image[..., 2].size
