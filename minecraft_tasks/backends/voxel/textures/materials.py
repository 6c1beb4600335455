"""Recipes of every block's textures; those drawn by letters are in `drawings.toml`."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.backends.voxel.textures.patterns import (
    FROM_MIDDLE,
    PALETTES,
    SIZE,
    TEXEL_COLUMNS,
    TEXEL_ROWS,
    Colour,
    Material,
    bark,
    courses,
    drawings,
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
    image = np.empty((SIZE, SIZE, 3))
    image[:] = (128, 208, 214)
    image[FROM_MIDDLE > 7] = (196, 240, 240)
    image[FROM_MIDDLE < 5] = (60, 170, 178)
    image[FROM_MIDDLE < 4] = (222, 255, 252)
    image[(FROM_MIDDLE > 4) & (FROM_MIDDLE < 7) & (TEXEL_ROWS + TEXEL_COLUMNS == SIZE - 3)] = (
        216,
        246,
        246,
    )
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
    image = even((224, 212, 162), 0.03)(name)
    image[FROM_MIDDLE > 7] *= 0.8
    image[(FROM_MIDDLE < 6) & (noise(name, 4, 3) < 0.3)] *= 0.9
    return image


def _hay_side(name: str) -> np.ndarray:
    straw = even((196, 164, 46), 0.0)(name) * (0.72 + 0.5 * noise(name, 1, 5))[..., None]
    straw[np.isin(TEXEL_ROWS, (3, 4, 11, 12))] = (150, 58, 34)
    return straw


def _hay_top(name: str) -> np.ndarray:
    tone = 0.74 + 0.34 * noise(name) + 0.14 * (FROM_MIDDLE // 2 % 2)
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


def _fruit(skin: Colour) -> Material:
    """A round skin, lighter above and with one gleam."""

    def recipe(name: str) -> np.ndarray:
        image = even(skin, 0.05)(name) * (1.12 - 0.28 * TEXEL_ROWS / SIZE)[..., None]
        gleam = np.abs(TEXEL_ROWS - 6) + np.abs(TEXEL_COLUMNS - 5) < 2
        image[gleam] = np.minimum(np.array(skin) + 90, 255)
        return image

    return recipe


def _lamp(frame: Colour, glass: Colour, glow: Colour) -> Material:
    """A pane that is brightest in the middle, in a frame with a diagonal lattice."""

    def recipe(name: str) -> np.ndarray:
        near = (1.0 - FROM_MIDDLE / 8.0)[..., None] * (0.9 + 0.1 * noise(name))[..., None]
        image = np.array(glass) + (np.array(glow, float) - np.array(glass)) * near
        falling, rising = TEXEL_ROWS - TEXEL_COLUMNS, TEXEL_ROWS + TEXEL_COLUMNS - 15
        lattice = (np.abs(falling) == 5) | (np.abs(rising) == 5)
        image[lattice | (FROM_MIDDLE > 7)] = frame
        return image

    return recipe


def _crop(low: Colour, high: Colour, ears: Colour | None, height: int) -> Material:
    """Stalks with gaps between them, and ears on top where ripe."""

    def recipe(name: str) -> np.ndarray:
        tops = SIZE - height + (noise(name, 1, SIZE) * height * 0.4).astype(int)
        up = (TEXEL_ROWS / SIZE)[..., None]
        image = np.array(high) + (np.array(low) - np.array(high)) * up
        image = image * (0.85 + 0.3 * noise(name + "/2", 1, 3))[..., None]
        if ears is not None:
            image[(tops + 5 > TEXEL_ROWS) & (noise(name + "/3", 1, 2) < 0.8)] = ears
        stalk = (tops <= TEXEL_ROWS) & (
            (TEXEL_COLUMNS % 4 != 3) & (TEXEL_COLUMNS % 4 != 1 + TEXEL_ROWS // 8 % 2)
        )
        return np.concatenate([image, 255.0 * stalk[..., None]], axis=2)

    return recipe


def _of(name: str) -> np.ndarray:
    """float[16, 16, 3] of another recipe."""
    return painted(RECIPES[name], name)[..., :3].astype(float)


RECIPES: dict[str, Material] = {
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
    **{f"{colour}_wool": wool(face) for colour, face in PALETTES["wool"].items()},
    "stick": even((118, 92, 54), 0.12),
    "torch_flame": even((255, 216, 112), 0.08),
    "redstone_lamp": _lamp((44, 26, 16), (72, 42, 28), (128, 80, 50)),
    "redstone_lamp_lit": _lamp((70, 40, 22), (216, 142, 70), (255, 236, 180)),
    "latch": even((172, 172, 168), 0.06),
    "hook_ring": even((188, 190, 196), 0.05),
    **{f"{wood}_door_edge": planks(PALETTES[wood]["o"]) for wood in ("oak", "red", "blue")},
    "glass_rim": even((168, 206, 214), 0.04),
    "wheat_young": _crop((30, 110, 26), (60, 160, 40), None, 8),
    "wheat": _crop((150, 136, 50), (196, 172, 66), (222, 190, 92), 15),
    "clear": lambda _: np.zeros((SIZE, SIZE, 4)),
    "apple": _fruit((206, 30, 32)),
    "lime_apple": _fruit((126, 204, 40)),
    "gray_apple": _fruit((128, 128, 128)),
    "yellow_apple": _fruit((240, 200, 50)),
    **drawings("blocks"),
}
