"""Blocks as a short list of boxes, of which later ones overwrite earlier ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minecraft_tasks.blocks.palette import AIR, PALETTE


class Cuboid(NamedTuple):
    """A box of one kind of block, bounds inclusive, in cells."""

    block: int
    x0: int
    y0: int
    z0: int
    x1: int
    y1: int
    z1: int


def decompose(blocks: np.ndarray) -> list[Cuboid]:
    """Boxes that give `blocks` when drawn one after the other into air.

    Whole cubes come first, since other blocks hang on them, and the commonest kinds of these. A box
    may cover cells that a later kind overwrites or that an earlier box of its kind has filled, so
    walls are drawn through each other, and floors beneath walls.

    Args:
        blocks: uint8[X, Y, Z] palette ids.

    Returns:
        The boxes, in drawing order; none for a world of air.
    """
    kinds, counts = np.unique(blocks[blocks != AIR], return_counts=True)
    cubes = np.array([PALETTE[kind].is_cube for kind in kinds], bool)
    order = kinds[np.lexsort((-counts, ~cubes))]
    boxes = []
    # Only cells that a later box overwrites may be covered; air never may.
    free = blocks != AIR
    for kind in order:
        boxes += _cover(blocks == kind, free, int(kind))
        free &= blocks != kind
    return boxes


def _cover(needed: np.ndarray, free: np.ndarray, kind: int) -> list[Cuboid]:
    """Boxes within `free` that cover all of `needed`, the one that covers most first."""
    left, boxes = needed.copy(), []
    while left.any():
        first = np.argwhere(left)[0]
        box = max(
            (_grown(first, free, axes) for axes in ORDERS),
            key=lambda bounds: (left[_slices(bounds)].sum(), -free[_slices(bounds)].size),
        )
        left[_slices(box)] = False
        boxes.append(Cuboid(kind, *(int(bound) for bound in (*box[0], *box[1]))))
    return boxes


ORDERS = ((0, 2, 1), (2, 0, 1), (1, 0, 2), (1, 2, 0), (0, 1, 2), (2, 1, 0))
"""Orders of the axes along which a box grows; each gives another box around the same cell."""

Bounds = tuple[np.ndarray, np.ndarray]


def _grown(cell: np.ndarray, free: np.ndarray, axes: tuple[int, ...]) -> Bounds:
    """The box around a cell, grown as far as possible along one axis after the other."""
    low, high = cell.copy(), cell.copy()
    for axis in axes:
        for bound, step, end in ((low, -1, 0), (high, 1, free.shape[axis] - 1)):
            while bound[axis] != end:
                slab = [slice(a, b + 1) for a, b in zip(low, high, strict=True)]
                slab[axis] = slice(bound[axis] + step, bound[axis] + step + 1)
                if not free[tuple(slab)].all():
                    break
                bound[axis] += step
    return low, high


def _slices(bounds: Bounds) -> tuple[slice, ...]:
    return tuple(slice(a, b + 1) for a, b in zip(*bounds, strict=True))
