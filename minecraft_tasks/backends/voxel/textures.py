"""Our own 16x16 textures, made from a hash: the same on every machine and version of numpy.

Each recipe is a function of its name that returns float[16, 16, 3] colours, row 0 on top.
Blocks differ in hue and in structure, as Minecraft's do; no pixel comes from Minecraft.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

import numpy as np

from minecraft_tasks.blocks import PALETTE
from minecraft_tasks.errors import lookup

SIZE = 16
Colour = tuple[int, int, int]
Recipe = Callable[[str], np.ndarray]
_ROWS, _COLUMNS = np.mgrid[0:SIZE, 0:SIZE]


def textures() -> np.ndarray:
    """Unshaded textures uint8[B, 3, 16, 16, 3]: side, top, bottom of every block.

    Raises:
        UnknownNameError: If the palette names a recipe that does not exist.
    """
    out = np.zeros((len(PALETTE), 3, SIZE, SIZE, 3), np.uint8)
    for index, block in enumerate(PALETTE):
        if block.texture:
            top = block.top or block.texture
            out[index, 0] = texture(block.texture)
            out[index, 1] = texture(top)
            out[index, 2] = texture(UNDERSIDES.get(top, top))
    return out


def texture(name: str) -> np.ndarray:
    """The texture uint8[16, 16, 3] of a recipe.

    Raises:
        UnknownNameError: If there is no such recipe.
    """
    recipe = lookup("texture", name, RECIPES)
    return np.clip(np.rint(recipe(name)), 0, 255).astype(np.uint8)


def _noise(name: str, across: int = 1, down: int = 1) -> np.ndarray:
    """float[16, 16] in [0, 1), constant over cells of `across` x `down` pixels."""
    mixed = (_ROWS // down * 64 + _COLUMNS // across + 1).astype(np.uint32)
    mixed = mixed * np.uint32(2654435761) + np.uint32(zlib.crc32(name.encode()))
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        mixed = (mixed ^ (mixed >> np.uint32(shift))) * np.uint32(factor)
    return mixed / 2.0**32


def _pick(noise: np.ndarray, colours: Sequence[Colour]) -> np.ndarray:
    """Colours by equal shares of a noise in [0, 1)."""
    return np.array(colours, float)[(noise * len(colours)).astype(int)]


def _lit(image: np.ndarray, factor: np.ndarray) -> np.ndarray:
    return image * factor[..., None]


def _cells(name: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rounded stones that tile: (stone of each pixel, how near a joint, 0 on it)."""
    side = int(np.ceil(np.sqrt(count)))
    step = SIZE / side
    near = np.full((2, SIZE, SIZE), 1e9)
    owner = np.zeros((SIZE, SIZE), int)
    jitter_r, jitter_c = _noise(name + "/r"), _noise(name + "/c")
    for stone in range(side * side):
        row, column = divmod(stone, side)
        r = (row + 0.15 + 0.7 * jitter_r[row, column]) * step
        c = (column + 0.15 + 0.7 * jitter_c[row, column] + 0.5 * (row % 2)) * step
        dr = np.abs(_ROWS + 0.5 - r) % SIZE
        dc = np.abs(_COLUMNS + 0.5 - c) % SIZE
        distance = np.hypot(np.minimum(dr, SIZE - dr), np.minimum(dc, SIZE - dc))
        closer = distance < near[0]
        near[1] = np.where(closer, near[0], np.minimum(near[1], distance))
        near[0] = np.where(closer, distance, near[0])
        owner[closer] = stone
    return owner, near[1] - near[0]


def _speckled(*colours: Colour) -> Recipe:
    return lambda name: _pick(0.7 * _noise(name) + 0.3 * _noise(name + "/2", 2, 2), colours)


def _stones(joint: Colour, stones: Sequence[Colour], count: int, width: float) -> Recipe:
    def recipe(name: str) -> np.ndarray:
        owner, gap = _cells(name, count)
        image = np.array(stones, float)[owner * 7 % len(stones)]
        image = _lit(image, 0.92 + 0.1 * np.minimum(gap, 2.0) / 2.0 + 0.1 * _noise(name))
        image[gap < width] = joint
        return image

    return recipe


