"""Differences of two engines' pictures, added up block by block."""

from __future__ import annotations

import cv2
import numpy as np

from evaluation.parity.record import STRIKING, BlockRow, MeanColour, PixelGroup
from minecraft_tasks.blocks.palette import BEAM_ID, PALETTE, SKY_ID, SUN_ID
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.visibility.footprint import marker_ids

KINDS = 256
"""Values that a pixel of `Backend.ids` may have."""

BLOCK_NAMES = {index: block.name for index, block in enumerate(PALETTE)} | {
    SKY_ID: "sky", SUN_ID: "sun", BEAM_ID: "beam"
}  # fmt: skip

INSIDE, EDGE = 0, 1


def edges(ids: np.ndarray) -> np.ndarray:
    """Pixels with another block among their eight neighbours: bool[H, W] of uint8[H, W]."""
    around, border = np.ones((3, 3), np.uint8), cv2.BORDER_REPLICATE
    lowest = cv2.erode(ids, around, borderType=border)
    return lowest != cv2.dilate(ids, around, borderType=border)


def pixels_inside(ids: np.ndarray) -> np.ndarray:
    """Count of pixels of each kind that are not at an edge: int64[256] of uint8[H, W]."""
    return np.bincount(ids[~edges(ids)], minlength=KINDS)


class PixelTally:
    """Sums over pictures, by what a pixel shows, inside it and at its edges."""

    def __init__(self) -> None:
        self._pixels = np.zeros((2, KINDS), np.int64)
        self._striking = np.zeros((2, KINDS), np.int64)
        self._difference = np.zeros((2, KINDS, 3), np.int64)
        self._most = np.zeros((2, KINDS, 3), np.int64)
        self._colour = np.zeros((2, KINDS, 3), np.int64)

    def add(self, seen: np.ndarray, ids: np.ndarray) -> None:
        """Counts a pair of pictures uint8[2, H, W, 3] with their true ids uint8[H, W]."""
        seen = seen.astype(np.int64)
        apart = np.abs(seen[0] - seen[1])
        edge = edges(ids)
        for part, mask in ((INSIDE, ~edge), (EDGE, edge)):
            kinds = ids[mask]
            np.add.at(self._pixels[part], kinds, 1)
            np.add.at(self._striking[part], kinds, (apart[mask] > STRIKING).any(axis=-1))
            np.add.at(self._difference[part], kinds, apart[mask])
            np.maximum.at(self._most[part], kinds, apart[mask])
        for side in range(2):
            np.add.at(self._colour[side], ids[~edge], seen[side][~edge])

    def rows(self, spec: TaskSpec) -> tuple[BlockRow, ...]:
        """Rows of all blocks seen and of markers that were not; markers come first."""
        marks: dict[int, list[str]] = {}
        for candidate in spec.candidates:
            for kind in marker_ids(candidate):
                marks.setdefault(kind, []).append(candidate.name)
        pixels = self._pixels.sum(axis=0)
        others = [kind for kind in np.argsort(-pixels, kind="stable").tolist() if pixels[kind]]
        shown = dict.fromkeys([*marks, *others])
        return tuple(self._row(kind, tuple(marks.get(kind, ()))) for kind in shown)

    def _row(self, kind: int, marks: tuple[str, ...]) -> BlockRow:
        within = max(int(self._pixels[INSIDE, kind]), 1)
        return BlockRow(
            name=BLOCK_NAMES[kind],
            marks=marks,
            inside=self._part(INSIDE, kind),
            edge=self._part(EDGE, kind),
            tested=_colour(self._colour[0, kind] / within),
            against=_colour(self._colour[1, kind] / within),
        )

    def _part(self, part: int, kind: int) -> PixelGroup:
        pixels = int(self._pixels[part, kind])
        if not pixels:
            return PixelGroup(pixels=0)
        return PixelGroup(
            pixels=pixels,
            mean=_colour(self._difference[part, kind] / pixels),
            most=_colour(self._most[part, kind]),
            striking=float(self._striking[part, kind] / pixels),
        )


def _colour(values: np.ndarray) -> MeanColour:
    red, green, blue = values.tolist()
    return float(red), float(green), float(blue)
