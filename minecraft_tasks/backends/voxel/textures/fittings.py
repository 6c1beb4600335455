"""Recipes of lamps, doors, glass, switches, crops and fruit."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.backends.voxel.textures.patterns import (
    SIZE,
    TEXEL_COLUMNS,
    TEXEL_ROWS,
    Colour,
    Material,
    even,
    noise,
    picture,
    planks,
)

DOORS: dict[str, dict[str, Colour]] = {
    "oak": {"#": (104, 82, 48), "o": (158, 126, 74), "-": (132, 104, 60), "k": (60, 58, 56)},
    "red": {"#": (106, 22, 22), "o": (178, 44, 40), "-": (140, 32, 30), "k": (44, 40, 40)},
    "blue": {"#": (28, 36, 104), "o": (56, 76, 178), "-": (42, 56, 138), "k": (44, 40, 40)},
}

_DOOR_UPPER = (
    "################",
    "#oooooooooooooo#",
    "#o-----oo-----o#",
    "#o-   -oo-   -o#",
    "#o-   -oo-   -o#",
    "#o-   -oo-   -o#",
    "#o-----oo-----o#",
    "#oooooooooooooo#",
    "#o-----oo-----o#",
    "#o-   -oo-   -o#",
    "#o-   -oo-   -o#",
    "#o-   -oo-   -o#",
    "#o-----oo-----o#",
    "#oooooooooooooo#",
    "#ooooooooooookk#",
    "#oooooooooooook#",
)
_DOOR_LOWER = (
    "#oooooooooooook#",
    "#o------------o#",
    "#o-oooo##oooo-o#",
    "#o-oooo##oooo-o#",
    "#o-oooo##oooo-o#",
    "#o-oooo##oooo-o#",
    "#o------------o#",
    "#oooooooooooooo#",
    "#o------------o#",
    "#o-oooo##oooo-o#",
    "#o-oooo##oooo-o#",
    "#o-oooo##oooo-o#",
    "#o-oooo##oooo-o#",
    "#o------------o#",
    "#oooooooooooooo#",
    "################",
)
_GLASS = (
    "################",
    "#              #",
    "#  oo          #",
    "# oo           #",
    "# o            #",
    "#              #",
    "#              #",
    "#              #",
    "#              #",
    "#              #",
    "#              #",
    "#            o #",
    "#           oo #",
    "#          oo  #",
    "#              #",
    "################",
)


def fruit(skin: Colour) -> Material:
    """A round skin, lighter above and with one gleam."""

    def recipe(name: str) -> np.ndarray:
        image = even(skin, 0.05)(name) * (1.12 - 0.28 * TEXEL_ROWS / SIZE)[..., None]
        image[(np.abs(TEXEL_ROWS - 6) + np.abs(TEXEL_COLUMNS - 5)) < 2] = np.minimum(
            np.array(skin) + 90, 255
        )
        return image

    return recipe


def _lamp(frame: Colour, glass: Colour, glow: Colour) -> Material:
    """A pane that is brightest in the middle, in a frame with a diagonal lattice."""

    def recipe(name: str) -> np.ndarray:
        out = np.maximum(np.abs(TEXEL_ROWS - 7.5), np.abs(TEXEL_COLUMNS - 7.5))
        near = (1.0 - out / 8.0)[..., None] * (0.9 + 0.1 * noise(name))[..., None]
        image = np.array(glass) + (np.array(glow, float) - np.array(glass)) * near
        lattice = (np.abs(TEXEL_ROWS - TEXEL_COLUMNS) == 5) | (
            np.abs(TEXEL_ROWS + TEXEL_COLUMNS - 15) == 5
        )
        image[lattice | (out > 7)] = frame
        return image

    return recipe


def _clear(name: str) -> np.ndarray:
    return np.zeros((SIZE, SIZE, 4))


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


FITTINGS: dict[str, Material] = {
    "stick": even((118, 92, 54), 0.12),
    "torch_flame": even((255, 216, 112), 0.08),
    "redstone_lamp": _lamp((44, 26, 16), (72, 42, 28), (128, 80, 50)),
    "redstone_lamp_lit": _lamp((70, 40, 22), (216, 142, 70), (255, 236, 180)),
    "hook_ring": even((188, 190, 196), 0.05),
    **{f"{wood}_door_upper": picture(paint, *_DOOR_UPPER) for wood, paint in DOORS.items()},
    **{f"{wood}_door_lower": picture(paint, *_DOOR_LOWER) for wood, paint in DOORS.items()},
    **{f"{wood}_door_edge": planks(paint["o"]) for wood, paint in DOORS.items()},
    "glass": picture({"#": (214, 238, 244), "o": (240, 252, 255)}, *_GLASS, grain=0.02),
    "glass_rim": even((168, 206, 214), 0.04),
    "wheat_young": _crop((30, 110, 26), (60, 160, 40), None, 8),
    "wheat": _crop((150, 136, 50), (196, 172, 66), (222, 190, 92), 15),
    "clear": _clear,
    "apple": fruit((206, 30, 32)),
    "lime_apple": fruit((126, 204, 40)),
    "gray_apple": fruit((128, 128, 128)),
    "yellow_apple": fruit((240, 200, 50)),
}
