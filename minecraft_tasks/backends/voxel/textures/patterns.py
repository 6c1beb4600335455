"""Patterns of textures: the same on every machine and version of numpy.

A recipe is a function of its own name, which seeds its noise, that returns a 16 x 16 image
float[16, 16, 3] of colours, row 0 on top, or float[16, 16, 4] with an opacity of 0 or 255.
No pixel comes from Minecraft.
"""

from __future__ import annotations

import tomllib
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

SIZE = 16
Colour = tuple[int, int, int]
Material = Callable[[str], np.ndarray]
TEXEL_ROWS, TEXEL_COLUMNS = np.mgrid[0:SIZE, 0:SIZE]
FROM_MIDDLE = np.maximum(np.abs(TEXEL_ROWS - 7.5), np.abs(TEXEL_COLUMNS - 7.5))
"""Distance of each pixel from the middle, along rows or columns, whichever is more."""

_DOCUMENT = tomllib.loads(Path(__file__).with_name("drawings.toml").read_text("utf-8"))
PALETTES: dict[str, dict[str, Any]] = _DOCUMENT["palettes"]
"""Drawing or family of drawings -> letter -> colour."""


def noise(name: str, across: int = 1, down: int = 1) -> np.ndarray:
    """float[16, 16] in [0, 1), constant over cells of `across` x `down` pixels."""
    mixed = (TEXEL_ROWS // down * 64 + TEXEL_COLUMNS // across + 1).astype(np.uint32)
    mixed = mixed * np.uint32(2654435761) + np.uint32(zlib.crc32(name.encode()))
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        mixed = (mixed ^ (mixed >> np.uint32(shift))) * np.uint32(factor)
    return mixed / 2.0**32


def pick(share: np.ndarray, colours: Sequence[Colour]) -> np.ndarray:
    """Colours by equal shares of a noise in [0, 1)."""
    return np.array(colours, float)[(share * len(colours)).astype(int)]


def _lit(image: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """An image made lighter or darker pixel by pixel."""
    return image * factor[..., None]


def _cells(name: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rounded stones that tile: (stone of each pixel, how near a joint, 0 on it)."""
    side = int(np.ceil(np.sqrt(count)))
    step = SIZE / side
    near = np.full((2, SIZE, SIZE), 1e9)
    owner = np.zeros((SIZE, SIZE), int)
    jitter_r, jitter_c = noise(name + "/r"), noise(name + "/c")
    for stone in range(side * side):
        row, column = divmod(stone, side)
        r = (row + 0.15 + 0.7 * jitter_r[row, column]) * step
        c = (column + 0.15 + 0.7 * jitter_c[row, column] + 0.5 * (row % 2)) * step
        dr = np.abs(TEXEL_ROWS + 0.5 - r) % SIZE
        dc = np.abs(TEXEL_COLUMNS + 0.5 - c) % SIZE
        distance = np.hypot(np.minimum(dr, SIZE - dr), np.minimum(dc, SIZE - dc))
        closer = distance < near[0]
        near[1] = np.where(closer, near[0], np.minimum(near[1], distance))
        near[0] = np.where(closer, distance, near[0])
        owner[closer] = stone
    return owner, near[1] - near[0]


def painted(recipe: Material, name: str) -> np.ndarray:
    """The texture uint8[16, 16, 4] of a recipe; holes are (0, 0, 0, 0)."""
    image = np.clip(np.rint(recipe(name)), 0, 255).astype(np.uint8)
    out = np.full((SIZE, SIZE, 4), 255, np.uint8)
    out[..., : image.shape[2]] = image
    out[out[..., 3] == 0] = 0
    return out


def even(face: Colour, grain: float) -> Material:
    """One colour, uneven by that share."""

    def recipe(name: str) -> np.ndarray:
        tone = 1.0 + grain * (2.0 * noise(name) - 1.0)
        return _lit(np.broadcast_to(np.array(face, float), (SIZE, SIZE, 3)), tone)

    return recipe


def picture(colours: Mapping[str, Colour], *rows: str, grain: float = 0.04) -> Material:
    """A drawing of letters, stretched to 16 x 16; a blank is a hole, `grain` makes it uneven."""

    def recipe(name: str) -> np.ndarray:
        down = (np.arange(SIZE) * len(rows)) // SIZE
        across = (np.arange(SIZE) * len(rows[0])) // SIZE
        letters = np.array([list(row) for row in rows])[down][:, across]
        image = np.zeros((SIZE, SIZE, 4))
        for letter, colour in colours.items():
            image[letters == letter] = (*colour, 255)
        image[..., :3] = _lit(image[..., :3], 1.0 + grain * (2.0 * noise(name) - 1.0))
        return image

    return recipe


def drawings(kind: str) -> dict[str, Material]:
    """Recipes that are drawn in `drawings.toml`: of ``blocks`` or of ``figures``."""
    return {
        name.format(palette): picture(
            PALETTES[palette], *drawn["rows"].splitlines(), grain=drawn.get("grain", 0.04)
        )
        for name, drawn in _DOCUMENT[kind].items()
        for palette in drawn["palettes"]
    }


def speckled(*colours: Colour) -> Material:
    """Pixels of those colours, in small clumps."""
    return lambda name: pick(0.7 * noise(name) + 0.3 * noise(name + "/2", 2, 2), colours)


def stones(joint: Colour, faces: Sequence[Colour], count: int, width: float) -> Material:
    """About `count` rounded stones; the joints are `width` pixels or so."""

    def recipe(name: str) -> np.ndarray:
        owner, gap = _cells(name, count)
        image = np.array(faces, float)[owner * 7 % len(faces)]
        image = _lit(image, 0.92 + 0.1 * np.minimum(gap, 2.0) / 2.0 + 0.1 * noise(name))
        image[gap < width] = joint
        return image

    return recipe


def courses(joint: Colour, face: Colour, height: int, length: int) -> Material:
    """Bricks in courses, every other one shifted by half a brick."""

    def recipe(name: str) -> np.ndarray:
        along = (TEXEL_COLUMNS + (TEXEL_ROWS // height % 2) * (length // 2)) % length
        up = TEXEL_ROWS % height
        brick = noise(name + "/b", 1, height)[:, :1] + 0.0 * along
        tone = 0.93 + 0.08 * brick + 0.09 * noise(name)
        tone = np.where((up == 0) | (along == 0), tone * 1.1, tone)
        image = _lit(np.broadcast_to(np.array(face, float), (SIZE, SIZE, 3)), tone)
        image[(up == height - 1) | (along == length - 1)] = joint
        return image

    return recipe


def metal(face: Colour, edge: Colour, bars: bool) -> Material:
    """A cast block: bright rim, darker edge, a shine across it or bars along it."""

    def recipe(name: str) -> np.ndarray:
        tone = 0.98 + 0.04 * noise(name, 4, 1)
        shine = (TEXEL_ROWS + TEXEL_COLUMNS) % SIZE
        tone = tone + (np.isin(TEXEL_ROWS % 5, (2,)) * -0.09 if bars else (shine < 3) * 0.12)
        image = _lit(np.broadcast_to(np.array(face, float), (SIZE, SIZE, 3)), tone)
        rim = (TEXEL_ROWS == 0) | (TEXEL_COLUMNS == 0)
        image[rim] = np.minimum(np.array(face) * 1.2, 255)
        image[(TEXEL_ROWS == SIZE - 1) | (TEXEL_COLUMNS == SIZE - 1)] = edge
        return image

    return recipe


def wool(face: Colour) -> Material:
    """A weave of two tones."""

    def recipe(name: str) -> np.ndarray:
        weave = np.where((TEXEL_ROWS // 2 + TEXEL_COLUMNS // 3) % 2, 1.0, 0.93)
        return _lit(np.array(face, float) + np.zeros((SIZE, SIZE, 1)), weave + 0.1 * noise(name))

    return recipe


def bark(dark: Colour, light: Colour) -> Material:
    """Ridges up and down."""

    def recipe(name: str) -> np.ndarray:
        ridge = 0.65 * noise(name, 1, 8) + 0.35 * noise(name + "/2", 1, 3)
        image = np.array(dark) + (np.array(light) - np.array(dark)) * ridge[..., None]
        image[noise(name + "/3", 2, 4) < 0.12] *= 0.75
        return image

    return recipe


def rings(bark: Colour, dark: Colour, light: Colour) -> Material:
    """The cut end of a log."""

    def recipe(name: str) -> np.ndarray:
        image = pick((FROM_MIDDLE // 1 % 2) * 0.5, (light, dark))
        image = _lit(image, 0.96 + 0.08 * noise(name))
        image[FROM_MIDDLE > 7] = bark
        return image

    return recipe


def leaves(*colours: Colour) -> Material:
    """Foliage in clumps."""
    return lambda name: pick(0.55 * noise(name, 2, 2) + 0.45 * noise(name + "/2"), colours)


def planks(face: Colour) -> Material:
    """Four boards with joints at different places."""

    def recipe(name: str) -> np.ndarray:
        grain = 0.9 + 0.08 * noise(name, 1, 4) + 0.1 * noise(name + "/2", 6, 1)
        image = _lit(np.array(face, float) + np.zeros((SIZE, SIZE, 1)), grain)
        board = TEXEL_ROWS // 4
        image[TEXEL_ROWS % 4 == 3] *= 0.68
        image[((board * 7 + 3) % SIZE == TEXEL_COLUMNS) & (TEXEL_ROWS % 4 != 3)] *= 0.72
        return image

    return recipe
