"""Textures: complete, deterministic, and told apart by eye and by numbers."""

from __future__ import annotations

import hashlib
from itertools import combinations

import numpy as np
import pytest

from minecraft_tasks.backends.voxel.textures import RECIPES, texture, textures
from minecraft_tasks.blocks import PALETTE, block_id
from minecraft_tasks.errors import UnknownNameError


def test_every_block_but_air_is_painted() -> None:
    images = textures()
    assert images.shape == (len(PALETTE), 3, 16, 16, 3)
    painted = images.reshape(len(PALETTE), -1).any(axis=1)
    assert painted.tolist() == [bool(block.boxes) for block in PALETTE]


def test_no_recipe_is_unused() -> None:
    used = {block.texture for block in PALETTE} | {block.top for block in PALETTE}
    assert set(RECIPES) == used - {""}


def test_grass_is_green_above_and_earth_below() -> None:
    side, top, bottom = textures()[block_id("grass")].astype(int)
    assert (top[..., 1] > top[..., 0]).all()
    assert (side[0, :, 1] > side[0, :, 0]).all()
    assert (side[-1, :, 0] > side[-1, :, 1]).all()
    assert (bottom == texture("dirt")).all()


def test_recipes_differ_in_hue_or_in_structure() -> None:
    """Mean colours lie apart, or the pixels do (stone bricks and cobblestone are both grey)."""
    images = {name: texture(name).astype(float) for name in RECIPES}
    for a, b in combinations(images, 2):
        hue = np.linalg.norm(images[a].mean(axis=(0, 1)) - images[b].mean(axis=(0, 1)))
        structure = np.abs(images[a] - images[b]).mean()
        assert hue > 15.0 or structure > 10.0, (a, b, hue, structure)


def test_textures_are_the_same_everywhere() -> None:
    """Frames, and so trained agents, depend on these bytes: a change is a new task version."""
    assert hashlib.sha256(textures().tobytes()).hexdigest()[:16] == "cb9054c28e0e4fb7"


def test_an_unknown_recipe_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"'grass_tip'.*'grass_top'"):
        texture("grass_tip")
