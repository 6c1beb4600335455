"""Figures made of boxes: a villager and the animals of a farm, in Minecraft's proportions.

A figure stands with its feet at (0, 0, 0) and at yaw 0 looks south (+z), with x east. Parts
are drawn in the pixels of Minecraft's models, mirrored to look south, and scaled so that
the figure is as tall as its hitbox.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from minecraft_tasks.blocks.shapes import Box, table
from minecraft_tasks.core.errors import lookup

ROBES = {
    "brown": "farmer", "white": "librarian", "purple": "priest", "green": "nitwit",
    "yellow": "", "blue": "", "red": "",
}  # fmt: skip
"""Minecraft 1.11's profession in a robe of that colour; empty where the robe is our own."""

FLEECES = ("white", "yellow", "red")


@dataclass(frozen=True)
class FigurePart:
    """One box of a figure.

    Attributes:
        box: (x0, y0, z0, x1, y1, z1) in blocks from the figure's feet.
        texture: Recipe in `backends.voxel.figure_textures`, stretched over each face.
        front: Recipe for the face to the south, where it differs.
        top: Recipe for the top, where it differs.
    """

    box: Box
    texture: str
    front: str = ""
    top: str = ""


@dataclass(frozen=True)
class Figure:
    """One kind of figure.

    Attributes:
        name: Our name, unique among figures.
        minecraft: Minecraft 1.11's entity name.
        state: Minecraft's profession of a villager or colour of a sheep, where it has one.
        width: Side of the hitbox, in blocks.
        height: Height of the hitbox and of the figure, in blocks.
        parts: Its boxes.
    """

    name: str
    minecraft: str
    state: str
    width: float
    height: float
    parts: tuple[FigurePart, ...]


def _villager(robe: str) -> Figure:
    cloth = f"robe_{robe}"
    parts = (
        FigurePart((-4, 0, -2, 0, 3, 2), "shoe"),
        FigurePart((0, 0, -2, 4, 3, 2), "shoe"),
        FigurePart((-4, 3, -3, 4, 24, 3), cloth, front=f"{cloth}_front"),
        FigurePart((-8, 14, 0, -4, 22, 4), cloth),
        FigurePart((4, 14, 0, 8, 22, 4), cloth),
        FigurePart((-4, 14, 1, 4, 18, 5), cloth, front=f"{cloth}_sleeves"),
        FigurePart(
            (-4, 24, -4, 4, 34, 4), "villager_skin", front="villager_face", top="villager_scalp"
        ),
        FigurePart((-1, 23, 4, 1, 27, 6), "villager_nose"),
    )
    return _scaled(f"villager_{robe}", "villager", ROBES[robe], 0.6, 1.95, parts)


def _legs(
    x: float, front: float, back: float, size: float, height: float, hide: str, foot: float = 0
) -> tuple[FigurePart, ...]:
    half = size / 2
    return tuple(
        FigurePart((side - half, foot, end - half, side + half, height, end + half), hide)
        for end in (front, back)
        for side in (-x, x)
    )


def _pig() -> Figure:
    parts = (
        *_legs(3, 5, -7, 4, 6, "pig_leg"),
        FigurePart((-5, 6, -8, 5, 14, 8), "pig_hide"),
        FigurePart((-4, 8, 6, 4, 16, 14), "pig_hide", front="pig_face"),
        FigurePart((-2, 9, 14, 2, 12, 15), "pig_hide", front="pig_snout"),
    )
    return _scaled("pig", "pig", "", 0.9, 0.9, parts)


def _cow() -> Figure:
    parts = (
        *_legs(4, 6, -7, 4, 12, "cow_leg"),
        FigurePart((-6, 12, -10, 6, 22, 8), "cow_hide"),
        FigurePart((-2, 11, -9, 2, 12, -3), "cow_udder"),
        FigurePart((-4, 16, 8, 4, 24, 14), "cow_head", front="cow_face"),
        FigurePart((-5, 22, 9, -4, 25, 10), "horn"),
        FigurePart((4, 22, 9, 5, 25, 10), "horn"),
    )
    return _scaled("cow", "cow", "", 0.9, 1.4, parts)


def _sheep(fleece: str) -> Figure:
    wool = f"fleece_{fleece}"
    parts = (
        *_legs(3, 5, -7, 4, 6, "sheep_skin"),
        *_legs(3, 5, -7, 5, 12, wool, foot=6),
        FigurePart((-5.5, 11, -9.5, 5.5, 20, 9), wool),
        FigurePart((-3, 16, 12, 3, 22, 14), "sheep_skin", front="sheep_face"),
        FigurePart((-3.5, 15.5, 6, 3.5, 22.5, 12), wool),
    )
    name = "sheep" if fleece == "white" else f"sheep_{fleece}"
    return _scaled(name, "sheep", fleece.upper(), 0.9, 1.3, parts)


def _chicken() -> Figure:
    parts = (
        FigurePart((-2.5, 0, -1, -1.5, 5, 0), "beak"),
        FigurePart((1.5, 0, -1, 2.5, 5, 0), "beak"),
        FigurePart((-3, 0, -1, -1, 0.5, 2), "beak"),
        FigurePart((1, 0, -1, 3, 0.5, 2), "beak"),
        FigurePart((-3, 5, -4, 3, 11, 4), "feathers"),
        FigurePart((-4, 7, -3, -3, 11, 3), "feathers"),
        FigurePart((3, 7, -3, 4, 11, 3), "feathers"),
        FigurePart((-2, 9, 3, 2, 15, 6), "feathers", front="chicken_face"),
        FigurePart((-2, 11, 6, 2, 13, 8), "beak"),
        FigurePart((-1, 9, 6, 1, 11, 7), "wattle"),
    )
    return _scaled("chicken", "chicken", "", 0.4, 0.7, parts)


def _scaled(
    name: str, entity: str, state: str, width: float, height: float, parts: tuple[FigurePart, ...]
) -> Figure:
    """A figure of that height, from parts in pixels of any scale."""
    scale = height / max(part.box[4] for part in parts)
    sized = []
    for part in parts:
        x0, y0, z0, x1, y1, z1 = (edge * scale for edge in part.box)
        sized.append(replace(part, box=(x0, y0, z0, x1, y1, z1)))
    return Figure(name, entity, state, width, height, tuple(sized))


FIGURES: tuple[Figure, ...] = (
    *(_villager(robe) for robe in ROBES),
    _pig(),
    _cow(),
    *(_sheep(fleece) for fleece in FLEECES),
    _chicken(),
)

_IDS = {figure.name: index for index, figure in enumerate(FIGURES)}


def figure_id(name: str) -> int:
    """Index of the figure of that name in `FIGURES`.

    Raises:
        UnknownNameError: If there is no such figure.
    """
    return lookup("figure", name, _IDS)


def part_table() -> tuple[np.ndarray, np.ndarray]:
    """Boxes of every figure float64[F, P, 6], in blocks from the feet at yaw 0; counts int64[F]."""
    return table([tuple(part.box for part in figure.parts) for figure in FIGURES])
