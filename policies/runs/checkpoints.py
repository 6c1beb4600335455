"""The checkpoints of a run: where they lie, and which of them can be read."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError

WRAPPERS = "wrappers"
"""Attribute of a checkpoint's model: the stack that it was trained in, where there was one."""


def checkpoint_path(directory: Path, steps: int) -> Path:
    """Where the checkpoint after so many steps lies."""
    return directory / "checkpoints" / f"{steps:09d}.zip"


def checkpoints(directory: Path) -> list[Path]:
    """Checkpoints of a run from the oldest to the newest, sound or not."""
    found = (directory / "checkpoints").glob("*.zip")
    return sorted(
        (path for path in found if path.stem.isdecimal()), key=lambda path: int(path.stem)
    )


def is_sound(path: Path) -> bool:
    """Whether a checkpoint can be read to its end."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError):
        return False


def newest_checkpoint(directory: Path, notify: Callable[[str], None] = print) -> Path:
    """The newest checkpoint that can be read.

    Args:
        directory: The run.
        notify: Told of each newer one that cannot.

    Raises:
        FalseBeaconError: If there is none.
    """
    return next(sound_checkpoints(directory, notify))


def sound_checkpoints(directory: Path, notify: Callable[[str], None]) -> Iterator[Path]:
    """Checkpoints that can be read, from the newest to the oldest.

    Args:
        directory: The run.
        notify: Told of each one that cannot.

    Raises:
        FalseBeaconError: Once there are no more.
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
