"""Tests of a majority, with the layout as the unit, and of several majorities together."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

import numpy as np

from evaluation.statistics.estimates import CONFIDENCE, Estimate, share_of

K = TypeVar("K", bound=Hashable)

LEVEL = (1 - CONFIDENCE) / 2
"""One-sided level of a test: that of the lower end of an interval."""


class Majority(Estimate):
    """A share of episodes, and the p value of `majority_p`."""

    p: float


def majority_of(passed: np.ndarray, layouts: np.ndarray) -> Majority:
    """Share of bool[n] that is true, with n of 1 or more, as `share_of` and `majority_p`."""
    share = share_of(passed, layouts)
    assert share is not None
    return Majority(**dict(share), p=majority_p(passed, layouts))


def majority_p(passed: np.ndarray, layouts: np.ndarray) -> float:
    """One-sided p value of a share of one half or less, by an exact sign-flip test over layouts.

    Each layout contributes its outcomes less half of its episodes. Without a majority, this is as
    likely to have either sign on layouts with one episode or two, so that for twins the test is
    that of McNemar 1947 in its exact form: layouts whose twins end differently say nothing. With
    more episodes on a layout, the signs are an approximation.

    Args:
        passed: bool[n], the outcomes.
        layouts: [n], the layout of each episode.

    Returns:
        A probability in (0, 1]; 1 without episodes.
    """
    if len(passed) == 0:
        return 1.0
    _, unit = np.unique(layouts, return_inverse=True)
    sums = np.bincount(unit, np.where(passed, 1, -1)).astype(np.int64)
    chances = np.ones(1)
    for size in np.abs(sums[sums != 0]):
        flipped = np.zeros(len(chances) + 2 * size)
        flipped[: len(chances)] += chances / 2
        flipped[2 * size :] += chances / 2
        chances = flipped
    middle = len(chances) // 2
    return float(min(1.0, chances[middle + int(sums.sum()) :].sum()))


def holm(found: Mapping[K, float]) -> dict[K, float]:
    """P values of several tests, adjusted so that the chance of any false one is bounded.

    By Holm 1979, for tests with any dependence.
    """
    adjusted: dict[K, float] = {}
    largest = 0.0
    for place, (name, p) in enumerate(sorted(found.items(), key=lambda item: item[1])):
        largest = max(largest, min(1.0, p * (len(found) - place)))
        adjusted[name] = largest
    return {name: adjusted[name] for name in found}
