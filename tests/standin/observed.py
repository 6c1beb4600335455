"""What a step reports besides the frame.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft. Names and types are those of `JSONWorldDataHelper`; health, hunger, biome and light
are fixed numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

from tests.standin.controls import Controls
from tests.standin.ground import HIGHEST, Cell, World
from tests.standin.mission import Grid

_LIFE = {
    "life": 20.0, "score": 0, "food": 20, "saturation": 5.0, "xp": 0, "is_alive": True, "air": 300,
}  # fmt: skip
_PLAINS = {
    "biome_name": "Plains", "biome_id": 1, "biome_temperature": 0.8, "biome_rainfall": 0.4,
    "sea_level": 63,
}  # fmt: skip
_WEATHER = {"is_raining": False, "sun_brightness": 1.0, "sky_light_level": 1.0}
_DAMAGE = {"is_dead": False, "living_death_event_fired": False}


def damage() -> dict[str, Any]:
    """Of `ObservationFromDamage`, for a body that nothing hurts."""
    return dict(_DAMAGE)


def full_stats(
    agent: str,
    world: World,
    feet: tuple[float, float, float],
    controls: Controls,
    clock: int,
    age: int,
) -> dict[str, Any]:
    """Of `ObservationFromFullStats`, without the achievements.

    Args:
        agent: Name of the player.
        world: For whether the sky is seen.
        feet: Minecraft's coordinates.
        controls: Where the head looks.
        clock: Time of day in ticks.
        age: Ticks since the mission began.
    """
    sky = sees_sky(world, feet)
    return {
        **_LIFE,
        "name": agent,
        "xpos": feet[0],
        "ypos": feet[1],
        "zpos": feet[2],
        # Java writes as few digits as tell one float of four bytes from the next.
        "pitch": float(str(controls.pitch)),
        "yaw": float(str(controls.yaw)),
        **_PLAINS,
        **_WEATHER,
        "light_level": 15 if sky else 0,
        "can_see_sky": sky,
        "world_time": clock,
        "total_time": age,
        "distance_travelled_cm": 0,
    }


def sees_sky(world: World, feet: tuple[float, float, float]) -> bool:
    """Whether no block is above the cell of the feet."""
    x, y, z = _cell(feet)
    over = range(y + 1, min(world.high[1], HIGHEST) + 1)
    return all(world.placed((x, height, z)).name == "air" for height in over)


def names(world: World, grid: Grid, feet: tuple[float, float, float]) -> list[str]:
    """Of one grid of `ObservationFromGrid`: block names along x, then z, then y."""
    base = (0, 0, 0) if grid.absolute else _cell(feet)
    return [world.placed(cell).name for cell in _cells(grid, base)]


def _cells(grid: Grid, base: Cell) -> Iterator[Cell]:
    xs, ys, zs = (
        range(start + low, start + high + 1)
        for start, low, high in zip(base, grid.low, grid.high, strict=True)
    )
    return ((x, y, z) for y, z, x in product(ys, zs, xs))


def _cell(feet: tuple[float, float, float]) -> Cell:
    x, y, z = (math.floor(value) for value in feet)
    return x, y, z
