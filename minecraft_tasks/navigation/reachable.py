"""Ground that an agent can reach without entering any candidate's site."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from minecraft_tasks.navigation.cost_to_go import cost_to_go
from minecraft_tasks.navigation.lattice import SPACING, Lattice, make_lattice
from minecraft_tasks.physics.collision import STEP_HEIGHT
from minecraft_tasks.worlds.sites import touched
from minecraft_tasks.worlds.world import Site, World


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
    """Fewest decisions from every place to the spawn, around the closed sites: float32[GX, GZ].

    `UNREACHABLE` or more where there is no path. On reversible ground, the other places are those
    that can be reached from the spawn.
    """
    height = lattice.height.copy()
    for site in closed:
        height[standing_in(lattice, site)] = np.nan
    x, y, z = world.spawn[:3]
    spawn = Site(x - 0.5, y - 0.5, z - 0.5, x + 0.5, y + 0.5, z + 0.5)
    return cost_to_go(Lattice(height, lattice.reached), spawn).min(axis=2)


def places(blocks: np.ndarray, spawn: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Places that a body can reach from the spawn.

    Args:
        blocks: uint8[X, Y, Z].
        spawn: float64[5], as `LevelBank.spawn`.
        end: float64[6], the site that ends every walk.

    Returns:
        float64[K, 3] feet in blocks, half a block apart.
    """
    height = make_lattice(blocks, headings=1).height
    width, depth = height.shape
    x, z = np.meshgrid(np.arange(width) * SPACING, np.arange(depth) * SPACING, indexing="ij")
    feet = np.stack([x, height, z], axis=-1).reshape(-1, 3)
    standing = ~np.isnan(feet[:, 1]) & ~touched(feet, end[None, None])[:, 0]
    index = np.arange(width * depth).reshape(width, depth)
    ways = [(index[:-1], index[1:]), (index[:, :-1], index[:, 1:])]
    here, there = (
        np.concatenate([part.ravel() for pair in ways for part in pair[::turn]]) for turn in (1, -1)
    )
    rise = feet[there, 1] - feet[here, 1]
    with np.errstate(invalid="ignore"):
        passed = standing[here] & standing[there] & (rise <= STEP_HEIGHT)
    steps = np.ones(int(passed.sum()), bool)
    graph = csr_array((steps, (here[passed], there[passed])), shape=(index.size, index.size))
    column, row = np.rint(spawn[[0, 2]] / SPACING).astype(int)
    reached = breadth_first_order(graph, index[column, row], return_predecessors=False)
    return feet[reached]
