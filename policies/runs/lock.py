"""A run directory is written by one process at a time."""

from __future__ import annotations

from pathlib import Path

from filelock import AcquireReturnProxy

from minecraft_tasks.core.locks import hold
from minecraft_tasks.core.locks import is_held as is_held

LOCK = ".lock"
"""File in a run directory that its trainer holds."""


def lock_run(directory: Path) -> AcquireReturnProxy:
    """Holds a run directory for one trainer, as a context manager.

    Raises:
        FalseBeaconError: If another trainer holds it, or it cannot be made or locked.
    """
    busy = f"another trainer is writing {directory}: stop it first, or name another directory."
    return hold(directory / LOCK, busy)
