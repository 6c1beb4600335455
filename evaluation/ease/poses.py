"""Frames from poses all over a task's levels, and the direction of each candidate.

A pose stands on any place that can be reached from the spawn, looking along any heading that turns
lead to, each as likely as the others. Places beyond the intended goal's site are left out, because
an episode ends there, and so are those inside any site, where a direction means nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.navigation.reachable import places
from minecraft_tasks.spec import Candidate
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.visibility.footprint import marker_ids
from minecraft_tasks.worlds.sites import touched

SECTORS = ("ahead", "right", "behind", "left")
"""Quarters of a circle around the body, of which the first lies 45 degrees to either side."""

POSE_FRAME_SIDE = 64


class Views(NamedTuple):
    """P poses on each of L levels, one level after the other.

    Attributes:
        frames: uint8[L * P, 64, 64, 3].
        ids: uint8[L * P, 64, 64] what each pixel shows, as `Backend.ids`.
        sectors: int64[L * P, C] index into `SECTORS` of each candidate's direction.
        poses: P.
    """

    frames: np.ndarray
    ids: np.ndarray
    sectors: np.ndarray
    poses: int

    def by_level(self, values: np.ndarray) -> np.ndarray:
        """Means over each level's poses: float64[L, ...] of values [L * P, ...]."""
        return values.reshape(-1, self.poses, *values.shape[1:]).mean(axis=1)

    def levels(self, start: int, end: int | None = None) -> Views:
        """The views of a range of levels."""
        rows = slice(start * self.poses, None if end is None else end * self.poses)
        return Views(self.frames[rows], self.ids[rows], self.sectors[rows], self.poses)


def candidate_bearings(feet: np.ndarray, yaw: np.ndarray, sites: np.ndarray) -> np.ndarray:
    """Degrees in [-180, 180) to the right of each body's heading, to each site: float64[P, C].

    Args:
        feet: float64[P, 3].
        yaw: float64[P] degrees.
        sites: float64[C, 6]; bearings are of the nearest point.
    """
    away = np.clip(feet[:, None], sites[:, :3], sites[:, 3:]) - feet[:, None]
    direction = np.degrees(np.arctan2(-away[..., 0], away[..., 2]))
    return (direction - yaw[:, None] + 180.0) % 360.0 - 180.0


def sectors(angles: np.ndarray) -> np.ndarray:
    """The quarter of the circle that each bearing lies in: int64, index into `SECTORS`."""
    return np.floor((angles + 45.0) / 90.0).astype(np.int64) % len(SECTORS)


def views(task: Task, bank: LevelBank, poses: int, seed: int) -> Views:
    """Frames from `poses` random poses on each level of a bank in which no candidate is absent."""
    rng = np.random.default_rng(seed)
    backend = VoxelBackend(poses, task.spec.world_shape, threads=1)
    shape = (len(bank) * poses, POSE_FRAME_SIDE, POSE_FRAME_SIDE)
    frames, ids = np.empty((*shape, 3), np.uint8), np.empty(shape, np.uint8)
    found = np.empty((len(frames), len(task.spec.candidates)), np.int64)
    turn = 360.0 / task.spec.headings
    for level in range(len(bank)):
        blocks, sites = bank.blocks[level], bank.sites[level]
        free = places(blocks, bank.spawn[level], sites[task.spec.intended])
        free = free[~touched(free, np.broadcast_to(sites, (len(free), *sites.shape))).any(axis=1)]
        feet = free[rng.integers(len(free), size=poses)]
        yaw = turn * rng.integers(task.spec.headings, size=poses)
        spawns = np.column_stack([feet, yaw, np.zeros(poses)])
        backend.place(
            np.arange(poses), np.broadcast_to(blocks, (poses, *blocks.shape)), spawns,
            np.full(poses, bank.time[level]),
        )  # fmt: skip
        rows = slice(level * poses, (level + 1) * poses)
        backend.frames(frames[rows])
        backend.ids(ids[rows])
        found[rows] = sectors(candidate_bearings(feet, yaw, sites))
    return Views(frames, ids, found, poses)


def marker_pixels(ids: np.ndarray, candidate: Candidate) -> np.ndarray:
    """Pixels that show a candidate's markers in each frame: int64[N] of ids uint8[N, H, W]."""
    return np.isin(ids, marker_ids(candidate)).sum(axis=(1, 2))
