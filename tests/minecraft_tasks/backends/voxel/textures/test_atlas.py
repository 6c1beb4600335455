"""Textures: complete, deterministic, and told apart by eye and by numbers."""

from __future__ import annotations

import hashlib
from itertools import combinations

import numpy as np
import pytest

from minecraft_tasks.backends.voxel.textures.atlas import (
    FACES,
    RECIPES,
    UNDERSIDES,
    texture,
    textures,
)
from minecraft_tasks.blocks.palette import PALETTE, block_id
from minecraft_tasks.core.errors import UnknownNameError

NORTH, SOUTH, WEST, EAST, TOP, BOTTOM = range(6)
FIRST = 20
"""Blocks that the first version's locked levels and published results show."""


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return textures()


def test_every_face_of_every_block_but_air_is_painted(images: np.ndarray) -> None:
    assert images.shape == (len(PALETTE), len(FACES), 16, 16, 4)
    for block, faces in zip(PALETTE, images, strict=True):
        for face, name in zip(faces, FACES, strict=True):
            bare = not block.boxes or (block.name.startswith("wheat") and name in ("up", "down"))
            assert bool(face[..., 3].any()) is not bare, (block.name, name)


def test_only_cutouts_have_holes_and_a_hole_has_no_colour(images: np.ndarray) -> None:
    assert set(np.unique(images[..., 3])) == {0, 255}
    assert not images[images[..., 3] == 0].any()
    for block, faces in zip(PALETTE, images, strict=True):
        if block.boxes:
            assert bool((faces[..., 3] == 0).any()) is block.cutout, block.name


def test_no_recipe_is_unused() -> None:
    used = set(UNDERSIDES.values())
    for block in PALETTE:
        used |= {block.texture, block.top, block.front, *block.materials}
        used |= {recipe.removeprefix("~") for _, recipe in block.faces}
    assert set(RECIPES) == used - {""}


def test_grass_is_green_above_and_earth_below(images: np.ndarray) -> None:
    grass = images[block_id("grass"), ..., :3].astype(int)
    assert (grass[TOP, ..., 1] > grass[TOP, ..., 0]).all()
    assert (grass[:4, 0, :, 1] > grass[:4, 0, :, 0]).all()
    assert (grass[:4, -1, :, 0] > grass[:4, -1, :, 1]).all()
    assert (grass[BOTTOM] == texture("dirt")[..., :3]).all()


def test_recipes_differ_in_hue_or_in_structure() -> None:
    """Mean colours lie apart, or the pixels do (stone bricks and cobblestone are both grey)."""
    images = {name: texture(name)[..., :3].astype(float) for name in RECIPES}
    for a, b in combinations(images, 2):
        hue = np.linalg.norm(images[a].mean(axis=(0, 1)) - images[b].mean(axis=(0, 1)))
        structure = np.abs(images[a] - images[b]).mean()
        assert hue > 15.0 or structure > 10.0, (a, b, hue, structure)


def test_the_first_blocks_look_as_they_did(images: np.ndarray) -> None:
    """Frames, and so trained agents, depend on these bytes: side, top and bottom, no opacity."""
    old = images[:FIRST, [NORTH, TOP, BOTTOM], ..., :3]
    assert hashlib.sha256(old.tobytes()).hexdigest()[:16] == "cb9054c28e0e4fb7"
    for side in (SOUTH, WEST, EAST):
        assert (images[:FIRST, side] == images[:FIRST, NORTH]).all()
    assert (images[1:FIRST, ..., 3] == 255).all()


@pytest.mark.parametrize(
    "pattern", ["chest_{}", "furnace_{}", "torch_{}", "lever_{}_on", "oak_door_lower_{}"]
)
def test_looks_turn_with_the_facing(images: np.ndarray, pattern: str) -> None:
    """What north shows on its north side, east shows on its east side, and so on round."""
    way = (("north", NORTH), ("east", EAST), ("south", SOUTH), ("west", WEST))
    north = images[block_id(pattern.format("north"))]
    for turns, (facing, _) in enumerate(way):
        block = images[block_id(pattern.format(facing))]
        for place in range(4):
            assert (block[way[(place + turns) % 4][1]] == north[way[place][1]]).all(), facing


def test_a_chest_shows_its_latch_where_it_faces(images: np.ndarray) -> None:
    chest = images[block_id("chest_west")]
    assert (chest[WEST][5:9, 7:9] == texture("latch")[5:9, 7:9]).all()
    assert (chest[WEST][9:] == texture("chest_front")[9:]).all()
    assert (chest[EAST] == texture("chest_side")).all()
    assert (chest[NORTH][5:9, 15:] == texture("latch")[5:9, 15:]).all()


def test_a_nearer_box_is_painted_over_a_farther_one(images: np.ndarray) -> None:
    stick, base = texture("stick"), texture("cobblestone")
    lever = images[block_id("lever_north")]
    assert (lever[NORTH][:6, 7:9] == stick[:6, 7:9]).all()
    assert (lever[NORTH][4:12, 5:7] == base[4:12, 5:7]).all()
    assert (lever[SOUTH][4:12, 5:11] == base[4:12, 5:11]).all()


def test_a_torch_burns_above_its_stick(images: np.ndarray) -> None:
    torch = images[block_id("torch"), NORTH, :, 7:9, :3].astype(int).sum(axis=-1)
    assert torch[6:8].min() > torch[8:].max() + 150


def test_a_doors_handle_is_one_place_seen_from_both_sides(images: np.ndarray) -> None:
    """Away from the hinge: east of a closed door to the north, north of it once open."""
    handle = texture("oak_door_lower")[0, 14]
    assert handle[:3].astype(int).sum() < 200
    closed, opened = (images[block_id(f"oak_door_lower_north{end}")] for end in ("", "_open"))
    assert (closed[SOUTH][0, 14] == handle).all()
    assert (closed[NORTH][0, 1] == handle).all()
    assert (opened[EAST][0, 14] == handle).all()
    assert (opened[WEST][0, 1] == handle).all()


def test_a_pane_is_seen_through_from_the_front_and_not_at_its_rim(images: np.ndarray) -> None:
    pane = images[block_id("glass_pane_ns")]
    for side in (WEST, EAST):
        assert (pane[side][1:15, 1:15, 3] == 0).mean() > 0.8
    for side in (NORTH, SOUTH, TOP, BOTTOM):
        assert (pane[side][..., 3] == 255).all()


def test_an_unknown_recipe_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"'grass_tip'.*'grass_top'"):
        texture("grass_tip")
