"""How often an engine may fail."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from minecraft_tasks.core.errors import EngineError

MOST_LOSSES = 3
"""Times that the engine may fail in a level before the level is given up."""

MOST_IN_A_ROW = 10
"""Failures without a step that went well, after which the engine is given up."""


class FailureBudget:
    """Counts the episodes that an engine has lost.

    Args:
        num_envs: Slots, N.
    """

    def __init__(self, num_envs: int) -> None:
        self._of_level = np.zeros(num_envs, np.int64)
        self._in_a_row = 0

    def note(self, broken: Mapping[int, str]) -> set[int]:
        """Takes note of a step.

        Args:
            broken: Slot -> what went wrong.

        Returns:
            Slots whose level was lost so often that it is to be played no more.

        Raises:
            EngineError: If the engine does nothing but fail.
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
        """Begins to count anew in slots int64[K], which play another level."""
        self._of_level[slots] = 0
