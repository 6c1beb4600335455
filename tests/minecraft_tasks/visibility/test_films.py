"""What a level shows: a film is told from another by what an agent could tell apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.blocks.palette import block_id
from minecraft_tasks.navigation.pursuit import costs
from minecraft_tasks.tasks import task
from minecraft_tasks.visibility.films import OPENING, film, opening, shown_around
from minecraft_tasks.visibility.footprint import enough, footprint, place_world
from minecraft_tasks.worlds.world import SUNSET, World
from tests.support.plans import world

SPEC = task("BeaconShrine").spec
ROW = "#.......#\n"
LANE = f"""
#########
{2 * ROW}#...@...#
{8 * ROW}#...R...#
{16 * ROW}#########
"""


def filmed(made: World) -> str:
    found = costs(made, 64)
    backend = VoxelBackend(1, made.blocks.shape)
    return film(backend, made, found.paths["post"], found.yaws["post"])


def edited(made: World, x: int, z: int, *names: str) -> World:
    blocks = made.blocks.copy()
    for height, name in enumerate(names):
        blocks[x, 1 + height, z] = block_id(name)
    return replace(made, blocks=blocks)


def test_light_alone_makes_no_other_film() -> None:
    made = world(LANE)
    dusk = replace(made, time=SUNSET)
    backend, frames = VoxelBackend(1, made.blocks.shape), np.zeros((2, 1, 64, 64, 3), np.uint8)
    for each, frame in zip((made, dusk), frames, strict=True):
        place_world(backend, each)
        backend.frames(frame)
    assert (frames[0] != frames[1]).any()
    assert filmed(made) == filmed(dusk)


def test_a_pebble_far_away_makes_no_other_film_and_a_wall_does() -> None:
    made = world(LANE)
    pebble = edited(made, 2, 27, "stone_bricks")
    wall = edited(edited(made, 3, 9, *["bricks"] * 3), 5, 9, *["bricks"] * 3)
    assert filmed(made) == filmed(pebble)
    assert filmed(made) != filmed(wall)


def test_a_film_depends_on_the_way_and_begins_with_its_first_frame() -> None:
    """A wall beside the end of the way is behind the first gaze of neither."""
    made = world(LANE, yaw=180.0)
    hidden = edited(edited(made, 3, 9, *["bricks"] * 3), 5, 9, *["bricks"] * 3)
    one, other = filmed(made), filmed(hidden)
    assert one[:OPENING] == other[:OPENING]
    assert one != other
    backend = VoxelBackend(1, made.blocks.shape)
    place_world(backend, made)
    assert opening(backend) == one[:OPENING]


@pytest.mark.parametrize("yaw", [0.0, 90.0, 180.0])
def test_a_turn_on_the_spot_shows_what_is_behind(yaw: float) -> None:
    made = world(LANE, yaw=yaw)
    backend = VoxelBackend(1, made.blocks.shape)
    assert enough(footprint(SPEC, backend, made)) == (("post",) if yaw == 0.0 else ())
    assert shown_around(SPEC, backend, made) == ("post",)
    walled = edited(made, 4, 8, *["cobblestone"] * 3)
    for x in (3, 5):
        walled = edited(walled, x, 8, *["cobblestone"] * 3)
    assert shown_around(SPEC, backend, walled) == ()
