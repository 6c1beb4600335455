"""Placement: which place each candidate gets, what is built there, and where the agent starts.

A task draws one place for each group of `Split.sites`, builds every candidate at the place of its
group, and draws a spawn from which the split asks its question. What a place is, is the task's:
a bay of a wall, a cell of a maze, a room; its first two fields are where it is.
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
"""Places that a group may have, given what other groups have already."""

Builder = Callable[[Place, bool], Site]
"""Builds one candidate at a place, alone there or not; returns its site."""


class LayoutRejected(Exception):
    """This draw of random numbers leaves no room for everything: draw again."""


def distance(one: Sequence[int], other: Sequence[int]) -> int:
    """Distance of two places along x or z, whichever is more, in the unit of their first fields."""
    return max(abs(one[0] - other[0]), abs(one[1] - other[1]))


def keep_apart(options: Sequence[Place], others: Sequence[Place], least: int) -> list[Place]:
    """Those places that have at least that `distance` from all others."""
    return [each for each in options if all(distance(each, other) >= least for other in others)]


def assign_places(
    split: Split, options: Options[Place], rng: np.random.Generator, first: str = ""
) -> list[Place]:
    """One place for each group of `split.sites`, in that order.

    Args:
        split: The split.
        options: Places that a group may have.
        rng: Source of randomness; one draw for each group.
        first: Candidate whose group is placed before the others, because they depend on it.

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
    """Builds every candidate at the place of its group; returns the candidates' sites.

    Args:
        split: The split.
        places: One for each group of `split.sites`; reversed for a twin.
        builders: Candidate -> what builds it, in the order of building.
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
        spots: float64[S, 2] x and z of where the agent may start, in blocks.
        away: float64[S, G] distance of each spot from each place, in the task's own unit.
        split: The split.
        rng: Source of randomness.
        least: Smallest distance allowed.
        ratio: In a conflict, largest distance allowed as a multiple of the smallest.
        targets: float64[G, 2] x and z of each place, where a conflict asks for a heading that
            favours neither; any heading will do otherwise.

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
