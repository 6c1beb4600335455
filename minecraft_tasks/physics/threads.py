"""Threads that share the work on many slots."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

SHARES = 8
"""Parts of the work per thread, taken one after the other: pictures take unequal time, and a
sleeping thread takes a while to wake."""

FEWEST = 8
"""Slots below which sharing costs more than it saves, at some 20 microseconds each."""


class Workers:
    """Threads that wait without spinning while idle.

    They start on first use, and again after a fork; few slots are served without them.

    Args:
        count: Threads that work at once, the caller's included.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool: ThreadPoolExecutor | None = None
        self._owner = -1

    def share(
        self, work: Callable[..., Any], slots: np.ndarray, *rest: Any, fewest: int = FEWEST
    ) -> None:
        """Calls ``work(part, *rest)`` for parts that make up the slots int64[K].

        Args:
            work: Compiled without the interpreter's lock; slots are independent.
            slots: int64[K].
            rest: Further arguments of `work`.
            fewest: Slots below which sharing costs more than it saves.
        """
        if self.count < 2 or len(slots) < fewest:
            work(slots, *rest)
            return
        size = -(-len(slots) // (self.count * SHARES))
        parts = deque(slots[first : first + size] for first in range(0, len(slots), size))

        def drain() -> None:
            while parts:
                try:
                    part = parts.popleft()
                except IndexError:
                    return
                work(part, *rest)

        helpers = [self._threads().submit(drain) for _ in range(self.count - 1)]
        drain()
        for helper in helpers:
            if not helper.cancel():
                helper.result()

    def _threads(self) -> ThreadPoolExecutor:
        if self._pool is None or self._owner != os.getpid():
            self._pool = ThreadPoolExecutor(self.count - 1, "voxel")
            self._owner = os.getpid()
        return self._pool
