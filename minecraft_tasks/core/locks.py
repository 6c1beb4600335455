"""Locks between processes: files that the system releases when their holder ends."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from filelock import AcquireReturnProxy, FileLock, Timeout

from minecraft_tasks.core.errors import FalseBeaconError

FOREVER = -1.0
_LOOK_SECONDS = 0.05
"""How long `is_held` waits for other looks, each of which holds the lock for a moment."""


class LockHeldError(FalseBeaconError):
    """A lock that another process holds."""


def hold(path: Path, busy: str, seconds: float = 1.0) -> AcquireReturnProxy:
    """Takes a lock file, and writes into it which process has it.

    Args:
        path: The file; made where it is missing, and never deleted.
        busy: What to say if another process holds it: what is in use, and the way out.
        seconds: Longest wait for that process.

    Returns:
        A context manager that releases the lock; ``.lock.release()`` does it without one.

    Raises:
        LockHeldError: If another process holds it, naming that process.
        FalseBeaconError: If the file cannot be made or locked.
    """
    # It may be released by another thread than the one that took it.
    lock = FileLock(path, thread_local=False, fallback_to_soft=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = lock.acquire(timeout=seconds, poll_interval=0.02)
        path.write_text(f"process {os.getpid()} on {platform.node()}: {' '.join(sys.argv)[:200]}\n")
    except Timeout as error:
        raise LockHeldError(f"{busy} The holder is {holder(path)}.") from error
    except OSError as error:
        raise FalseBeaconError(
            f"cannot lock {path.parent} ({error.strerror or error}): name a directory that can be"
            " written, on a file system that has locks."
        ) from error
    return held


def holder(path: Path) -> str:
    """The process that took a lock file last: its id, machine and command."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip() or "unknown"
    except OSError:
        return "unknown"


def is_held(path: Path) -> bool:
    """Whether some process holds a lock file.

    Raises:
        OSError: If the file cannot be opened, or its file system has no locks.
    """
    if not path.exists():
        return False
    try:
        FileLock(path, fallback_to_soft=False).acquire(_LOOK_SECONDS, 0.01).lock.release()
    except Timeout:
        return True
    return False
