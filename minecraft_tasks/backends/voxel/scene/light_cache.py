"""Levels that were lit before: a bank's levels are played again and again."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from minecraft_tasks.backends.voxel.scene.scene import Scene

LIMIT = 128 * 2**20
"""Bytes kept by default; those of about 3,000 levels of 24 x 8 x 24."""

Key = tuple[bytes, int]
BAKED = ("cubes", "odd", "beam", "light", "corners")


def key_of(blocks: np.ndarray, time: int) -> Key:
    """What the light of a level depends on: uint8[X, Y, Z] and ticks."""
    return blocks.tobytes(), time


class LitLevels:
    """What `scene.survey` worked out for the levels used last.

    Args:
        limit: Bytes to keep at most.

    Attributes:
        size: Bytes kept.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self.size = 0
        self._levels: OrderedDict[Key, tuple[np.ndarray, ...]] = OrderedDict()

    def recall(self, scene: Scene, slot: int, key: Key) -> bool:
        """Lights a slot as that level was, or says that it is not known."""
        known = self._levels.get(key)
        if known is None:
            return False
        self._levels.move_to_end(key)
        for name, values in zip(BAKED, known, strict=True):
            getattr(scene, name)[slot] = values
        return True

    def keep(self, scene: Scene, slot: int, key: Key) -> None:
        """Remembers how a slot is lit, and forgets what was not used for longest."""
        if key in self._levels:
            return
        values = tuple(getattr(scene, name)[slot].copy() for name in BAKED)
        self._levels[key] = values
        self.size += _bytes(key, values)
        while self.size > self._limit:
            self.size -= _bytes(*self._levels.popitem(last=False))


def _bytes(key: Key, values: tuple[np.ndarray, ...]) -> int:
    return len(key[0]) + sum(value.nbytes for value in values)
