"""Frames of episodes as the agent saw them, for engines that cannot show them again."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from minecraft_tasks.core.errors import CorruptFileError
from minecraft_tasks.spec import Mode

FRAMES = "frames"
"""Folder of recordings in an evaluation directory."""


class Recording:
    """Keeps one file for each episode: its frames as PNG, each after its length in bytes.

    Args:
        directory: Where the files go; it is made when an episode begins.
        mode: How the actions of the episodes are picked.
    """

    def __init__(self, directory: Path, mode: Mode) -> None:
        self._directory = directory / mode

    def begin(self, levels: np.ndarray, frames: np.ndarray) -> None:
        """Keeps the first frames uint8[N, H, W, 3] of episodes that begin, or begin again.

        Levels int64[N] are the rows of the bank that the slots play, negative for none.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        for slot in np.flatnonzero(levels >= 0):
            self._path(levels[slot]).write_bytes(_packed(frames[slot]))

    def step(self, levels: np.ndarray, frames: np.ndarray, broken: Mapping[int, str]) -> None:
        """Keeps the frames after a decision, except where the engine failed; see `begin`."""
        for slot in np.flatnonzero(levels >= 0):
            if slot not in broken:
                with self._path(levels[slot]).open("ab") as file:
                    file.write(_packed(frames[slot]))

    def frames(self, level: int) -> np.ndarray:
        """All frames of an episode, uint8[T + 1, H, W, 3], its spawn first.

        Raises:
            CorruptFileError: If they cannot be read.
        """
        path, frames, at = self._path(level), [], 0
        data = path.read_bytes() if path.is_file() else b""
        while at < len(data):
            (length,) = struct.unpack_from("!I", data, at)
            png = np.frombuffer(data, np.uint8, length, at + 4)
            picture = cv2.imdecode(png, cv2.IMREAD_COLOR)
            if picture is None:
                raise CorruptFileError(f"{path} holds no frame at byte {at}: evaluate again.")
            frames.append(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
            at += 4 + length
        if not frames:
            raise CorruptFileError(f"{path} holds no frames: evaluate again.")
        return np.stack(frames)

    def _path(self, level: int) -> Path:
        return self._directory / f"{level:05d}.frames"


def _packed(frame: np.ndarray) -> bytes:
    png = cv2.imencode(".png", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))[1].tobytes()
    return struct.pack("!I", len(png)) + png
