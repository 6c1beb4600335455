"""Ground that an agent can come to before it has reached any candidate."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from minecraft_tasks.lattice import SPACING, Lattice
from minecraft_tasks.navigation import cost_to_go
from minecraft_tasks.world import Site, World


def lattice_points(lattice: Lattice) -> tuple[np.ndarray, np.ndarray]:
    """Every place of a lattice, x and z, float64[GX, 1] and float64[1, GZ] blocks."""
    nx, nz = lattice.height.shape
    return SPACING * np.arange(nx)[:, None], SPACING * np.arange(nz)[None, :]


def standing_in(lattice: Lattice, site: Site) -> np.ndarray:
    """Places where a body can stand inside a box, bool[GX, GZ]."""
    x, z = lattice_points(lattice)
    with np.errstate(invalid="ignore"):
        level = (lattice.height >= site.y0) & (lattice.height <= site.y1)
    return level & (x >= site.x0) & (x <= site.x1) & (z >= site.z0) & (z <= site.z1)


def decisions_back(world: World, lattice: Lattice, closed: Iterable[Site]) -> np.ndarray:
    """Fewest decisions from every place back to the spawn, through none of some sites.

    Where ways lead both ways, these are the places that can be come to from the spawn.

    Returns:
        float32[GX, GZ]; `UNREACHABLE` or more where there is no such way.
    """
    height = lattice.height.copy()
    for site in closed:
        height[standing_in(lattice, site)] = np.nan
    x, y, z = world.spawn[:3]
    spawn = Site(x - 0.5, y - 0.5, z - 0.5, x + 0.5, y + 0.5, z + 0.5)
    return cost_to_go(Lattice(height, lattice.reached), spawn).min(axis=2)
