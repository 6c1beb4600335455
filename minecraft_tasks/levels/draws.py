"""The order in which the slots of an environment play the levels of a bank."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

import numpy as np

from minecraft_tasks.levels.sampler import LevelSampler

Order = Literal["random", "sequential"]
_SAMPLER = "sampler."
"""Prefix of the sampler's part of a state."""

IDLE = -1
"""Level index of a slot for which a sequential run has no level left."""


class LevelDraws:
    """Draws levels of a bank: at random, or each once and in order.

    Args:
        order: At random, or each level once.
        seed: Seed of the random order.
        sampler: Of the levels in the random order.
    """

    def __init__(self, order: Order, seed: int, sampler: LevelSampler) -> None:
        self.order, self.sampler = order, sampler
        self._rng = np.random.default_rng(seed)
        self._next = 0

    def reseed(self, seed: int | None) -> None:
        """Restarts the random order, if a seed is given."""
        if seed is not None:
            self._rng = np.random.default_rng(seed)

    def restart(self) -> None:
        """Restarts the sequential order."""
        self._next = 0

    def draw(self, count: int) -> np.ndarray:
        """The next levels: int64[count], `IDLE` where none is left."""
        if self.order == "random":
            return self.sampler.draw(self._rng, count)
        levels = np.arange(self._next, self._next + count)
        self._next += count
        return np.where(levels < self.sampler.levels, levels, IDLE)

    def state(self) -> dict[str, np.ndarray]:
        """The state that later draws depend on, for `restore`."""
        generator = json.dumps(self._rng.bit_generator.state)
        sampler = {f"{_SAMPLER}{name}": part for name, part in self.sampler.state().items()}
        return {"next": np.array(self._next), "rng": np.array(generator), **sampler}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Continues from a `state`; errors as in `LevelSampler.restore`."""
        self.restore_sampler(state)
        self._next = int(state["next"])
        self._rng.bit_generator.state = json.loads(str(state["rng"]))

    def restore_sampler(self, state: Mapping[str, np.ndarray]) -> None:
        """Takes over what the sampler knew, but not the order of draws; errors likewise."""
        own = {name: part for name, part in state.items() if name.startswith(_SAMPLER)}
        self.sampler.restore({name.removeprefix(_SAMPLER): part for name, part in own.items()})
