"""Candidates in the frames of played episodes."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.backends.base import Backend
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.physics.compiled import njit
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.visibility.footprint import FRAME_SIDE, SEEN_PIXELS, marker_ids

IDS = 256
_TOGETHER = 128
"""Levels drawn at a time."""


@njit(cache=True)
def _count(frames, owned, found):
    """Counts the pixels of K frames by candidate, into int64[K, C]."""
    for n in range(frames.shape[0]):
        for i in range(frames.shape[1]):
            for j in range(frames.shape[2]):
                for c in range(found.shape[1]):
                    found[n, c] += owned[c, frames[n, i, j]]


class Lookout:
    """Finds candidates in a backend's frames; `marked` bool[C] tells which have markers."""

    def __init__(self, spec: TaskSpec) -> None:
        self._owned = np.zeros((len(spec.candidates), IDS), np.int64)
        for owned, candidate in zip(self._owned, spec.candidates, strict=True):
            owned[marker_ids(candidate)] = 1
        self.marked = np.asarray(self._owned.any(axis=1))

    def shown(self, backend: Backend, slots: np.ndarray) -> np.ndarray:
        """Whether the frames of slots int64[K] show `SEEN_PIXELS` of each candidate: bool[K, C]."""
        frames = np.zeros((len(backend.yaw), FRAME_SIDE, FRAME_SIDE), np.uint8)
        backend.ids(frames, slots)
        found = np.zeros((len(slots), len(self.marked)), np.int64)
        _count(frames[slots], self._owned, found)
        return found >= SEEN_PIXELS


def sightings(spec: TaskSpec, bank: LevelBank, level: np.ndarray, poses: np.ndarray) -> np.ndarray:
    """Whether each candidate is seen at P poses: bool[P, C].

    Args:
        spec: The task.
        bank: The levels.
        level: int64[P] bank index of each pose.
        poses: float64[P, 4] feet x, y, z in blocks, and yaw in degrees.
    """
    lookout = Lookout(spec)
    found = np.zeros((len(poses), len(spec.candidates)), bool)
    order = np.argsort(level, kind="stable")
    levels, first, counts = np.unique(level[order], return_index=True, return_counts=True)
    for start in range(0, len(levels), _TOGETHER):
        rows = levels[start : start + _TOGETHER]
        part, begins = counts[start : start + _TOGETHER], first[start : start + _TOGETHER]
        backend = VoxelBackend(len(rows), spec.world_shape)
        backend.place(np.arange(len(rows)), bank.blocks[rows], bank.spawn[rows], bank.time[rows])
        for turn in range(int(part.max())):
            slots = np.flatnonzero(part > turn)
            now = order[begins[slots] + turn]
            backend.position[slots], backend.yaw[slots] = poses[now, :3], poses[now, 3]
            found[now] = lookout.shown(backend, slots)
    return found
