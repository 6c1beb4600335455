"""Samplers draw the level that an episode plays, and are told what came of it.

A sampler reads levels, lengths and successes at the rewarded candidate. It is never told what else
was touched, nor which candidates a level holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from minecraft_tasks.core.errors import FalseBeaconError


class LevelFacts(NamedTuple):
    """What samplers know of the L levels of a bank.

    Attributes:
        weights: float64[L] relative frequency of each level under uniform sampling.
        stages: int64[L] stage of a curriculum, 0 the first; -1 for levels that are always open and
            not counted as success.
        optimal: float64[L] fewest decisions to the rewarded candidate.
        limits: int64[L] decisions after which an episode is cut.
        gamma: Discount per decision.
        step_cost: Of the reward, at each decision.
    """

    weights: np.ndarray
    stages: np.ndarray
    optimal: np.ndarray
    limits: np.ndarray
    gamma: float
    step_cost: float


class LevelSampler:
    """Draws levels of a bank by fixed weights: uniform sampling, and the base of all others.

    Args:
        levels: Number of levels in the bank, L.
        weights: float64[L] relative frequency of each; equal by default.

    Raises:
        FalseBeaconError: If the weights are not one for each level, none negative, not all zero.
    """

    STATE: tuple[str, ...] = ()
    """Names of the attributes, arrays, that later draws depend on."""

    def __init__(self, levels: int, weights: np.ndarray | None = None) -> None:
        self.levels = levels
        self._upto = None if weights is None else cumulative(weights, levels)

    def draw(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Levels of the next episodes, int64[count]."""
        if self._upto is None:
            return rng.integers(0, self.levels, count)
        return np.searchsorted(self._upto, rng.random(count), side="right")

    def ended(self, levels: np.ndarray, lengths: np.ndarray, solved: np.ndarray) -> None:
        """Notes the episodes that ended with a decision, at every decision of an environment.

        Args:
            levels: int64[K].
            lengths: int64[K] decisions.
            solved: bool[K], whether the rewarded candidate was reached.
        """

    def learnt(self, levels: np.ndarray, ended: np.ndarray, advantages: np.ndarray) -> None:
        """Notes the learner's estimates of a rollout of T steps in N environments.

        Args:
            levels: int64[T, N], played at each step.
            ended: bool[T, N], whether the step was the last of its episode.
            advantages: float[T, N], by generalised advantage estimation.
        """

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all that later draws depend on but the generator."""
        return {name: np.array(getattr(self, name)) for name in self.STATE}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Continues from a `state`.

        Raises:
            FalseBeaconError: If it is of another sampling, or of another number of levels.
        """
        for name in self.STATE:
            own, given = np.asarray(getattr(self, name)), state.get(name)
            if given is None or given.shape != own.shape:
                raise FalseBeaconError(
                    f"the state of {type(self).__name__} lacks {name} of shape {list(own.shape)}:"
                    " it is of another sampling, or of another number of levels."
                )
            setattr(self, name, given.astype(own.dtype, copy=True))


class WeightedSampler(LevelSampler):
    """Draws levels by weights that change; `weigh` gives them, float64[L] of any sum."""

    def __init__(self, facts: LevelFacts) -> None:
        super().__init__(len(facts.weights), facts.weights)
        self.facts = facts
        self._base = facts.weights / facts.weights.sum()
        self._fresh = False

    def weigh(self) -> np.ndarray:
        """Relative frequencies float64[L] of the next draws."""
        raise NotImplementedError

    def draw(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Levels of the next episodes, int64[count]."""
        if not self._fresh:
            self._upto, self._fresh = cumulative(self.weigh(), self.levels), True
        return super().draw(rng, count)

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Continues from a `state`; errors as in `LevelSampler.restore`."""
        super().restore(state)
        self._fresh = False


def cumulative(weights: np.ndarray, levels: int) -> np.ndarray:
    """Cumulative distribution float64[L] of draws by relative weights, see `LevelSampler`."""
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
