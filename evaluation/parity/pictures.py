"""Two pictures and their difference side by side, to be looked at."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from evaluation.parity.walks import difference
from minecraft_tasks.core.errors import FalseBeaconError

SCALE = 4
"""Screen pixels for each pixel that an agent sees."""

GAIN = 4
"""Factor of the difference; it ends at white."""

GAP, _STRIP = 8, 22
"""Pixels between pictures, and of a caption."""

_INK, PAPER = (27, 28, 29), (255, 255, 255)


def side_by_side(seen: np.ndarray, names: tuple[str, str], title: str) -> np.ndarray:
    """The reference, the tested engine and their difference: uint8[4 * H + 44, 12 * W + 16, 3].

    Args:
        seen: uint8[2, H, W, 3] of the tested engine and of the reference.
        names: Names of the two engines.
        title: Caption of the whole.
    """
    times = np.minimum(GAIN * difference(seen), 255).astype(np.uint8)
    tested, against = names
    captions = ((against, seen[1]), (tested, seen[0]), (f"difference x {GAIN}", times))
    panels = []
    for text, picture in captions:
        large = picture.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
        panels.append(np.vstack([large, _caption(text, large.shape[1])]))
    gap = np.full((panels[0].shape[0], GAP, 3), PAPER, np.uint8)
    row = np.hstack([panels[0], gap, panels[1], gap, panels[2]])
    return np.vstack([_caption(title, row.shape[1]), row])


def _caption(text: str, width: int) -> np.ndarray:
    """A strip with a line of text, in type as large as fits."""
    strip = np.full((_STRIP, width, 3), PAPER, np.uint8)
    font, size = cv2.FONT_HERSHEY_SIMPLEX, 0.45
    across = cv2.getTextSize(text, font, size, 1)[0][0]
    size *= min(1.0, (width - 8) / max(across, 1))
    cv2.putText(strip, text, (2, _STRIP - 7), font, size, _INK, 1, cv2.LINE_AA)
    return strip


def write_picture(path: Path, picture: np.ndarray) -> None:
    """Writes a picture uint8[H, W, 3] as PNG, or raises `FalseBeaconError`."""
    path.parent.mkdir(exist_ok=True)
    small = (cv2.IMWRITE_PNG_COMPRESSION, 9)
    if not cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), small):
        raise FalseBeaconError(f"cannot write {path}: is the disk full?")
