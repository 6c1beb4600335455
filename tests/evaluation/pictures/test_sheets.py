"""Sheets of frames."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from evaluation.pictures.sheets import COLUMNS, write_sheet


def test_sheets_keep_every_byte_where_they_are_asked_to(tmp_path: Path) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (COLUMNS + 3, 8, 8, 3), dtype=np.uint8)
    write_sheet(tmp_path / "sheet.webp", frames, exact=True)
    sheet = cv2.imread(str(tmp_path / "sheet.webp"))
    assert sheet is not None
    assert sheet.shape == (16, 8 * COLUMNS, 3)
    for index, frame in enumerate(frames):
        y, x = index // COLUMNS * 8, index % COLUMNS * 8
        part = cv2.cvtColor(sheet[y : y + 8, x : x + 8], cv2.COLOR_BGR2RGB)
        np.testing.assert_array_equal(part, frame)