def _courses(joint: Colour, face: Colour, height: int, length: int) -> Recipe:
    """Bricks in courses, every other one shifted by half a brick."""

    def recipe(name: str) -> np.ndarray:
        along = (_COLUMNS + (_ROWS // height % 2) * (length // 2)) % length
        up = _ROWS % height
        brick = _noise(name + "/b", 1, height)[:, :1] + 0.0 * along
        tone = 0.93 + 0.08 * brick + 0.09 * _noise(name)
        tone = np.where((up == 0) | (along == 0), tone * 1.1, tone)
        image = _lit(np.broadcast_to(np.array(face, float), (SIZE, SIZE, 3)), tone)
        image[(up == height - 1) | (along == length - 1)] = joint
        return image

    return recipe


def _metal(face: Colour, edge: Colour, bars: bool) -> Recipe:
    def recipe(name: str) -> np.ndarray:
        tone = 0.98 + 0.04 * _noise(name, 4, 1)
        shine = (_ROWS + _COLUMNS) % SIZE
        tone = tone + (np.isin(_ROWS % 5, (2,)) * -0.09 if bars else (shine < 3) * 0.12)
        image = _lit(np.broadcast_to(np.array(face, float), (SIZE, SIZE, 3)), tone)
        rim = (_ROWS == 0) | (_COLUMNS == 0)
        image[rim] = np.minimum(np.array(face) * 1.2, 255)
        image[(_ROWS == SIZE - 1) | (_COLUMNS == SIZE - 1)] = edge
        return image

    return recipe


def _wool(face: Colour) -> Recipe:
    def recipe(name: str) -> np.ndarray:
        weave = np.where((_ROWS // 2 + _COLUMNS // 3) % 2, 1.0, 0.93)
        return _lit(np.array(face, float) + np.zeros((SIZE, SIZE, 1)), weave + 0.1 * _noise(name))

    return recipe


def _bark(dark: Colour, light: Colour) -> Recipe:
    def recipe(name: str) -> np.ndarray:
        ridge = 0.65 * _noise(name, 1, 8) + 0.35 * _noise(name + "/2", 1, 3)
        image = np.array(dark) + (np.array(light) - np.array(dark)) * ridge[..., None]
        image[_noise(name + "/3", 2, 4) < 0.12] *= 0.75
        return image

    return recipe


def _rings(bark: Colour, dark: Colour, light: Colour) -> Recipe:
    def recipe(name: str) -> np.ndarray:
        out = np.maximum(np.abs(_ROWS - 7.5), np.abs(_COLUMNS - 7.5))
        image = _pick((out // 1 % 2) * 0.5, (light, dark))
        image = _lit(image, 0.96 + 0.08 * _noise(name))
        image[out > 7] = bark
        return image

    return recipe


def _leaves(*colours: Colour) -> Recipe:
    def recipe(name: str) -> np.ndarray:
        return _pick(0.55 * _noise(name, 2, 2) + 0.45 * _noise(name + "/2"), colours)

    return recipe


def _planks(face: Colour) -> Recipe:
    def recipe(name: str) -> np.ndarray:
        grain = 0.9 + 0.08 * _noise(name, 1, 4) + 0.1 * _noise(name + "/2", 6, 1)
        image = _lit(np.array(face, float) + np.zeros((SIZE, SIZE, 1)), grain)
        board = _ROWS // 4
        image[_ROWS % 4 == 3] *= 0.68
        image[((board * 7 + 3) % SIZE == _COLUMNS) & (_ROWS % 4 != 3)] *= 0.72
        return image

    return recipe


DIRT = ((134, 96, 67), (121, 85, 58), (150, 110, 79), (108, 76, 52), (140, 104, 78))
COBBLES = ((128, 128, 128), (112, 112, 112), (145, 145, 145), (120, 121, 123), (136, 135, 133))


def _grass_side(name: str) -> np.ndarray:
    image = texture("dirt").astype(float)
    hem = 3 + (_noise(name + "/hem", 1, SIZE) * 3).astype(int)
    return np.where((hem > _ROWS)[..., None], texture("grass_top"), image)


def _mossy(name: str) -> np.ndarray:
    image = texture("cobblestone").astype(float)
    patch = 0.45 * _noise(name, 5, 5) + 0.55 * _noise(name + "/2", 2, 2)
    moss = _pick(_noise(name + "/3"), ((88, 122, 56), (74, 106, 46), (102, 134, 68)))
    return np.where((patch > 0.5)[..., None], 0.2 * image + 0.8 * moss, image)


def _beacon(name: str) -> np.ndarray:
    out = np.maximum(np.abs(_ROWS - 7.5), np.abs(_COLUMNS - 7.5))
    image = np.empty((SIZE, SIZE, 3))
    image[:] = (128, 208, 214)
    image[out > 7] = (196, 240, 240)
    image[out < 5] = (60, 170, 178)
    image[out < 4] = (222, 255, 252)
    image[(out > 4) & (out < 7) & (_ROWS + _COLUMNS == SIZE - 3)] = (216, 246, 246)
    return image


RECIPES: dict[str, Recipe] = {
    "grass_side": _grass_side,
    "grass_top": _speckled((104, 154, 62), (116, 168, 72), (94, 142, 54), (124, 176, 80)),
    "dirt": _speckled(*DIRT),
    "gravel": _stones((104, 99, 96), ((138, 131, 128), (121, 116, 115), (154, 146, 142)), 36, 0.4),
    "cobblestone": _stones((84, 84, 84), COBBLES, 12, 0.8),
    "mossy_cobblestone": _mossy,
    "stone_bricks": _courses((86, 86, 88), (132, 132, 134), 8, 16),
    "gold_block": _metal((250, 214, 62), (196, 146, 22), bars=False),
    "beacon": _beacon,
    "glowstone": _stones(
        (150, 104, 56), ((255, 226, 150), (236, 190, 106), (255, 246, 206)), 20, 0.7
    ),
    "red_wool": _wool((176, 42, 38)),
    "lime_wool": _wool((118, 196, 34)),
    "oak_log": _bark((84, 66, 40), (128, 102, 62)),
    "oak_log_top": _rings((98, 78, 48), (160, 128, 78), (184, 152, 98)),
    "oak_leaves": _leaves((36, 74, 22), (54, 104, 32), (70, 128, 42), (48, 92, 28), (86, 146, 54)),
    "hedge": _leaves((20, 48, 28), (32, 68, 40), (44, 86, 52), (26, 58, 34)),
    "oak_planks": _planks((182, 148, 92)),
    "spruce_log": _bark((38, 26, 14), (76, 54, 32)),
    "spruce_log_top": _rings((56, 38, 22), (104, 78, 46), (128, 98, 60)),
    "bricks": _courses((168, 154, 146), (152, 82, 66), 4, 8),
    "iron_block": _metal((214, 214, 214), (160, 160, 162), bars=True),
}
UNDERSIDES = {"grass_top": "dirt"}
"""Recipes of undersides, where they differ from the top."""
