"""Figures: Minecraft's proportions, a front to the south, and looks that tell them apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from minecraft_tasks.backends.voxel.textures.figures import (
    FIGURE_RECIPES,
    figure_texture,
    figure_textures,
)
from minecraft_tasks.blocks.figures import FIGURES, Figure, figure_id, part_table
from minecraft_tasks.core.errors import UnknownNameError

NORTH, SOUTH, WEST, EAST, TOP, BOTTOM = range(6)

HITBOX = {
    "villager": (0.6, 1.95),
    "pig": (0.9, 0.9),
    "cow": (0.9, 1.4),
    "sheep": (0.9, 1.3),
    "chicken": (0.4, 0.7),
}
"""Minecraft 1.11's entity names, with width and height of their hitboxes in blocks."""

SNOUT = {"villager": "villager_nose", "pig": "pig_snout", "cow": "cow_face",
         "sheep": "sheep_face", "chicken": "beak"}  # fmt: skip
"""What reaches farthest to the front."""


@pytest.fixture(params=FIGURES, ids=lambda figure: figure.name)
def figure(request: pytest.FixtureRequest) -> Figure:
    return request.param


def test_it_is_as_tall_as_in_minecraft_and_stands_on_the_ground(figure: Figure) -> None:
    assert (figure.width, figure.height) == HITBOX[figure.minecraft]
    boxes = np.array([part.box for part in figure.parts])
    assert boxes[:, 1].min() == 0.0
    assert boxes[:, 4].max() == pytest.approx(figure.height)
    assert (boxes[:, :3] < boxes[:, 3:]).all()


def test_its_left_mirrors_its_right(figure: Figure) -> None:
    boxes = {tuple(np.round(part.box, 9)) for part in figure.parts}
    assert {(-x1, y0, z0, -x0, y1, z1) for x0, y0, z0, x1, y1, z1 in boxes} == boxes


def test_it_faces_south(figure: Figure) -> None:
    first = max(figure.parts, key=lambda part: part.box[5])
    assert SNOUT[figure.minecraft] in (first.texture, first.front)


def test_eyes_look_south_only(figure: Figure) -> None:
    """Nothing on a head's other sides is as dark as its eyes."""
    index = figure_id(figure.name)
    head = next(i for i, part in enumerate(figure.parts) if part.front.endswith("_face"))
    brightness = figure_textures()[index, head].astype(int).sum(axis=-1)
    assert brightness[SOUTH].min() < 150
    for face in (NORTH, WEST, EAST, TOP, BOTTOM):
        assert brightness[face].min() > brightness[SOUTH].min()


def test_every_part_is_painted_and_no_other() -> None:
    images = figure_textures()
    boxes, counts = part_table()
    assert images.shape == (*boxes.shape[:2], 6, 16, 16, 3)
    for index, figure in enumerate(FIGURES):
        assert counts[index] == len(figure.parts)
        assert [tuple(box) for box in boxes[index, : counts[index]]] == [
            part.box for part in figure.parts
        ]
        assert images[index, : counts[index]].any(axis=(2, 3, 4)).all()
        assert not boxes[index, counts[index] :].any()
        assert not images[index, counts[index] :].any()


@pytest.mark.parametrize("kind", ["villager", "sheep"])
def test_variants_differ_in_cloth_alone_and_clearly(kind: str) -> None:
    variants = [figure for figure in FIGURES if figure.minecraft == kind]
    assert len(variants) >= 3
    for a, b in combinations(variants, 2):
        assert [part.box for part in a.parts] == [part.box for part in b.parts]
        for one, other in zip(a.parts, b.parts, strict=True):
            if one.texture != other.texture:
                hues = [figure_texture(part.texture).mean(axis=(0, 1)) for part in (one, other)]
                assert np.linalg.norm(hues[0] - hues[1]) > 60.0, (a.name, b.name)
        assert any(x.texture != y.texture for x, y in zip(a.parts, b.parts, strict=True))
        assert any(x.texture == y.texture for x, y in zip(a.parts, b.parts, strict=True))


def test_no_recipe_is_unused() -> None:
    parts = [part for figure in FIGURES for part in figure.parts]
    used = {name for part in parts for name in (part.texture, part.front, part.top)}
    assert set(FIGURE_RECIPES) == used - {""}


def test_unknown_figures_and_recipes_are_named() -> None:
    with pytest.raises(UnknownNameError, match=r"'villager_yelow'.*'villager_yellow'"):
        figure_id("villager_yelow")
    with pytest.raises(UnknownNameError, match=r"'pig_fase'.*'pig_face'"):
        figure_texture("pig_fase")
