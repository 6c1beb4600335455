"""Twins: two levels of a conflict that differ in which candidate is where, and in nothing else."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.worlds.world import Site, World

TWIN_DISTANCE = 1.0
"""Most blocks between a candidate's site in a twin and the other candidate's site."""


def true_twins(one: World, other: World) -> bool:
    """Whether two levels have one plan and one spawn, and two candidates that change places.

    They are swapped: each is next to the place of the other one, and away from its own. Where the
    sun changes sides, the candidate that it marks moves with it, and the other one stays.
    """
    if not np.array_equal(one.layout, other.layout) or one.spawn != other.spawn:
        return False
    if len(one.sites) != 2 or set(one.sites) != set(other.sites):
        return False
    if one.time != other.time:
        moved = [name for name in one.sites if one.sites[name] != other.sites[name]]
        return len(moved) == 1 and gap(one.sites[moved[0]], other.sites[moved[0]]) > TWIN_DISTANCE
    return all(
        (gap(one.sites[a], other.sites[b]) > TWIN_DISTANCE) == (a == b)
        for a in one.sites
        for b in one.sites
    )


def gap(one: Site, other: Site) -> float:
    """Blocks between two boxes along x or z, whichever is more; 0 where they overlap."""
    x = max(one.x0, other.x0) - min(one.x1, other.x1)
    z = max(one.z0, other.z0) - min(one.z1, other.z1)
    return max(x, z, 0.0)
