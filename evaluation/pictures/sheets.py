"""Frames of an episode as sheets: one picture in which the frames stand in rows.

A browser shows any frame of a sheet at once and exactly, which videos do not promise.
"""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np

from evaluation.records.episodes import Steps
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import atomic_write
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.tasks.base import Task

FINE, SEEN = 192, 64
"""Side in pixels of a frame at a finer grain, and of one as agents see it."""
COLUMNS = 16
"""Frames in a row of a sheet, unless it would become too high."""
_LONGEST = 16_383
"""Side in pixels that a WebP may have."""
_QUALITY = 80
_LOSSLESS = 101
"""OpenCV keeps every byte of a WebP of a quality above 100."""


def replayed(task: Task, bank: LevelBank, row: int, steps: Steps, side: int) -> np.ndarray:
    """Frames of an episode, drawn by the embedded engine from the recorded poses.

    Args:
        task: The task family.
        bank: Levels.
        row: The episode's level in the bank.
        steps: Rows of the episode, its spawn first.
        side: Height and width in pixels.

    Returns:
        uint8[T + 1, side, side, 3].
    """
    backend = VoxelBackend(1, task.spec.world_shape)
    only = slice(row, row + 1)
    backend.place(np.zeros(1, np.int64), bank.blocks[only], bank.spawn[only], bank.time[only])
    pitch = float(bank.spawn[row, 4])
    poses = zip(*(steps[name].astype(float) for name in ("x", "y", "z", "yaw")), strict=True)
    return np.stack([backend.draw(0, (x, y, z), yaw, pitch, side, side) for x, y, z, yaw in poses])


def columns_of(count: int) -> int:
    """Frames in a row of the sheet of so many frames."""
    return max(COLUMNS, math.ceil(math.sqrt(count)))


def write_sheet(path: Path, frames: np.ndarray, exact: bool = False) -> None:
    """Writes frames uint8[T, S, S, 3] as a sheet, a WebP, of `columns_of` it in a row.

    Raises:
        FalseBeaconError: If it cannot be written.
    """
    count, side = frames.shape[:2]
    columns = columns_of(count)
    rows = -(-count // columns)
    if max(rows, columns) * side > _LONGEST:
        raise FalseBeaconError(
            f"an episode of {count - 1} decisions has too many frames of {side} pixels for a sheet."
        )
    sheet = np.zeros((rows * columns, side, side, 3), np.uint8)
    sheet[:count] = frames
    sheet = sheet.reshape(rows, columns, side, side, 3).swapaxes(1, 2)
    sheet = sheet.reshape(rows * side, columns * side, 3)
    options = [cv2.IMWRITE_WEBP_QUALITY, _LOSSLESS if exact else _QUALITY]
    encoded, content = cv2.imencode(".webp", cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR), options)
    if not encoded:
        raise FalseBeaconError(
            f"OpenCV {cv2.__version__} cannot encode WebP: install opencv-python-headless as"
            " requirements.lock has it."
        )
    with atomic_write(path) as temporary:
        temporary.write_bytes(content.tobytes())
