"""Errors in missions, by the schemas that Java checks and by rules that they lack.

Malmo prints drawing errors and goes on, and ignores a colour on a block that has none. So a
mission that the schemas accept can still show another world.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

NS = "{http://ProjectMalmo.microsoft.com}"

_COLOURED = frozenset(
    ("wool", "carpet", "stained_glass", "stained_glass_pane", "stained_hardened_clay")
)
"""Blocks of Minecraft 1.11 with a property `color`."""

FACED = frozenset(
    (
        "acacia_door", "acacia_fence_gate", "acacia_stairs", "anvil", "bed", "birch_door",
        "birch_stairs", "brick_stairs", "chest", "dark_oak_door", "dark_oak_stairs",
        "dispenser", "dropper", "end_rod", "ender_chest", "furnace", "iron_door",
        "jungle_door", "jungle_stairs", "ladder", "lever", "lit_furnace", "lit_pumpkin",
        "nether_brick_stairs", "oak_stairs", "observer", "piston", "pumpkin",
        "quartz_stairs", "redstone_torch", "sandstone_stairs", "spruce_door",
        "spruce_stairs", "stone_brick_stairs", "stone_button", "stone_stairs", "torch",
        "trapdoor", "trapped_chest", "tripwire_hook", "unlit_redstone_torch", "wall_sign",
        "wooden_button", "wooden_door",
    )
)  # fmt: skip
"""Blocks of Minecraft 1.11 with a property `facing`."""

WOODS = frozenset(("oak", "spruce", "birch", "jungle", "acacia", "dark_oak"))
HALVES = frozenset(("top", "bottom", "upper", "lower"))
VARIANTS = {
    "log": WOODS - {"acacia", "dark_oak"},
    "log2": frozenset(("acacia", "dark_oak")),
    "leaves": WOODS - {"acacia", "dark_oak"},
    "leaves2": frozenset(("acacia", "dark_oak")),
    "planks": WOODS,
    "wooden_slab": WOODS | HALVES,
    "stone": frozenset(
        ("stone", "granite", "smooth_granite", "diorite", "smooth_diorite", "andesite",
         "smooth_andesite")
    ),
    "stonebrick": frozenset(
        ("stonebrick", "mossy_stonebrick", "cracked_stonebrick", "chiseled_stonebrick")
    ),
    "stone_slab": frozenset(
        ("stone", "sandstone", "wood_old", "cobblestone", "brick", "stone_brick", "nether_brick",
         "quartz")
    ) | HALVES,
    "sand": frozenset(("sand", "red_sand")),
    "sandstone": frozenset(("sandstone", "chiseled_sandstone", "smooth_sandstone")),
    "wooden_door": HALVES,
    "acacia_door": HALVES,
    "dark_oak_door": HALVES,
    "oak_stairs": HALVES,
}  # fmt: skip
"""Blocks of Minecraft 1.11 with variants or halves, and their values."""

ONCE = ("FlatWorldGenerator", "DrawingDecorator", "Placement", "VideoProducer", "StartTime")
_TALLEST = 255


@lru_cache(maxsize=4)
def _schema(folder: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(folder / "MissionInit.xsd"))


def complaints(mission: etree._Element, schemas: Path) -> list[str]:
    """Errors in a mission; none if Minecraft would draw it as it says.

    Args:
        mission: The root, ``MissionInit``.
        schemas: The folder of Malmo's schemas.
    """
    # Java parses text, so the text that is sent is checked.
    root = etree.fromstring(etree.tostring(mission))
    schema = _schema(schemas)
    if not schema.validate(root):
        return [f"line {entry.line}: {entry.message}" for entry in schema.error_log]
    counts = Counter(element.tag for element in root.iter(etree.Element))
    wrong = [name for name in ONCE if counts[NS + name] != 1]
    drawings = root.iter(f"{NS}DrawingDecorator")
    return [
        *(f"{name}: {counts[NS + name]} of them; exactly one is kept" for name in wrong),
        *(error for drawing in drawings for drawn in drawing for error in _errors(drawn)),
    ]


def _errors(drawn: etree._Element) -> list[str]:
    """Errors in one element of a drawing."""
    kind, errors = drawn.get("type", ""), []
    if drawn.get("colour") and kind not in _COLOURED:
        errors.append(f"{kind} has no colour, and Malmo would ignore {drawn.get('colour')}")
    if drawn.get("face") and kind not in FACED:
        errors.append(f"{kind} has no facing, and Malmo would ignore {drawn.get('face')}")
    variant = drawn.get("variant")
    if variant and variant not in VARIANTS.get(kind, ()):
        errors.append(f"{kind} has no variant {variant}, and Malmo would ignore it")
    heights = [int(drawn.get(name, "0")) for name in ("y", "y1", "y2") if drawn.get(name)]
    if any(not 0 <= y <= _TALLEST for y in heights):
        errors.append(f"{kind} at height {heights}: Minecraft has blocks from 0 to {_TALLEST}")
    return [f"<{etree.QName(drawn).localname}>: {text}" for text in errors]
