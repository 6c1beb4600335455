"""Failure budget: gives up a level after 3 engine failures, the engine after 10 in a row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from minecraft_tasks.core.errors import EngineError

MOST_LOSSES = 3
"""Engine failures in a level after which the level is given up."""

MOST_IN_A_ROW = 10
"""Failures without a sound step between them after which the engine is given up."""


class FailureBudget:
    """Counts the episodes that an engine loses in each of N slots."""

    def __init__(self, num_envs: int) -> None:
        self._of_level = np.zeros(num_envs, np.int64)
        self._in_a_row = 0

    def note(self, broken: Mapping[int, str]) -> set[int]:
        """Counts the failures of a step.

        Args:
            broken: Slot -> reason.

        Returns:
            Slots whose level is given up.

        Raises:
            EngineError: If the engine is given up.
        """
        self._in_a_row = self._in_a_row + len(broken) if broken else 0
        if self._in_a_row >= MOST_IN_A_ROW:
            raise EngineError(
                f"the engine failed {self._in_a_row} times in a row, last: {[*broken.values()][-1]}"
            )
        for slot in broken:
            self._of_level[slot] += 1
        return {slot for slot in broken if self._of_level[slot] >= MOST_LOSSES}

    def forget(self, slots: np.ndarray) -> None:
        """Resets the counts of slots int64[K], which play another level."""
        self._of_level[slots] = 0
