"""Candidate events, computed from poses, for every backend alike."""

from __future__ import annotations

import numpy as np


def touched(position: np.ndarray, sites: np.ndarray) -> np.ndarray:
    """Whether each agent's feet are in each candidate's site.

    Args:
        position: float64[N, 3] feet, in blocks.
        sites: float64[N, C, 6] boxes; NaN where a candidate is absent.

    Returns:
        bool[N, C]; an absent candidate is never touched.
    """
    feet = position[:, None, :]
    x, y, z = np.moveaxis((feet >= sites[..., :3]) & (feet <= sites[..., 3:]), 2, 0)
    return x & y & z


def first_touched(touch: np.ndarray, where: np.ndarray, sites: np.ndarray) -> np.ndarray:
    """The candidate that each episode touched first.

    If several are touched at the same decision, it is the one whose middle is nearest to the feet.

    Args:
        touch: int64[N, C] decision of the first touch, -1 for never.
        where: float64[N, C, 3] feet at each candidate's first touch.
        sites: float64[N, C, 6] boxes.

    Returns:
        int64[N] candidate index, -1 where none was touched.
    """
    never = touch < 0
    when = np.where(never, np.iinfo(np.int64).max, touch)
    earliest = when.min(axis=1, keepdims=True)
    middle = (sites[..., :3] + sites[..., 3:]) / 2
    away = np.hypot(where[..., 0] - middle[..., 0], where[..., 2] - middle[..., 2])
    away = np.where((when == earliest) & ~never, away, np.inf)
    return np.where(never.all(axis=1), -1, away.argmin(axis=1))
