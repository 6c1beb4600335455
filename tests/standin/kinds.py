"""The kinds of blocks of Minecraft 1.11 that can be placed here, and their properties.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

COMPASS = "north south west east"
DYES = (
    "white orange magenta light_blue yellow lime pink gray "
    "silver cyan purple blue brown green red black"
)
_BOOL = "false true"
_OLD_WOODS = "oak spruce birch jungle"
_WOODS = f"{_OLD_WOODS} acacia dark_oak"
_AGES = " ".join(map(str, range(8)))
_SIDES = dict.fromkeys(COMPASS.split(), _BOOL)
_DOOR = {
    "facing": COMPASS, "half": "lower upper", "hinge": "left right", "open": _BOOL,
    "powered": _BOOL,
}  # fmt: skip

_PLAIN = (
    "air bedrock gravel cobblestone mossy_cobblestone gold_block iron_block beacon glowstone "
    "brick_block redstone_lamp lit_redstone_lamp obsidian snow clay hardened_clay bookshelf "
    "crafting_table noteblock grass_path glass"
)

_WITH_PROPERTIES = {
    "grass": {"snowy": _BOOL},
    "dirt": {"variant": "dirt coarse_dirt podzol", "snowy": _BOOL},
    "stone": {
        "variant": "stone granite smooth_granite diorite smooth_diorite andesite smooth_andesite"
    },
    "stonebrick": {
        "variant": "stonebrick mossy_stonebrick cracked_stonebrick chiseled_stonebrick"
    },
    "sand": {"variant": "sand red_sand"},
    "sandstone": {"type": "sandstone chiseled_sandstone smooth_sandstone"},
    "stone_slab": {
        "variant": "stone sandstone wood_old cobblestone brick stone_brick nether_brick quartz",
        "half": "bottom top",
    },
    "wooden_slab": {"variant": _WOODS, "half": "bottom top"},
    "planks": {"variant": _WOODS},
    "log": {"variant": _OLD_WOODS, "axis": "y x z none"},
    "leaves": {"variant": _OLD_WOODS, "decayable": "true false", "check_decay": "true false"},
    "wool": {"color": DYES},
    "carpet": {"color": DYES},
    "stained_hardened_clay": {"color": DYES},
    "torch": {"facing": f"up {COMPASS}"},
    "hay_block": {"axis": "y x z"},
    "farmland": {"moisture": _AGES},
    "wheat": {"age": _AGES},
    "water": {"level": " ".join(map(str, range(16)))},
    "furnace": {"facing": COMPASS},
    "chest": {"facing": COMPASS},
    "lever": {"facing": f"{COMPASS} up_x up_z down_x down_z", "powered": _BOOL},
    "tripwire_hook": {"facing": COMPASS, "attached": _BOOL, "powered": _BOOL},
    "wooden_door": _DOOR,
    "acacia_door": _DOOR,
    "dark_oak_door": _DOOR,
    "oak_stairs": {
        "facing": COMPASS, "half": "bottom top",
        "shape": "straight inner_left inner_right outer_left outer_right",
    },
    "fence": _SIDES,
    "glass_pane": _SIDES,
}  # fmt: skip

KINDS: dict[str, dict[str, tuple[str, ...]]] = {
    **{name: {} for name in _PLAIN.split()},
    **{
        name: {key: tuple(values.split()) for key, values in properties.items()}
        for name, properties in _WITH_PROPERTIES.items()
    },
}
"""Block name -> property -> values; the first is that of the default state."""

FACINGS = ("down", "up", *COMPASS.split())
"""The directions that a `facing` may be asked for, whether or not a block has them."""

CONSTANTS = {
    ("log", "variant"): tuple(_WOODS.split()),
    ("leaves", "variant"): tuple(_WOODS.split()),
}
"""Values that the Java type of a property knows, where the block takes fewer of them."""

UNSEEN = {
    "grass": {"snowy"},
    "dirt": {"snowy"},
    "leaves": {"decayable", "check_decay"},
    "farmland": {"moisture"},
    "water": {"level"},
    "tripwire_hook": {"attached", "powered"},
    "oak_stairs": {"shape"},
    "wooden_door": {"powered"},
    "acacia_door": {"powered"},
    "dark_oak_door": {"powered"},
}
"""Properties that our palette does not tell apart."""

IDS = {0: "air", 1: "stone", 2: "grass", 3: "dirt", 4: "cobblestone", 7: "bedrock", 12: "sand"}
"""Minecraft's numbers of blocks that a flat world may be made of."""

DOORS = frozenset(name for name in KINDS if name.endswith("_door"))

NOT_CUBES = frozenset(
    {"air", "beacon", "glass", "grass_path", "stone_slab", "wooden_slab", "carpet", "torch"}
    | {"farmland", "wheat", "water", "chest", "lever", "tripwire_hook", "oak_stairs", "fence"}
    | {"glass_pane"}
    | DOORS
)
"""Blocks whose `isFullCube` is false."""

SEE_THROUGH = frozenset({"leaves", "glowstone"})
"""Full cubes of a material that is not opaque: a fence does not reach for them."""


def is_enum(values: tuple[str, ...]) -> bool:
    """Whether a property's values are an enum in Java: neither yes or no, nor numbers."""
    return not (set(values) <= {"true", "false"} or all(value.isdigit() for value in values))
