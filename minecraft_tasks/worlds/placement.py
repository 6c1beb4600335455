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


_STRIDE = 0.86
"""Blocks of a decision to walk."""

_MIDDLE = 0.1
"""Largest difference of a distance from the mean of two between which it lies, as a share."""


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


def poses(spots: np.ndarray) -> np.ndarray:
    """Every heading at every spot: spots float64[S, 2] (x, z) to float64[24 S, 3] (x, z, yaw)."""
    yaws = np.tile(15.0 * np.arange(-12, 12), len(spots))
    return np.column_stack([np.repeat(spots, 24, axis=0), yaws])


def decisions(of: np.ndarray, sites: Sequence[Site]) -> np.ndarray:
    """About how many decisions each site is away in the open: turns of 15 degrees, then strides.

    Args:
        of: float64[P, 3] poses x, z (blocks), yaw (degrees).
        sites: G of them.

    Returns:
        float64[P, G].
    """
    box = np.array(sites)
    dx = np.clip(of[:, :1], box[:, 0], box[:, 3]) - of[:, :1]
    dz = np.clip(of[:, 1:2], box[:, 2], box[:, 5]) - of[:, 1:2]
    turn = (np.degrees(np.arctan2(-dx, dz)) - of[:, 2:] + 180.0) % 360.0 - 180.0
    return np.hypot(dx, dz) / _STRIDE + np.abs(turn) / 15.0


def fair_spawn(
    spots: np.ndarray,
    away: np.ndarray,
    split: Split,
    rng: np.random.Generator,
    least: float,
    ratio: float,
) -> Pose:
    """A spot away from every place and, in a conflict, about as far from both candidates.

    Args:
        spots: Possible spawns: float64[S, 2] x, z in blocks, with a random heading; or
            float64[S, 3] with the heading in degrees.
        away: float64[S, G] distance of each spot from each place, in the task's own unit. In a
            conflict with a candidate that the twin moves while the other one stays, there is a
            third column: the second candidate's distance in the twin. The first is then nearer in
            one twin and farther in the other, by about as much.
        split: The split.
        rng: Source of randomness.
        least: Smallest distance allowed.
        ratio: In a conflict, largest distance allowed as a multiple of the smallest.

    Raises:
        LayoutRejected: If there is no such spot.
    """
    good = (away >= least).all(axis=1)
    if split.kind == "conflict":
        good &= away.max(axis=1) <= ratio * away.min(axis=1)
    if away.shape[1] == 3 and split.kind == "conflict":
        first, second = away[:, 0], away[:, 1:]
        between = (second.min(axis=1) < first) & (first < second.max(axis=1))
        good &= between & (np.abs(second.mean(axis=1) - first) <= _MIDDLE * first)
    if not good.any():
        raise LayoutRejected("no spot is left for the spawn")
    x, z, *heading = spots[rng.choice(np.flatnonzero(good))].tolist()
    return Pose(x, float(layout.GROUND), z, heading[0] if heading else layout.random_yaw(rng))
