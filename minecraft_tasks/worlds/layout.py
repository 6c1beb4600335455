"""Structures: functions that write into a block array, and hashes of plans."""

from __future__ import annotations

import hashlib

import numpy as np

from minecraft_tasks.blocks.palette import AIR, block_id
from minecraft_tasks.worlds.world import Site

GROUND = 1
"""Height of the feet on open ground: the floor is the layer y = 0."""

TOGETHER = 1.7
"""Reach in blocks, along x and z each, of an object that stands with others.

A body at one of several objects that coincide is then at all of them."""

ALONE = 0.6
"""Reach of an object that stands alone; a body comes as close as 0.3."""


def ground(shape: tuple[int, int, int], name: str = "grass") -> np.ndarray:
    """An empty world, uint8[X, Y, Z], with one layer of floor."""
    blocks = np.full(shape, AIR, np.uint8)
    blocks[:, 0, :] = block_id(name)
    return blocks


def pave(blocks: np.ndarray, name: str) -> None:
    """Changes the floor of an area of the world, uint8[W, Y, D]."""
    blocks[:, 0, :] = block_id(name)


def column(blocks: np.ndarray, x: int, z: int, *names: str, base: int = GROUND) -> None:
    """Stacks blocks upwards at (x, z), the first of `names` at height `base`."""
    for height, name in enumerate(names):
        blocks[x, base + height, z] = block_id(name)


def ring(blocks: np.ndarray, x0: int, z0: int, x1: int, z1: int, height: int, name: str) -> None:
    """Builds a wall around the cells x0..x1-1, z0..z1-1."""
    wall = block_id(name)
    rows = slice(GROUND, GROUND + height)
    blocks[x0 - 1 : x1 + 1, rows, z0 - 1] = wall
    blocks[x0 - 1 : x1 + 1, rows, z1] = wall
    blocks[x0 - 1, rows, z0 - 1 : z1 + 1] = wall
    blocks[x1, rows, z0 - 1 : z1 + 1] = wall


def tree(blocks: np.ndarray, x: int, z: int, rng: np.random.Generator) -> None:
    """An oak; a body can walk beneath its crown."""
    trunk = int(rng.integers(3, 5))
    crown = block_id("oak_leaves")
    blocks[x - 1 : x + 2, GROUND + trunk - 1 : GROUND + trunk + 1, z - 1 : z + 2] = crown
    blocks[x, GROUND + trunk + 1, z] = crown
    column(blocks, x, z, *["oak_log"] * trunk)


def rock(blocks: np.ndarray, x: int, z: int, rng: np.random.Generator) -> None:
    """A boulder of one to four columns, one or two blocks high."""
    for dx in range(int(rng.integers(1, 3))):
        for dz in range(int(rng.integers(1, 3))):
            kind = "mossy_cobblestone" if rng.random() < 0.5 else "cobblestone"
            column(blocks, x + dx, z + dz, *[kind] * int(rng.integers(1, 3)))


def hut(blocks: np.ndarray, x: int, z: int, rng: np.random.Generator) -> None:
    """A closed shed, 3 x 3, of planks between log corners under a brick roof."""
    for dx in (-1, 0, 1):
        for dz in (-1, 0, 1):
            corner = dx != 0 and dz != 0
            column(blocks, x + dx, z + dz, *["oak_log" if corner else "oak_planks"] * 2, "bricks")


def cell_site(x: int, z: int, reach: float = ALONE) -> Site:
    """The site of an object in the cell (x, z): all within `reach` blocks of the cell."""
    return Site(x - reach, 0.0, z - reach, x + 1 + reach, 8.0, z + 1 + reach)


def random_yaw(rng: np.random.Generator) -> float:
    """A random heading in degrees, a multiple of 15."""
    return float(15 * rng.integers(-12, 12))


def spanning_tree(size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A uniformly random spanning tree of a size x size grid, by Wilson's algorithm.

    Returns:
        Passages east of each cell, bool[size - 1, size]; south of it, bool[size, size - 1].
    """
    east = np.zeros((size - 1, size), bool)
    south = np.zeros((size, size - 1), bool)
    joined = np.zeros((size, size), bool)
    joined[tuple(rng.integers(0, size, 2))] = True
    steps = ((1, 0), (-1, 0), (0, 1), (0, -1))
    for start in np.ndindex(size, size):
        cell, leaving = start, {}
        while not joined[cell]:
            dx, dz = steps[rng.integers(4)]
            to = (cell[0] + dx, cell[1] + dz)
            if 0 <= to[0] < size and 0 <= to[1] < size:
                leaving[cell] = to
                cell = to
        cell = start
        while not joined[cell]:
            joined[cell] = True
            to = leaving[cell]
            low = min(cell, to)
            (east if cell[0] != to[0] else south)[low] = True
            cell = to
    return east, south


def layout_hash(plan: np.ndarray) -> str:
    """Hash, in 16 hexadecimal digits, of a plan uint8[W, D] up to rotation and reflection."""
    turned = [np.rot90(side, k) for side in (plan, plan.T) for k in range(4)]
    forms = [bytes(form.shape) + np.ascontiguousarray(form, np.uint8).tobytes() for form in turned]
    return hashlib.sha256(min(forms)).hexdigest()[:16]
