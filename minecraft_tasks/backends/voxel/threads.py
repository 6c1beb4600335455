"""Work on many slots, shared out among a few threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

SHARES = 2
"""Pieces of work for each thread: pictures take unequal time."""

FEWEST = 8
"""Slots below which sharing costs more than it saves."""


def available() -> int:
    """How many CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers:
    """Threads that wait, rather than spin, while there is nothing to do.

    They start when they are first needed, and again in a process that was forked: few slots
    are served without them.

    Args:
        count: Threads that work at once, the caller's among them.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool: ThreadPoolExecutor | None = None
        self._owner = -1

    def share(self, work: Callable[..., Any], slots: np.ndarray, *rest: Any) -> None:
        """Calls ``work(part, *rest)`` for parts that make up the slots int64[K].

        Args:
            work: Compiled without the interpreter's lock; slots do not depend on each other.
            slots: int64[K].
            rest: What else `work` takes.
        """
        if self.count < 2 or len(slots) < FEWEST:
            work(slots, *rest)
            return
        parts = np.array_split(slots, min(self.count * SHARES, len(slots)))
        waiting = [self._threads().submit(work, part, *rest) for part in parts[1:]]
        work(parts[0], *rest)
        # What no thread has begun by now is done here, the last first.
        for part, future in zip(parts[:0:-1], waiting[::-1], strict=True):
            if future.cancel():
                work(part, *rest)
        for future in waiting:
            if not future.cancelled():
                future.result()

    def _threads(self) -> ThreadPoolExecutor:
        if self._pool is None or self._owner != os.getpid():
            self._pool = ThreadPoolExecutor(self.count - 1, "voxel")
            self._owner = os.getpid()
        return self._pool
