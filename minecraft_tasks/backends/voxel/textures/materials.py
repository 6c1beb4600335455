"""Recipes of what worlds are built of: ground, stone, wood, metal and wool."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.backends.voxel.textures.patterns import (
    SIZE,
    TEXEL_COLUMNS,
    TEXEL_ROWS,
    Colour,
    Material,
    bark,
    courses,
    even,
    leaves,
    metal,
    noise,
    painted,
    pick,
    planks,
    rings,
    speckled,
    stones,
    wool,
)

_DIRT = ((134, 96, 67), (121, 85, 58), (150, 110, 79), (108, 76, 52), (140, 104, 78))
COBBLES = ((128, 128, 128), (112, 112, 112), (145, 145, 145), (120, 121, 123), (136, 135, 133))


def _grass_side(name: str) -> np.ndarray:
    hem = 3 + (noise(name + "/hem", 1, SIZE) * 3).astype(int)
    return np.where((hem > TEXEL_ROWS)[..., None], _of("grass_top"), _of("dirt"))


def _mossy(name: str) -> np.ndarray:
    image = _of("cobblestone")
    patch = 0.45 * noise(name, 5, 5) + 0.55 * noise(name + "/2", 2, 2)
    moss = pick(noise(name + "/3"), ((88, 122, 56), (74, 106, 46), (102, 134, 68)))
    return np.where((patch > 0.5)[..., None], 0.2 * image + 0.8 * moss, image)


def _beacon(name: str) -> np.ndarray:
    out = np.maximum(np.abs(TEXEL_ROWS - 7.5), np.abs(TEXEL_COLUMNS - 7.5))
    image = np.empty((SIZE, SIZE, 3))
    image[:] = (128, 208, 214)
    image[out > 7] = (196, 240, 240)
    image[out < 5] = (60, 170, 178)
    image[out < 4] = (222, 255, 252)
    image[(out > 4) & (out < 7) & (TEXEL_ROWS + TEXEL_COLUMNS == SIZE - 3)] = (216, 246, 246)
    return image


def _sandstone(name: str) -> np.ndarray:
    image = _of("sand")
    layer = noise(name, SIZE, 1)[..., None]
    image = image * (0.94 + 0.1 * layer)
    image[(TEXEL_ROWS == 4) | (TEXEL_ROWS == 11)] *= 0.86
    image[:1] *= 1.06
    image[-1:] *= 0.8
    return image


def _sandstone_top(name: str) -> np.ndarray:
    out = np.maximum(np.abs(TEXEL_ROWS - 7.5), np.abs(TEXEL_COLUMNS - 7.5))
    image = even((224, 212, 162), 0.03)(name)
    image[out > 7] *= 0.8
    image[(out < 6) & (noise(name, 4, 3) < 0.3)] *= 0.9
    return image


def _hay_side(name: str) -> np.ndarray:
    straw = even((196, 164, 46), 0.0)(name) * (0.72 + 0.5 * noise(name, 1, 5))[..., None]
    straw[np.isin(TEXEL_ROWS, (3, 4, 11, 12))] = (150, 58, 34)
    return straw


def _hay_top(name: str) -> np.ndarray:
    out = np.maximum(np.abs(TEXEL_ROWS - 7.5), np.abs(TEXEL_COLUMNS - 7.5))
    tone = 0.74 + 0.34 * noise(name) + 0.14 * (out // 2 % 2)
    return even((190, 158, 44), 0.0)(name) * tone[..., None]


def _path_side(name: str) -> np.ndarray:
    hem = 3 + (noise(name + "/hem", 2, SIZE) * 2).astype(int)
    return np.where((hem > TEXEL_ROWS)[..., None], _of("path_top"), 0.86 * _of("dirt"))


def _furrows(name: str) -> np.ndarray:
    wet = even((92, 60, 36), 0.14)(name)
    wet[TEXEL_ROWS % 4 >= 2] *= 0.7
    return wet


def _water(name: str) -> np.ndarray:
    ripple = np.sin((TEXEL_COLUMNS + 2.0 * np.sin(TEXEL_ROWS * np.pi / 4)) * np.pi / 4)
    return even((46, 92, 196), 0.05)(name) * (1.0 + 0.12 * ripple)[..., None]


def _of(name: str) -> np.ndarray:
    """float[16, 16, 3] of another recipe."""
    return painted(BUILDING[name], name)[..., :3].astype(float)


_WOOL: dict[str, Colour] = {
    "white": (232, 234, 234),
    "orange": (236, 124, 28),
    "magenta": (186, 72, 178),
    "light_blue": (72, 168, 214),
    "yellow": (246, 198, 44),
    "pink": (234, 146, 172),
    "gray": (66, 72, 76),
    "silver": (146, 146, 138),
    "cyan": (26, 138, 144),
    "purple": (122, 48, 168),
    "blue": (56, 62, 154),
    "brown": (114, 74, 44),
    "green": (86, 108, 32),
    "black": (26, 26, 30),
}
"""Wool but for the two oldest, which are recipes below."""

BUILDING: dict[str, Material] = {
    "grass_side": _grass_side,
    "grass_top": speckled((104, 154, 62), (116, 168, 72), (94, 142, 54), (124, 176, 80)),
    "dirt": speckled(*_DIRT),
    "gravel": stones((104, 99, 96), ((138, 131, 128), (121, 116, 115), (154, 146, 142)), 36, 0.4),
    "cobblestone": stones((84, 84, 84), COBBLES, 12, 0.8),
    "mossy_cobblestone": _mossy,
    "stone_bricks": courses((86, 86, 88), (132, 132, 134), 8, 16),
    "gold_block": metal((250, 214, 62), (196, 146, 22), bars=False),
    "beacon": _beacon,
    "glowstone": stones(
        (150, 104, 56), ((255, 226, 150), (236, 190, 106), (255, 246, 206)), 20, 0.7
    ),
    "red_wool": wool((176, 42, 38)),
    "lime_wool": wool((118, 196, 34)),
    "oak_log": bark((84, 66, 40), (128, 102, 62)),
    "oak_log_top": rings((98, 78, 48), (160, 128, 78), (184, 152, 98)),
    "oak_leaves": leaves((36, 74, 22), (54, 104, 32), (70, 128, 42), (48, 92, 28), (86, 146, 54)),
    "hedge": leaves((20, 48, 28), (32, 68, 40), (44, 86, 52), (26, 58, 34)),
    "oak_planks": planks((182, 148, 92)),
    "spruce_log": bark((38, 26, 14), (76, 54, 32)),
    "spruce_log_top": rings((56, 38, 22), (104, 78, 46), (128, 98, 60)),
    "bricks": courses((168, 154, 146), (152, 82, 66), 4, 8),
    "iron_block": metal((214, 214, 214), (160, 160, 162), bars=True),
    "stone": speckled((124, 124, 124), (116, 116, 117), (130, 130, 130), (122, 122, 123)),
    "sand": speckled((219, 207, 160), (212, 199, 150), (226, 214, 170), (216, 203, 156)),
    "sandstone": _sandstone,
    "sandstone_top": _sandstone_top,
    "bedrock": stones((38, 38, 38), ((98, 98, 98), (124, 124, 124), (66, 66, 66)), 9, 0.6),
    "obsidian": stones((14, 10, 24), ((34, 24, 54), (52, 38, 80), (26, 18, 42)), 9, 0.6),
    "snow": speckled((240, 250, 250), (248, 254, 254), (244, 252, 253), (236, 246, 249)),
    "clay": even((159, 164, 177), 0.06),
    "hardened_clay": even((150, 92, 66), 0.05),
    "hay_side": _hay_side,
    "hay_top": _hay_top,
    "path_side": _path_side,
    "path_top": speckled((152, 126, 68), (144, 118, 62), (160, 134, 76), (140, 112, 60)),
    "farmland_top": _furrows,
    "water": _water,
    **{f"{colour}_wool": wool(face) for colour, face in _WOOL.items()},
}
