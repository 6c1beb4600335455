"""Locks between processes: files that the system releases when their holder ends."""

from __future__ import annotations

import os
import platform
import sys
from contextlib import suppress
from pathlib import Path

from filelock import AcquireReturnProxy, FileLock, Timeout

from minecraft_tasks.core.errors import FalseBeaconError

FOREVER = -1.0
_LOOK_SECONDS = 0.05
"""Time that `is_held` waits for other calls of it, each of which holds the lock for a moment."""


class LockHeldError(FalseBeaconError):
    """A lock that another process holds."""


def hold(path: Path, busy: str, seconds: float = 1.0) -> AcquireReturnProxy:
    """Takes a lock file, and writes into it which process holds it.

    Args:
        path: The file; made where it is missing, and never deleted.
        busy: Error text if another process holds it: what is in use, and the way out.
        seconds: Longest wait for that process.

    Returns:
        A context manager that releases the lock; ``.lock.release()`` does it without one.

    Raises:
        LockHeldError: If another process holds it, with its id, machine and command.
        FalseBeaconError: If the file cannot be made or locked.
    """
    # It may be released by another thread than the one that took it.
    lock = FileLock(path, thread_local=False, fallback_to_soft=False)
    holder = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = lock.acquire(timeout=seconds, poll_interval=0.02)
        path.write_text(f"process {os.getpid()} on {platform.node()}: {' '.join(sys.argv)[:200]}\n")
    except Timeout as error:
        with suppress(OSError):
            holder = path.read_text(encoding="utf-8", errors="replace").strip()
        raise LockHeldError(f"{busy} The holder is {holder or 'unknown'}.") from error
    except OSError as error:
        raise FalseBeaconError(
            f"cannot lock {path.parent} ({error.strerror or error}): name a directory that can be"
            " written, on a file system that has locks."
        ) from error
    return held


def is_held(path: Path) -> bool:
    """Whether a process holds a lock file; raises `OSError` where it cannot be locked at all."""
    if not path.exists():
        return False
    try:
        FileLock(path, fallback_to_soft=False).acquire(_LOOK_SECONDS, 0.01).lock.release()
    except Timeout:
        return True
    return False
