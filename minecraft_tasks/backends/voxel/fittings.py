"""Recipes of what stands in rooms: lights, doors, glass, furniture, switches and crops."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.backends.voxel.patterns import (
    COLUMNS,
    ROWS,
    SIZE,
    Colour,
    Recipe,
    even,
    noise,
    picture,
    planks,
    stones,
)

OAK = {"#": (104, 82, 48), "o": (158, 126, 74), "-": (132, 104, 60), "k": (60, 58, 56)}
CHEST = {"#": (66, 44, 20), "o": (164, 116, 48), "-": (134, 92, 36), "k": (44, 32, 20)}
IRON = {"#": (70, 70, 72), "o": (178, 178, 178), "-": (120, 120, 120), "k": (28, 26, 26)}
STONE = {"#": (58, 58, 58), "o": (116, 116, 116), "-": (92, 92, 92), "k": (18, 16, 16)}
BOOKS = {
    "#": (74, 56, 32), "o": (170, 138, 84), "r": (140, 42, 36), "g": (66, 104, 54),
    "b": (52, 66, 132), "y": (196, 168, 86), "k": (34, 24, 16),
}  # fmt: skip
TABLE = {
    "#": (84, 60, 34), "o": (176, 140, 86), "-": (142, 106, 62), "i": (150, 150, 152),
    "k": (52, 38, 24),
}  # fmt: skip

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


def fruit(skin: Colour) -> Recipe:
    """A round skin, lighter above and with one gleam."""

    def recipe(name: str) -> np.ndarray:
        image = even(skin, 0.05)(name) * (1.12 - 0.28 * ROWS / SIZE)[..., None]
        image[(np.abs(ROWS - 6) + np.abs(COLUMNS - 5)) < 2] = np.minimum(np.array(skin) + 90, 255)
        return image

    return recipe


def _clear(name: str) -> np.ndarray:
    return np.zeros((SIZE, SIZE, 4))


def _crop(low: Colour, high: Colour, ears: Colour | None, height: int) -> Recipe:
    """Stalks with gaps between them, and ears on top where ripe."""

    def recipe(name: str) -> np.ndarray:
        tops = SIZE - height + (noise(name, 1, SIZE) * height * 0.4).astype(int)
        up = (ROWS / SIZE)[..., None]
        image = np.array(high) + (np.array(low) - np.array(high)) * up
        image = image * (0.85 + 0.3 * noise(name + "/2", 1, 3))[..., None]
        if ears is not None:
            image[(tops + 5 > ROWS) & (noise(name + "/3", 1, 2) < 0.8)] = ears
        stalk = (tops <= ROWS) & ((COLUMNS % 4 != 3) & (COLUMNS % 4 != 1 + ROWS // 8 % 2))
        return np.concatenate([image, 255.0 * stalk[..., None]], axis=2)

    return recipe


FITTINGS: dict[str, Recipe] = {
    "stick": even((118, 92, 54), 0.12),
    "torch_flame": even((255, 216, 112), 0.08),
    "redstone_lamp": stones((52, 30, 18), ((104, 62, 38), (122, 76, 46), (88, 50, 32)), 9, 1.2),
    "redstone_lamp_lit": stones(
        (150, 88, 46), ((250, 206, 128), (255, 226, 162), (238, 180, 98)), 9, 1.2
    ),
    "bookshelf": picture(
        BOOKS,
        "oooooooooooooooo",
        "#kkkkkkkkkkkkkk#",
        "#rrgkbbyrrkggyb#",
        "#rrgbbbyrrrggyb#",
        "#rrgbbbyrrrggyb#",
        "#rrgbbbyrrrggyb#",
        "#rrgbbbyrrrggyb#",
        "oooooooooooooooo",
        "oooooooooooooooo",
        "#kkkkkkkkkkkkkk#",
        "#bggykrrbbykrrg#",
        "#bggyyrrbbyrrrg#",
        "#bggyyrrbbyrrrg#",
        "#bggyyrrbbyrrrg#",
        "#bggyyrrbbyrrrg#",
        "oooooooooooooooo",
    ),
    "crafting_table": picture(
        TABLE,
        "----------------",
        "#oooooo##oooooo#",
        "################",
        "#oiiioo--ooiooo#",
        "#oiiioo--ooiooo#",
        "#ookooo--ooiooo#",
        "#ookooo--oiiioo#",
        "#ookooo--ookooo#",
        "#ookooo--ookooo#",
        "#------##------#",
        "#oooooo--oooooo#",
        "#oooooo--oooooo#",
        "#oooooo--oooooo#",
        "#oooooo--oooooo#",
        "#oooooo--oooooo#",
        "################",
    ),
    "crafting_table_top": picture(
        TABLE,
        "################",
        "#--------------#",
        "#-kkkkkkkkkkkk-#",
        "#-kooo-ooo-ook-#",
        "#-kooo-ooo-ook-#",
        "#-kooo-ooo-ook-#",
        "#-k----------k-#",
        "#-kooo-ooo-ook-#",
        "#-kooo-ooo-ook-#",
        "#-kooo-ooo-ook-#",
        "#-k----------k-#",
        "#-kooo-ooo-ook-#",
        "#-kooo-ooo-ook-#",
        "#-kkkkkkkkkkkk-#",
        "#--------------#",
        "################",
    ),
    "note_block": picture(
        {"#": (58, 38, 26), "o": (112, 74, 52), "-": (92, 60, 42), "k": (26, 18, 14)},
        "################",
        "#oooooooooooooo#",
        "#o------------o#",
        "#o-----kk-----o#",
        "#o-----kkk----o#",
        "#o-----k-kk---o#",
        "#o-----k--k---o#",
        "#o-----k--k---o#",
        "#o-----k------o#",
        "#o-----k------o#",
        "#o--kkkk------o#",
        "#o-kkkkk------o#",
        "#o--kkk-------o#",
        "#o------------o#",
        "#oooooooooooooo#",
        "################",
    ),
    "furnace_side": picture(
        STONE,
        "################",
        "#oooooooooooooo#",
        "#o-oo-ooo-oo-oo#",
        "#oooooooooooooo#",
        "#ooo-ooo-ooo-oo#",
        "#oooooooooooooo#",
        "#--------------#",
        "################",
        "#oooooooooooooo#",
        "#o-ooo-oo-ooo-o#",
        "#oooooooooooooo#",
        "#oo-oo-ooo-oo-o#",
        "#oooooooooooooo#",
        "#o-ooo-oo-oo-oo#",
        "#--------------#",
        "################",
    ),
    "furnace_top": picture(
        STONE,
        "########",
        "#oo-ooo#",
        "#-oooo-#",
        "#oo-oo-#",
        "#oooo-o#",
        "#-oooo-#",
        "#ooo-oo#",
        "########",
    ),
    "furnace_front": picture(
        STONE,
        "################",
        "#oooooooooooooo#",
        "#oo##########oo#",
        "#o#kkkkkkkkkk#o#",
        "#o#kkkkkkkkkk#o#",
        "#oo##########oo#",
        "#--------------#",
        "################",
        "#oooooooooooooo#",
        "#ooo########ooo#",
        "#oo#kkkkkkkk#oo#",
        "#o#kkkkkkkkkk#o#",
        "#o#kkkkkkkkkk#o#",
        "#o#kkkkkkkkkk#o#",
        "#-############-#",
        "################",
    ),
    "chest_side": picture(
        CHEST,
        *(
            "################",
            "################",
            "################",
            "#oooooooooooooo#",
            "##oo--oooo-ooo##",
            "##ooooo-oooo-o##",
            "################",
            "##kkkkkkkkkkkk##",
            "##oo-oooo-oooo##",
            "##ooooooooo-oo##",
            "##-ooo-ooooooo##",
            "##oooooooo-ooo##",
            "##oo-ooooooo-o##",
            "##ooooo-oooooo##",
            "##------------##",
            "################",
        ),
    ),
    "chest_front": picture(
        CHEST | {"i": (150, 150, 150)},
        *(
            "################",
            "################",
            "################",
            "##oooooooooooo##",
            "##ookkkkkkkkoo##",
            "##ookiiiiiikoo##",
            "####kiikkiik####",
            "##kkkiikkiikkk##",
            "##ookiikkiikoo##",
            "##ookkkkkkkkoo##",
            "##-ooo-ooooooo##",
            "##oooooooo-ooo##",
            "##oo-ooooooo-o##",
            "##ooooo-oooooo##",
            "##------------##",
            "################",
        ),
    ),
    "chest_top": picture(
        CHEST,
        *(
            "################",
            "################",
            "##oooooooooooo##",
            "##o-oooo-ooooo##",
            "##ooooooooo-oo##",
            "##oo-ooooooooo##",
            "##oooooo-ooo-o##",
            "##oooooooooooo##",
            "##-ooo-ooooooo##",
            "##oooooooo-ooo##",
            "##oooooooooooo##",
            "##oo-ooo-oooo-##",
            "##oooooooooooo##",
            "##------------##",
            "################",
            "################",
        ),
    ),
    "latch": even((172, 172, 168), 0.06),
    "hook_ring": even((132, 132, 136), 0.1),
    "oak_door_upper": picture(OAK, *_DOOR_UPPER),
    "oak_door_lower": picture(OAK, *_DOOR_LOWER),
    "oak_door_edge": planks(OAK["o"]),
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
