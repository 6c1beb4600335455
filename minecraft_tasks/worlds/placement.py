"""Placement of candidates and of the agent.

A task draws one place for each group of `Split.sites`, builds every candidate at the place of its
group, and draws a spawn that suits the split. A place is a tuple of the task's own type (a bay of a
wall, a cell of a maze, a room); its first two fields are its position.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from minecraft_tasks.spec import Split
from minecraft_tasks.worlds import layout
from minecraft_tasks.worlds.world import Pose, Site

Place = TypeVar("Place", bound=tuple)
Group = tuple[str, ...]
Options = Callable[[Group, dict[Group, Place]], list[Place]]
"""Places that a group may have, given those of other groups."""

Builder = Callable[[Place, bool], Site]
"""Builds one candidate at a place, where it is alone or not; returns its site."""


class LayoutRejected(Exception):
    """This draw of random numbers has no room for all candidates; another draw may."""


def distance(one: Sequence[int], other: Sequence[int]) -> int:
    """Distance of two places along x or z, the larger of the two, in the unit of the places."""
    return max(abs(one[0] - other[0]), abs(one[1] - other[1]))


def keep_apart(options: Sequence[Place], others: Sequence[Place], least: int) -> list[Place]:
    """The options with at least that `distance` from all other places."""
    return [each for each in options if all(distance(each, other) >= least for other in others)]


def assign_places(
    split: Split, options: Options[Place], rng: np.random.Generator, first: str = ""
) -> list[Place]:
    """One place for each group of `split.sites`, in that order, by one draw each.

    The group of candidate `first` is placed before the others, because they depend on it.

    Raises:
        LayoutRejected: If a group has no place left.
    """
    chosen: dict[Group, Place] = {}
    for group in sorted(split.sites, key=lambda group: first not in group):
        fit = options(group, chosen)
        if not fit:
            raise LayoutRejected(f"no place is left for {'+'.join(group)}")
        chosen[group] = fit[rng.integers(len(fit))]
    return [chosen[group] for group in split.sites]


def build_sites(
    split: Split, places: Sequence[Place], builders: Mapping[str, Builder[Place]]
) -> dict[str, Site]:
    """Builds every candidate at the place of its group, in the order of `builders`.

    `places` has one place for each group of `split.sites`, reversed for a twin.
    """
    return {
        name: build(place, len(group) == 1)
        for group, place in zip(split.sites, places, strict=True)
        for name, build in builders.items()
        if name in group
    }


def fair_spawn(
    spots: np.ndarray,
    away: np.ndarray,
    split: Split,
    rng: np.random.Generator,
    least: float,
    ratio: float,
    targets: np.ndarray | None = None,
) -> Pose:
    """A spot away from every place and, in a conflict, about as far from both.

    Args:
        spots: float64[S, 2] possible spawns x, z, in blocks.
        away: float64[S, G] distance of each spot from each place, in the task's own unit.
        split: The split.
        rng: Source of randomness.
        least: Smallest distance allowed.
        ratio: In a conflict, largest distance allowed as a multiple of the smallest.
        targets: float64[G, 2] x, z of each place, if the heading in a conflict should favour
            neither; by default the heading is random.

    Raises:
        LayoutRejected: If there is no such spot.
    """
    good = (away >= least).all(axis=1)
    if split.kind == "conflict":
        good &= away.max(axis=1) <= ratio * away.min(axis=1)
    if not good.any():
        raise LayoutRejected("no spot is left for the spawn")
    x, z = spots[rng.choice(np.flatnonzero(good))].tolist()
    if targets is not None and split.kind == "conflict":
        yaw = layout.fair_yaw(x, z, targets, rng)
    else:
        yaw = layout.random_yaw(rng)
    return Pose(x, float(layout.GROUND), z, yaw)
