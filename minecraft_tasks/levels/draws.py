"""The order in which the slots of an environment play the levels of a bank."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

import numpy as np

from minecraft_tasks.core.errors import FalseBeaconError

Order = Literal["random", "sequential"]
IDLE = -1
"""Level index of a slot for which a sequential run has no level left."""


class LevelDraws:
    """Draws levels of a bank: at random, or each once and in order.

    Args:
        levels: Number of levels in the bank, L.
        order: At random, or each level once.
        seed: Seed of the random order.
        weights: float64[L] relative frequency of each level in the random order; equal by default.

    Raises:
        FalseBeaconError: If the weights are not one for each level, none negative, not all zero.
    """

    def __init__(
        self, levels: int, order: Order, seed: int, weights: np.ndarray | None = None
    ) -> None:
        self._levels, self.order = levels, order
        self._upto = None if weights is None else cumulative(weights, levels)
        self._rng = np.random.default_rng(seed)
        self._next = 0

    def restart(self, seed: int | None) -> None:
        """Restarts the sequential order, and the random one if a seed is given."""
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self._next = 0

    def draw(self, count: int) -> np.ndarray:
        """The next levels: int64[count], `IDLE` where none is left."""
        if self.order == "random":
            if self._upto is not None:
                return np.searchsorted(self._upto, self._rng.random(count), side="right")
            return self._rng.integers(0, self._levels, count)
        levels = np.arange(self._next, self._next + count)
        self._next += count
        return np.where(levels < self._levels, levels, IDLE)

    def state(self) -> dict[str, np.ndarray]:
        """The state that later draws depend on, for `restore`."""
        generator = json.dumps(self._rng.bit_generator.state)
        return {"next": np.array(self._next), "rng": np.array(generator)}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Continues from a `state`."""
        self._next = int(state["next"])
        self._rng.bit_generator.state = json.loads(str(state["rng"]))


def cumulative(weights: np.ndarray, levels: int) -> np.ndarray:
    """Cumulative distribution float64[L] of draws by relative weights, see `LevelDraws`."""
    given = np.asarray(weights, np.float64)
    if given.shape != (levels,) or not (given >= 0).all() or not 0 < given.sum() < np.inf:
        raise FalseBeaconError(
            f"weights must be {levels} numbers, none negative and not all zero, "
            f"got shape {list(given.shape)} with sum {given.sum()}."
        )
    upto = np.cumsum(given) / given.sum()
    # Rounding must not leave a draw beyond the last level that has any weight.
    upto[np.flatnonzero(given)[-1] :] = 1.0
    return upto
