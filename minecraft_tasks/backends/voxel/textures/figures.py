"""Textures of figures' parts, each stretched over one face of a box."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.backends.voxel.textures.atlas import FACES
from minecraft_tasks.backends.voxel.textures.patterns import (
    PALETTES,
    SIZE,
    Colour,
    Material,
    drawings,
    even,
    painted,
    picture,
)
from minecraft_tasks.blocks.figures import FIGURES, FigurePart
from minecraft_tasks.core.errors import lookup

SKIN: Colour = (189, 139, 114)
PIG: Colour = (240, 158, 160)


def _shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(int(value * factor), 255) for value in colour)
    return red, green, blue


def _robe_front(colour: Colour) -> Material:
    """A robe with its seam and hem."""
    palette = {"o": colour, "-": _shade(colour, 0.72), "#": _shade(colour, 0.5)}
    return picture(palette, *["ooo--ooo"] * 13, "ooo--ooo", "--------", "########", grain=0.08)


def _sleeves(colour: Colour) -> Material:
    """Crossed arms with the hands in the middle."""
    palette = {"o": colour, "-": _shade(colour, 0.7), "s": SKIN}
    return picture(palette, "oo-ss-oo", "oo-ss-oo", "oo-ss-oo", "--------", grain=0.06)


FIGURE_RECIPES: dict[str, Material] = {
    "shoe": even((62, 48, 38), 0.1),
    **{f"robe_{name}": even(colour, 0.08) for name, colour in PALETTES["cloth"].items()},
    **{f"robe_{name}_front": _robe_front(colour) for name, colour in PALETTES["cloth"].items()},
    **{f"robe_{name}_sleeves": _sleeves(colour) for name, colour in PALETTES["cloth"].items()},
    "villager_skin": even(SKIN, 0.05),
    "villager_scalp": even(_shade(SKIN, 1.08), 0.04),
    "villager_nose": even(_shade(SKIN, 0.84), 0.04),
    "pig_hide": even(PIG, 0.06),
    "pig_leg": even(_shade(PIG, 0.9), 0.06),
    "cow_head": even((66, 48, 38), 0.08),
    "cow_udder": even((232, 166, 160), 0.05),
    "horn": even((204, 200, 188), 0.05),
    **{f"fleece_{name}": even(colour, 0.12) for name, colour in PALETTES["fleece"].items()},
    "sheep_skin": even((206, 174, 152), 0.06),
    "feathers": even((236, 234, 230), 0.07),
    **drawings("figures"),
    "beak": even((226, 178, 66), 0.06),
    "wattle": even((196, 40, 36), 0.06),
}


def figure_textures() -> np.ndarray:
    """Textures uint8[F, P, 6, 16, 16, 3] of every part's faces, in the order of `FACES`.

    Faces are the figure's own at yaw 0: north is its back, south its front. Rows and
    columns run as in `textures.textures`; the whole texture is stretched over the face.

    Raises:
        UnknownNameError: If a part names a recipe that does not exist.
    """
    most = max(len(figure.parts) for figure in FIGURES)
    out = np.zeros((len(FIGURES), most, len(FACES), SIZE, SIZE, 3), np.uint8)
    for index, figure in enumerate(FIGURES):
        for slot, part in enumerate(figure.parts):
            for face, name in enumerate(FACES):
                out[index, slot, face] = figure_texture(_recipe(part, name))
    return out


def figure_texture(name: str) -> np.ndarray:
    """The texture uint8[16, 16, 3] of a recipe.

    Raises:
        UnknownNameError: If there is no such recipe.
    """
    return painted(lookup("figure texture", name, FIGURE_RECIPES), name)[..., :3]


def _recipe(part: FigurePart, face: str) -> str:
    if face == "south":
        return part.front or part.texture
    if face == "up":
        return part.top or part.texture
    return part.texture
