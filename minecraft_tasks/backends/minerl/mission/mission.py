"""A level as a mission, from which the worker makes MineRL's XML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from minecraft_tasks.backends.minerl.mission.beams import TICKS, cleared, hidden, steady
from minecraft_tasks.backends.minerl.mission.cuboids import Cuboid, decompose
from minecraft_tasks.backends.minerl.mission.drawing import UNSTEADY, commands, elements
from minecraft_tasks.blocks.palette import PALETTE
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.spec import TaskSpec

LAYERS = "3;7,2*3,2;1;"
"""Minecraft's flat world: bedrock at 0, dirt at 1 and 2, grass at 3."""

LIFT = 3
"""Height in Minecraft of a level's lowest layer, its ground."""

_TALLEST = 256
"""Layers of blocks in Minecraft."""

LIMIT_MS = 3_600_000
"""Game time after which Minecraft itself ends a mission."""

STILL = "/gamerule randomTickSpeed 0"
"""Keeps leaves from decaying and grass from spreading; `steady` does until Minecraft reads it."""

WARM_UP = 4
"""Ticks before the first frame in which chunks are built and the body stands."""

_REGISTRY_NAMES = np.array([block.minecraft for block in PALETTE], object)


def refuse(spec: TaskSpec, blocks: np.ndarray) -> None:
    """Refuses levels that Minecraft cannot show; see `base.Backend.admit`."""
    why = []
    if blocks.shape[2] + LIFT > _TALLEST:
        why.append(f"its worlds are {blocks.shape[2]} blocks tall, of at most {_TALLEST - LIFT}")
    used = np.flatnonzero(np.bincount(blocks.ravel(), minlength=len(PALETTE)))
    for name in (PALETTE[block].name for block in used):
        if name in UNSTEADY:
            why.append(f"it has the block {name}, and {UNSTEADY[name]}")
    if why:
        raise FalseBeaconError(
            f"{spec.name} cannot run on the minerl backend: {'; '.join(why)}. Use voxel for it."
        )


def mission(
    blocks: np.ndarray,
    spawn: np.ndarray,
    time: int,
    seed: int,
    size: tuple[int, int] = (64, 64),
    compare: bool = True,
    beams: bool = True,
) -> dict[str, Any]:
    """A level as the worker needs it.

    Args:
        blocks: uint8[X, Y, Z] palette ids, the ground at y = 0.
        spawn: float64[5] feet x, y, z in blocks; yaw, pitch in degrees.
        time: Time of day in ticks.
        seed: Of the flat world; Minecraft takes 0 for "any", so it is one higher there.
        size: Height and width of a frame in pixels.
        compare: Whether the names of the drawn blocks are read back and compared.
        beams: Whether the level's beacons get a beam; see `beams`.

    Returns:
        Plain data; a box of the level's blocks is drawn with its lowest layer at `LIFT`.
    """
    below: list[Cuboid] = []
    if beams:
        below, blocks = hidden(blocks), cleared(blocks)
    blocks = steady(blocks)
    boxes = [*below, *decompose(blocks)]
    x, y, z, yaw, pitch = (float(value) for value in spawn)
    wide, tall, deep = blocks.shape
    # Minecraft lists a grid with y outermost and x innermost.
    names = _REGISTRY_NAMES[blocks.transpose(1, 2, 0)].ravel().tolist() if compare else []
    return {
        "drawing": elements(boxes, LIFT),
        "commands": [STILL, *commands(boxes, LIFT)],
        "layers": LAYERS,
        "seed": seed + 1,
        "spawn": [x, y + LIFT, z, yaw, pitch],
        "time": int(time),
        "limit_ms": LIMIT_MS,
        "height": size[0],
        "width": size[1],
        "warm_up": TICKS if below else WARM_UP,
        "grid": [[0, LIFT, 0], [wide - 1, LIFT + tall - 1, deep - 1]] if compare else [],
        "names": names,
    }


def position(pose: Mapping[str, float]) -> tuple[float, float, float]:
    """Feet in the level's own coordinates, from Minecraft's pose."""
    return pose["xpos"], pose["ypos"] - LIFT, pose["zpos"]
