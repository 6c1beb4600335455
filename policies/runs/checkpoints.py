"""The checkpoints of a run: their paths, and which of them can be read."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError

WRAPPERS = "wrappers"
"""Attribute of a checkpoint's model: the wrappers that it was trained in, if any."""


def checkpoint_path(directory: Path, steps: int) -> Path:
    """Path of the checkpoint after a number of steps."""
    return directory / "checkpoints" / f"{steps:09d}.zip"


def checkpoints(directory: Path) -> list[Path]:
    """Checkpoints of a run from the oldest to the newest, readable or not."""
    paths = (directory / "checkpoints").glob("*.zip")
    decimal = [path for path in paths if path.stem.isdecimal()]
    return sorted(decimal, key=lambda path: int(path.stem))


def weights_alone(directory: Path) -> list[Path]:
    """Weights of a run whose zips are gone, from the oldest to the newest.

    They suffice to judge it, and not to go on with it.
    """
    if checkpoints(directory):
        return []
    paths = (directory / "checkpoints").glob("*.safetensors")
    decimal = [path for path in paths if path.stem.isdecimal()]
    return sorted(decimal, key=lambda path: int(path.stem))


def is_sound(path: Path) -> bool:
    """Whether a checkpoint can be read to its end."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError):
        return False


def newest_checkpoint(directory: Path, notify: Callable[[str], None] = print) -> Path:
    """The newest checkpoint that can be read; arguments and errors as in `sound_checkpoints`."""
    return next(sound_checkpoints(directory, notify))


def sound_checkpoints(directory: Path, notify: Callable[[str], None]) -> Iterator[Path]:
    """Checkpoints that can be read, from the newest to the oldest.

    Args:
        directory: Of the run.
        notify: Receives a line about each one that cannot.

    Raises:
        FalseBeaconError: If no further checkpoint can be read.
    """
    found = checkpoints(directory)
    for path in reversed(found):
        if is_sound(path):
            yield path
        else:
            notify(f"{path} is corrupt: falling back to the checkpoint before it.")
    if found:
        raise CorruptFileError(
            f"every checkpoint of {directory} is corrupt ({len(found)} of them): train again."
        )
    raise FalseBeaconError(
        f"no checkpoint in {directory / 'checkpoints'}: the run stopped before its first one;"
        " train again."
    )
