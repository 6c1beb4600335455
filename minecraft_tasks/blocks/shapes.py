"""Boxes of Minecraft 1.11's blocks that do not fill their cell.

A box is (x0, y0, z0, x1, y1, z1) in blocks from the cell's lowest corner. Families are
written for the direction north and turned; a direction is the one that Minecraft's
``facing`` names. Shapes that lean in Minecraft (a lever's stick, a torch on a wall) are stacks
of upright boxes here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Box = tuple[float, float, float, float, float, float]
Boxes = tuple[Box, ...]

DIRECTIONS = ("north", "south", "west", "east")
"""Horizontal directions, in the order in which connections are spelt."""

QUARTERS = {"north": 0, "east": 1, "south": 2, "west": 3}
"""Quarter turns to the right, seen from above, from north."""

FULL_CUBE: Boxes = ((0.0, 0.0, 0.0, 1.0, 1.0, 1.0),)
LOWER_HALF: Boxes = ((0.0, 0.0, 0.0, 1.0, 0.5, 1.0),)
UPPER_HALF: Boxes = ((0.0, 0.5, 0.0, 1.0, 1.0, 1.0),)


def _pixels(x0: float, y0: float, z0: float, x1: float, y1: float, z1: float) -> Box:
    """The box with these corners in sixteenths of a block."""
    return (x0 / 16, y0 / 16, z0 / 16, x1 / 16, y1 / 16, z1 / 16)


def table(rows: Sequence[Boxes]) -> tuple[np.ndarray, np.ndarray]:
    """Rows of boxes as float64[K, M, 6], padded with zeros; their lengths int64[K]."""
    counts = np.array([len(row) for row in rows], np.int64)
    boxes = np.zeros((len(rows), counts.max(), 6), np.float64)
    for index, row in enumerate(rows):
        boxes[index, : len(row)] = np.array(row).reshape(-1, 6)
    return boxes, counts


def turned(boxes: Boxes, facing: str) -> Boxes:
    """Boxes made for north, turned about the cell's vertical axis to another direction."""
    for _ in range(QUARTERS[facing]):
        boxes = tuple((1.0 - z1, y0, x0, 1.0 - z0, y1, x1) for x0, y0, z0, x1, y1, z1 in boxes)
    return boxes


FARMLAND: Boxes = (_pixels(0, 0, 0, 16, 15, 16),)
CARPET: Boxes = (_pixels(0, 0, 0, 16, 1, 16),)
WATER: Boxes = (_pixels(0, 0, 0, 16, 14, 16),)

TORCH: Boxes = (_pixels(7, 0, 7, 9, 8, 9), _pixels(7, 8, 7, 9, 10, 9))
"""Stick and flame."""

WALL_TORCH: Boxes = (
    _pixels(7, 3, 14, 9, 7, 16),
    _pixels(7, 7, 13, 9, 11, 15),
    _pixels(7, 11, 12, 9, 13, 14),
)
"""Two lengths of the stick and the flame, on the wall south of it."""

CHEST: Boxes = (_pixels(1, 0, 1, 15, 14, 15), _pixels(7, 7, 0, 9, 11, 1))
"""Body and latch."""

HOOK: Boxes = (
    _pixels(5, 6, 14, 11, 14, 16),
    _pixels(7, 7, 6, 9, 9, 14),
    _pixels(5, 1, 6, 11, 7, 8),
)
"""Board, arm and the ring that hangs from it, on the wall south of it."""

BALL: Boxes = (
    _pixels(2, 1, 4, 14, 11, 12),
    _pixels(4, 1, 2, 12, 11, 14),
    _pixels(4, 0, 4, 12, 12, 12),
    _pixels(7, 12, 7, 9, 15, 9),
)
"""A round fruit of three boxes, and its stem."""

WHEAT: Boxes = tuple(
    plane
    for at in (4, 12)
    for plane in (
        _pixels(at - 0.25, 0, 0, at + 0.25, 15, 16),
        _pixels(0, 0, at - 0.25, 16, 15, at + 0.25),
    )
)
"""Two pairs of planes that cross."""


def lever(on: bool, wall: bool) -> Boxes:
    """Base and stick of a lever, on the floor or on the wall south of it.

    Switched off, the stick leans south on a floor and up on a wall; switched on, the
    other way.
    """
    boxes = [_pixels(5, 0, 4, 11, 3, 12)]
    for step in range(3):
        lean = (3 + 2 * step) * (-1 if on else 1)
        boxes.append(_pixels(7, 2 + 2 * step, 7 + lean, 9, 5 + 2 * step, 9 + lean))
    if not wall:
        return tuple(boxes)
    return tuple((x0, z0, 1 - y1, x1, z1, 1 - y0) for x0, y0, z0, x1, y1, z1 in boxes)


def door(facing: str, is_open: bool) -> Boxes:
    """One half of a door with its hinge on the left.

    Closed, it stands on the side away from `facing`; open, on the side left of `facing`.
    """
    panel = (_pixels(0, 0, 0, 3, 16, 16),) if is_open else (_pixels(0, 0, 13, 16, 16, 16),)
    return turned(panel, facing)


def stairs_boxes(facing: str) -> Boxes:
    """Stairs that rise towards `facing`."""
    return turned((*LOWER_HALF, _pixels(0, 8, 0, 16, 16, 8)), facing)


def pane(sides: tuple[str, ...]) -> Boxes:
    """A glass pane that reaches to those sides of its cell, or a post without any."""
    return _bars(sides, 7, 9, 0, 16) or (_pixels(7, 0, 7, 9, 16, 9),)


def fence(sides: tuple[str, ...]) -> Boxes:
    """A fence post with two rails to each of those sides."""
    post = _pixels(6, 0, 6, 10, 16, 10)
    return (post, *_bars(sides, 7, 9, 6, 9), *_bars(sides, 7, 9, 12, 15))


def fence_solid(sides: tuple[str, ...]) -> Boxes:
    """Collision boxes of a fence: one and a half blocks high, rails as wide as the post."""
    return _bars(sides, 6, 10, 0, 24) or (_pixels(6, 0, 6, 10, 24, 10),)


def _bars(sides: tuple[str, ...], low: float, high: float, bottom: float, top: float) -> Boxes:
    """Bars from the middle to those sides; opposite sides share one bar."""
    reach = {side: 0 if side in ("north", "west") else 16 for side in sides}
    boxes = []
    if "north" in reach or "south" in reach:
        z0, z1 = reach.get("north", low), reach.get("south", high)
        boxes.append(_pixels(low, bottom, z0, high, top, z1))
    if "west" in reach or "east" in reach:
        x0, x1 = reach.get("west", low), reach.get("east", high)
        boxes.append(_pixels(x0, bottom, low, x1, top, high))
    return tuple(boxes)
