"""A cache of the light of levels, because a bank's levels are played many times."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from minecraft_tasks.backends.voxel.scene.scene import Scene

LIMIT = 128 * 2**20
"""Default size in bytes, for about 3,000 levels of 24 x 8 x 24."""

Key = tuple[bytes, int]
BAKED = ("cubes", "odd", "beam", "light", "corners")


def key_of(blocks: np.ndarray, time: int) -> Key:
    """Key of a level's light: its blocks uint8[X, Y, Z] and its time in ticks."""
    return blocks.tobytes(), time


class LitLevels:
    """The results of `scene.update_scene` for the levels used last, `size` bytes up to `limit`."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self.size = 0
        self._levels: OrderedDict[Key, tuple[np.ndarray, ...]] = OrderedDict()

    def recall(self, scene: Scene, slot: int, key: Key) -> bool:
        """Lights a slot from the cache; returns whether the level is cached."""
        known = self._levels.get(key)
        if known is None:
            return False
        self._levels.move_to_end(key)
        for name, values in zip(BAKED, known, strict=True):
            getattr(scene, name)[slot] = values
        return True

    def keep(self, scene: Scene, slot: int, key: Key) -> None:
        """Caches the light of a slot, and drops the levels unused for longest."""
        if key in self._levels:
            return
        values = tuple(getattr(scene, name)[slot].copy() for name in BAKED)
        self._levels[key] = values
        self.size += _bytes(key, values)
        while self.size > self._limit:
            self.size -= _bytes(*self._levels.popitem(last=False))


def _bytes(key: Key, values: tuple[np.ndarray, ...]) -> int:
    return len(key[0]) + sum(value.nbytes for value in values)
