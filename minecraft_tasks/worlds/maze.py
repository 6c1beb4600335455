"""Hedge mazes: cells of two by two blocks of path, one block of hedge between them."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np

from minecraft_tasks.worlds import layout
from minecraft_tasks.worlds.world import SUNRISE, Site

PITCH = 3
"""Blocks from one cell to the next: two of path and one of hedge."""


class RimCell(NamedTuple):
    """A cell of the rim, as column and row, and the step out of the maze there."""

    i: int
    j: int
    out_x: int
    out_z: int


def rim(size: int) -> list[RimCell]:
    """Every cell of the rim, once for each of its outer sides."""
    ends = ((0, -1), (size - 1, 1))
    rows = [RimCell(i, j, 0, out) for j, out in ends for i in range(size)]
    return rows + [RimCell(i, j, out, 0) for i, out in ends for j in range(size)]


def corners(size: int, rng: np.random.Generator) -> list[RimCell]:
    """The four corner cells, each with one of its two outer sides."""
    ends = ((0, -1), (size - 1, 1))
    return [
        RimCell(i, j, 0, out_z) if rng.integers(2) else RimCell(i, j, out_x, 0)
        for i, out_x in ends
        for j, out_z in ends
    ]


def sunward_corner(size: int, time: int) -> tuple[int, int]:
    """The corner sunward and to the left: north-east at sunrise, south-west at sunset."""
    return (size - 1, 0) if time == SUNRISE else (0, size - 1)


class Maze(NamedTuple):
    """Placement of a maze: the block of its north-west hedge corner, and its cells a side."""

    x0: int
    z0: int
    size: int

    def inside(self, i: int, j: int) -> tuple[int, int]:
        """North-west block of the path in cell (i, j)."""
        return self.x0 + 1 + PITCH * i, self.z0 + 1 + PITCH * j

    def site(self, i: int, j: int) -> Site:
        """The path of cell (i, j)."""
        x, z = self.inside(i, j)
        return Site(x, 0.0, z, x + 2, 8.0, z + 2)

    def middles(self) -> np.ndarray:
        """Middle of the path in every cell, float64[size * size, 2] x and z, row by row."""
        cells = np.argwhere(np.ones((self.size, self.size)))
        return np.array([self.x0, self.z0]) + 2.0 + PITCH * cells

    def hedge(self, cell: RimCell) -> list[tuple[int, int]]:
        """The two hedge columns between a rim cell and the grass."""
        x, z = self.inside(cell.i, cell.j)
        if cell.out_x:
            edge = x + 2 if cell.out_x > 0 else x - 1
            return [(edge, z), (edge, z + 1)]
        edge = z + 2 if cell.out_z > 0 else z - 1
        return [(x, edge), (x + 1, edge)]


def maze_in(shape: tuple[int, int, int], sizes: tuple[int, int], rng: np.random.Generator) -> Maze:
    """Draws the size of a maze, in cells a side, in the middle of a square world."""
    size = int(rng.integers(sizes[0], sizes[1] + 1))
    corner = (shape[0] - PITCH * size - 1) // 2
    return Maze(corner, corner, size)


def build_hedges(blocks: np.ndarray, maze: Maze, rng: np.random.Generator) -> np.ndarray:
    """Builds the hedges and paths of a maze; returns the plan of its hedges bool[W, W]."""
    east, south = layout.spanning_tree(maze.size, rng)
    width = PITCH * maze.size + 1
    hedges = np.ones((width, width), bool)
    for i, j in np.ndindex(maze.size, maze.size):
        x, z = 1 + PITCH * i, 1 + PITCH * j
        hedges[x : x + 2 + (i < maze.size - 1 and east[i, j]), z : z + 2] = False
        hedges[x : x + 2, z : z + 2 + (j < maze.size - 1 and south[i, j])] = False
    for x, z in np.argwhere(hedges):
        layout.column(blocks, maze.x0 + int(x), maze.z0 + int(z), "hedge", "hedge")
    x0, z0 = maze.x0, maze.z0
    layout.pave(blocks[x0 : x0 + width, :, z0 : z0 + width], "gravel")
    return hedges


def dig_alcove(blocks: np.ndarray, maze: Maze, cell: RimCell) -> Site:
    """Opens the outer hedge of a rim cell and closes it one block further out.

    Returns the site of the alcove: a body comes to it as to a gap.
    """
    (xa, za), (xb, zb) = maze.hedge(cell)
    out_x, out_z = cell.out_x, cell.out_z
    for x, z in ((xa, za), (xb, zb)):
        layout.column(blocks, x, z, "air", "air")
        layout.column(blocks, x + out_x, z + out_z, "hedge", "hedge")
    return Site(
        xa + 0.5 * (out_x > 0),
        0.0,
        za + 0.5 * (out_z > 0),
        xb + 1 - 0.5 * (out_x < 0),
        8.0,
        zb + 1 - 0.5 * (out_z < 0),
    )


def open_gap(blocks: np.ndarray, maze: Maze, cell: RimCell) -> Site:
    """Opens the outer hedge of a rim cell; returns the site of the gap, which extends outwards."""
    inner = dig_alcove(blocks, maze, cell)
    for x, z in maze.hedge(cell):
        layout.column(blocks, x + cell.out_x, z + cell.out_z, "air", "air")
    return inner._replace(
        x0=inner.x0 - 2.0 * (cell.out_x < 0),
        z0=inner.z0 - 2.0 * (cell.out_z < 0),
        x1=inner.x1 + 2.0 * (cell.out_x > 0),
        z1=inner.z1 + 2.0 * (cell.out_z > 0),
    )


def distances(hedges: np.ndarray, size: int, start: RimCell) -> np.ndarray:
    """Cells of path from `start` to every cell, int64[size, size]."""
    away = np.full((size, size), -1)
    away[start.i, start.j] = 0
    queue = deque([(start.i, start.j)])
    while queue:
        i, j = queue.popleft()
        for di, dj in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            # The hedge column between two cells stands beside their paths.
            between = (
                1 + PITCH * i + (2 if di > 0 else di),
                1 + PITCH * j + (2 if dj > 0 else dj),
            )
            to = (i + di, j + dj)
            if min(to) >= 0 and max(to) < size and not hedges[between] and away[to] < 0:
                away[to] = away[i, j] + 1
                queue.append(to)
    return away
