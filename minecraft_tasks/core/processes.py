"""Processes: marks of the writers of files, whether they still run, and free memory.

psutil is loaded where it is used: help and refusals, which write nothing, come sooner without it.
"""

from __future__ import annotations

import os
import platform
import re
from functools import cache
from pathlib import Path

HOST = re.sub(r"\W", "_", platform.node())
_CLOCK_SECONDS = 60.0
"""Difference of start times up to which one id is one process; clocks may be set meanwhile."""


def mark() -> str:
    """This process as ``<id>-<start>-<host>``, which no later process shares."""
    return _mark(os.getpid())


@cache
def _mark(pid: int) -> str:
    import psutil

    return f"{pid}-{psutil.Process(pid).create_time():.0f}-{HOST}"


def is_alive(owner: str) -> bool | None:
    """Whether the process that a `mark` names still runs; None if it is of another machine."""
    pid, start, host = owner.split("-")
    if host != HOST:
        return None
    import psutil

    try:
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - int(start)) <= _CLOCK_SECONDS
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def free_memory() -> int:
    """Bytes of memory that are free on this machine, or in the container around this process."""
    import psutil

    free = psutil.virtual_memory().available
    group = Path("/sys/fs/cgroup")
    try:
        most, used = (int((group / f"memory.{name}").read_text()) for name in ("max", "current"))
    except (OSError, ValueError):
        return free
    return min(free, most - used)
