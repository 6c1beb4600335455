"""A run directory is written by one process at a time."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from minecraft_tasks.core.errors import FalseBeaconError

LOCK = ".lock"
"""File in a run directory that whoever trains it holds."""
_ATTEMPTS, PAUSE_SECONDS = 20, 0.05
"""How often, and how long apart, a held lock is asked for; `is_held` holds it for a moment too."""


def is_held(path: Path) -> bool:
    """Whether some process holds a lock file, such as the one of `lock_run`.

    Raises:
        OSError: If the file cannot be opened, or its file system has no locks.
    """
    try:
        handle = path.open()
    except FileNotFoundError:
        return False
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def lock_run(directory: Path) -> Iterator[None]:
    """Holds a run directory for one trainer; the system lets go of it when the process ends.

    Raises:
        FalseBeaconError: If another trainer holds it, or it cannot be made or locked.
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
            _acquire(handle)
        except BlockingIOError as error:
            raise FalseBeaconError(
                f"another trainer is writing {directory}: stop it first, or name another directory."
            ) from error
        except OSError as error:
            raise FalseBeaconError(
                f"cannot lock {directory} ({error.strerror}): name a directory on a file system"
                " that has locks."
            ) from error
        yield


def _acquire(handle: IO[str]) -> None:
    """Takes the lock, once whoever only looks whether it is held has let go of it."""
    for _ in range(_ATTEMPTS - 1):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE_SECONDS)
        else:
            return
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
