"""Unshaded 16 x 16 textures of every block's six faces.

Recipes are in `materials`. A block that does not fill its cell shows the part of each texture
that lies at the place of its boxes, as in Minecraft.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from minecraft_tasks.backends.voxel.textures.materials import RECIPES
from minecraft_tasks.backends.voxel.textures.patterns import SIZE, painted
from minecraft_tasks.blocks.block import Block
from minecraft_tasks.blocks.palette import PALETTE
from minecraft_tasks.blocks.shapes import Box
from minecraft_tasks.core.errors import lookup

FACES = ("north", "south", "west", "east", "up", "down")
"""Order of faces: towards -z, +z, -x, +x, top, bottom."""

MIRRORED = "~"
"""Before a recipe's name: the texture from right to left."""

UNDERSIDES = {"grass_top": "dirt", "path_top": "dirt", "farmland_top": "dirt"}
"""Recipes of undersides, where they differ from the top."""

_AXIS = {"north": 2, "south": 5, "west": 0, "east": 3, "up": 4, "down": 1}
"""Index of a face's position within a box."""


def textures() -> np.ndarray:
    """Textures uint8[B, 6, 16, 16, 4] of every block's faces, in the order of `FACES`.

    Seen from outside, row 0 is the top of a side and column 0 its left. On top and bottom, rows
    go from north to south and columns from west to east. Opacity is 0 (a hole) or 255.

    Raises:
        UnknownNameError: If the palette names a recipe that does not exist.
    """
    out = np.zeros((len(PALETTE), len(FACES), SIZE, SIZE, 4), np.uint8)
    for index, block in enumerate(PALETTE):
        if block.boxes:
            for slot, face in enumerate(FACES):
                out[index, slot] = _face(block, face)
    return out


@cache
def texture(name: str) -> np.ndarray:
    """The texture uint8[16, 16, 4] of a recipe, not to be written to.

    Raises:
        UnknownNameError: If there is no such recipe.
    """
    if name.startswith(MIRRORED):
        return texture(name[len(MIRRORED) :])[:, ::-1]
    image = painted(lookup("texture", name, RECIPES), name)
    image.flags.writeable = False
    return image


def _face(block: Block, face: str) -> np.ndarray:
    """One face: the block's texture, and over it the boxes of other materials."""
    image = texture(_recipe(block, face))
    if not any(block.materials):
        return image
    out = image.copy()
    axis = _AXIS[face]
    nearer = 1.0 if axis >= 3 else -1.0
    for box, material in sorted(
        zip(block.boxes, block.materials, strict=True), key=lambda pair: nearer * pair[0][axis]
    ):
        window = _window(box, face)
        out[window] = texture(material)[window] if material else image[window]
    return out


def _recipe(block: Block, face: str) -> str:
    for other, recipe in block.faces:
        if other == face:
            return recipe
    if block.front and face == block.facing:
        return block.front
    if face not in ("up", "down"):
        return block.texture
    top = block.top or block.texture
    return UNDERSIDES.get(top, top) if face == "down" else top


def _window(box: Box, face: str) -> tuple[slice, slice]:
    """Rows and columns of a face that a box covers, whole texels."""
    x0, y0, z0, x1, y1, z1 = box
    rows, columns = {
        "north": ((1 - y1, 1 - y0), (1 - x1, 1 - x0)),
        "south": ((1 - y1, 1 - y0), (x0, x1)),
        "west": ((1 - y1, 1 - y0), (z0, z1)),
        "east": ((1 - y1, 1 - y0), (1 - z1, 1 - z0)),
        "up": ((z0, z1), (x0, x1)),
        "down": ((z0, z1), (x0, x1)),
    }[face]
    return _texels(*rows), _texels(*columns)


def _texels(low: float, high: float) -> slice:
    return slice(int(np.floor(low * SIZE)), int(np.ceil(high * SIZE)))
