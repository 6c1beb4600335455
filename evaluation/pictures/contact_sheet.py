"""Every block and every figure as the engine draws them, on one picture to be looked at."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.blocks.figures import FIGURES
from minecraft_tasks.blocks.palette import PALETTE, block_id
from minecraft_tasks.physics.motion import EYE
from minecraft_tasks.worlds.layout import ground
from minecraft_tasks.worlds.world import NOON

TILE_SIDE = 64
"""Pixels of a view, as many as an agent sees."""

_DISTANCES = (1.3, 4.0, 10.0)
"""Blocks from the eye to what is shown, up to half its size."""

_YAW, _PITCH = -125.0, 30.0
"""To the north-east and down: the top shows, and the sides to the west and south."""

FIGURE_YAW = 20.0
"""South, and somewhat towards the eye."""

TILES_ACROSS = 8
LABEL = 12
"""Pixels below each tile, for its name."""

SHEET_WIDTH, VIEW_HEIGHT = len(_DISTANCES) * TILE_SIDE, TILE_SIDE + LABEL
"""Size of a tile with its name, in pixels."""

MEADOW = (25, 8, 25)
MIDDLE = (12, 1, 12)
"""Size of the meadow, and the place of a block on it."""

ROOM = (11, 6, 11)
MIDNIGHT, DUSK = 18000, 12800


def contact_sheet() -> np.ndarray:
    """Rows of named tiles uint8[H, W, 3]: the palette, the figures, then rooms in their light.

    A tile shows its block or figure from the `_DISTANCES`; the first block is air. Tiles stand
    `TILES_ACROSS` to a row in the order of `PALETTE` and `FIGURES`.
    """
    named = [
        *zip((block.name for block in PALETTE), block_tiles(), strict=True),
        *zip((figure.name for figure in FIGURES), figure_tiles(), strict=True),
    ]
    blank = np.full((VIEW_HEIGHT, SHEET_WIDTH, 3), 255, np.uint8)
    tiles = [_labelled(name, tile) for name, tile in named]
    tiles += [blank] * (-len(tiles) % TILES_ACROSS)
    rows = [np.hstack(tiles[i : i + TILES_ACROSS]) for i in range(0, len(tiles), TILES_ACROSS)]
    rooms = [_labelled(name, light_scene(name)) for name in LIGHT_SCENES]
    return np.vstack([*rows, np.hstack(rooms)])


def block_tiles() -> list[np.ndarray]:
    """Every block of the palette alone on a meadow at noon, each uint8[64, 192, 3]."""
    backend = _stage(ground(MEADOW))
    tiles = []
    for index in range(len(PALETTE)):
        backend.blocks[0][MIDDLE] = index
        backend.refresh(np.zeros(1, np.int64))
        tiles.append(_tile(backend, np.add(MIDDLE, 0.5), 1.0))
    return tiles


def figure_tiles() -> list[np.ndarray]:
    """Every figure alone on a meadow at noon, from its front, each uint8[64, 192, 3]."""
    backend = _stage(ground(MEADOW))
    feet = np.add(MIDDLE, (0.5, 0.0, 0.5))
    tiles = []
    for kind, figure in enumerate(FIGURES):
        backend.stand(0, 0, kind, (*feet, FIGURE_YAW))
        middle = np.add(feet, (0.0, figure.height / 2, 0.0))
        tiles.append(_tile(backend, middle, max(figure.height, 2 * figure.width)))
    return tiles


def light_scene(name: str) -> np.ndarray:
    """One of the `LIGHT_SCENES`, uint8[192, 192, 3]."""
    build, time, feet, yaw, pitch = LIGHT_SCENES[name]
    blocks = ground(ROOM)
    build(blocks)
    return _stage(blocks, time).draw(0, feet, yaw, pitch, SHEET_WIDTH, SHEET_WIDTH)


def _stage(blocks: np.ndarray, time: int = NOON) -> VoxelBackend:
    backend = VoxelBackend(1, blocks.shape, figures=1, threads=1)
    backend.place(np.zeros(1, np.int64), blocks[None], np.zeros((1, 5)), np.array([time]))
    return backend


def _tile(backend: VoxelBackend, target: np.ndarray, size: float) -> np.ndarray:
    yaw, pitch = math.radians(_YAW), math.radians(_PITCH)
    level = math.cos(pitch)
    gaze = np.array((-math.sin(yaw) * level, -math.sin(pitch), math.cos(yaw) * level))
    feet = [target - (size / 2 + away) * gaze - (0.0, EYE, 0.0) for away in _DISTANCES]
    views = [backend.draw(0, at.tolist(), _YAW, _PITCH, TILE_SIDE, TILE_SIDE) for at in feet]
    return np.hstack(views)


def _labelled(name: str, image: np.ndarray) -> np.ndarray:
    """An image, and below it its name, in type as large as fits."""
    strip = np.full((LABEL, image.shape[1], 3), 255, np.uint8)
    font, size = cv2.FONT_HERSHEY_SIMPLEX, 0.38
    across = cv2.getTextSize(name, font, size, 1)[0][0]
    size *= min(1.0, (image.shape[1] - 4) / across)
    cv2.putText(strip, name, (2, LABEL - 3), font, size, (0, 0, 0), 1, cv2.LINE_AA)
    return np.vstack([image, strip])


def _dark(blocks: np.ndarray) -> None:
    """A closed room of planks on the meadow, 9 x 4 x 8 inside, with two stones."""
    blocks[:, 1:, 1:] = block_id("oak_planks")
    blocks[1:-1, 1:-1, 2:-1] = 0
    blocks[6:8, 1, 5] = block_id("stone")


def _torch(blocks: np.ndarray) -> None:
    _dark(blocks)
    blocks[3, 1, 3] = block_id("torch")
    blocks[9, 2, 3] = block_id("torch_west")


def _glowstone(blocks: np.ndarray) -> None:
    _dark(blocks)
    blocks[5, 5, 3] = block_id("glowstone")


def _doorway(blocks: np.ndarray) -> None:
    _dark(blocks)
    blocks[5, 1:3, 1] = 0


def _grove(blocks: np.ndarray) -> None:
    blocks[2:9, 3:5, 2:9] = block_id("oak_leaves")
    blocks[5, 1:4, 5] = block_id("oak_log")
    blocks[5, 1, 2] = block_id("stone")


def _corner(blocks: np.ndarray) -> None:
    blocks[3:9, 1:4, 2] = block_id("snow")
    blocks[8, 1:4, 3:6] = block_id("snow")
    blocks[5, 1, 4] = block_id("snow")


def _lamps(blocks: np.ndarray) -> None:
    _corner(blocks)
    blocks[4, 1, 5] = block_id("torch")
    blocks[7, 1, 3] = block_id("glowstone")


_Scene = tuple[Callable[[np.ndarray], None], int, Sequence[float], float, float]

LIGHT_SCENES: dict[str, _Scene] = {
    "no light": (_dark, NOON, (5.5, 1.0, 9.0), 180.0, 10.0),
    "two torches": (_torch, NOON, (5.5, 1.0, 9.0), 180.0, 10.0),
    "glowstone": (_glowstone, NOON, (5.5, 1.0, 9.0), 180.0, 0.0),
    "daylight by a door": (_doorway, NOON, (5.5, 1.0, 9.0), 180.0, 10.0),
    "under leaves": (_grove, NOON, (5.5, 1.0, 9.5), 180.0, 5.0),
    "corners at noon": (_corner, NOON, (4.0, 1.5, 8.5), -150.0, 15.0),
    "corners at dusk": (_corner, DUSK, (4.0, 1.5, 8.5), -150.0, 15.0),
    "lamps at midnight": (_lamps, MIDNIGHT, (4.0, 1.5, 8.5), -150.0, 15.0),
}
"""Name -> builder, time of day, feet, yaw and pitch."""
