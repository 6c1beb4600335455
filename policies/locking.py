"""A run directory is written by one process at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from minecraft_tasks.errors import FalseBeaconError

LOCK = ".lock"
"""File in a run directory that whoever trains it holds."""


def is_held(path: Path) -> bool:
    """Whether some process holds a lock file, such as the one of `lock`."""
    try:
        handle = path.open()
    except FileNotFoundError:
        return False
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


@contextmanager
def lock(directory: Path) -> Iterator[None]:
    """Holds a run directory for one trainer; the system lets go of it when the process ends.

    Raises:
        FalseBeaconError: If another trainer holds it, or it cannot be made.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle = (directory / LOCK).open("a+")
    except OSError as error:
        raise FalseBeaconError(
            f"cannot make the run directory {directory}: {error.strerror}; name another one."
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise FalseBeaconError(
                f"another trainer is writing {directory}: stop it first, or name another directory."
            ) from error
        yield
