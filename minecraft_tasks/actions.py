"""Actions as they come from whoever plays."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.errors import FalseBeaconError


def check_actions(actions: np.ndarray, num_envs: int, num_actions: int) -> np.ndarray:
    """Actions as int64[N].

    Raises:
        FalseBeaconError: If they are not N whole numbers from 0 to num_actions - 1.
    """
    given = np.asarray(actions)
    if given.shape != (num_envs,) or given.dtype.kind not in "iu":
        raise FalseBeaconError(
            f"actions must be {num_envs} whole numbers, got {given.dtype}{list(given.shape)}."
        )
    bad = (given < 0) | (given >= num_actions)
    if bad.any():
        slot = int(bad.argmax())
        raise FalseBeaconError(
            f"action out of range: {given[slot]} in environment {slot}; "
            f"actions are 0 to {num_actions - 1}."
        )
    return given.astype(np.int64)
