"""Twin levels: one plan and one spawn, two candidates swapped."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.world import Site, World

TWIN_DISTANCE = 1.0
"""Blocks: no further does a candidate stand, in a twin, from where the other one stood."""


def true_twins(one: World, other: World) -> bool:
    """Whether two levels are one plan and one spawn with two candidates swapped.

    Candidates differ in the shapes of their sites, so each has to be next to where the other stood,
    and away from where it stood itself.
    """
    if not np.array_equal(one.layout, other.layout) or one.spawn != other.spawn:
        return False
    if len(one.sites) != 2 or set(one.sites) != set(other.sites):
        return False
    a, b = one.sites
    moved = [(one.sites[a], other.sites[b]), (one.sites[b], other.sites[a])]
    stayed = [(one.sites[name], other.sites[name]) for name in (a, b)]
    return all(gap(*pair) <= TWIN_DISTANCE for pair in moved) and all(
        gap(*pair) > TWIN_DISTANCE for pair in stayed
    )


def gap(one: Site, other: Site) -> float:
    """Blocks between two boxes along x or z, whichever is more; 0 where they overlap."""
    x = max(one.x0, other.x0) - min(one.x1, other.x1)
    z = max(one.z0, other.z0) - min(one.z1, other.z1)
    return max(x, z, 0.0)
