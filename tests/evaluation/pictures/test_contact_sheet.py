"""The contact sheet: every block and figure is on it, each at its place and each to be seen."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from evaluation.pictures.contact_sheet import (
    LABEL,
    LIGHT_SCENES,
    SHEET_WIDTH,
    TILE_SIDE,
    TILES_ACROSS,
    VIEW_HEIGHT,
    block_tiles,
    contact_sheet,
    figure_tiles,
    light_scene,
)
from falsebeacon.main import main
from minecraft_tasks.blocks.figures import FIGURES
from minecraft_tasks.blocks.palette import AIR, PALETTE

NAMES = [thing.name for thing in (*PALETTE, *FIGURES)]
CELLS = [divmod(index, TILES_ACROSS) for index in range(len(NAMES))]


@pytest.fixture(scope="module")
def sheet() -> np.ndarray:
    return contact_sheet()


def tile(sheet: np.ndarray, name: str) -> np.ndarray:
    row, column = CELLS[NAMES.index(name)]
    return sheet[row * VIEW_HEIGHT :][: VIEW_HEIGHT - LABEL, column * SHEET_WIDTH :][
        :, :SHEET_WIDTH
    ]


def test_it_has_a_place_for_everything(sheet: np.ndarray) -> None:
    rows = -(-len(NAMES) // TILES_ACROSS)
    assert len(set(NAMES)) == len(NAMES)
    assert sheet.shape == (rows * VIEW_HEIGHT + SHEET_WIDTH + LABEL, TILES_ACROSS * SHEET_WIDTH, 3)
    assert sheet.shape[1] == len(LIGHT_SCENES) * SHEET_WIDTH
    for row, column in CELLS:
        label = sheet[(row + 1) * VIEW_HEIGHT - LABEL :][:LABEL, column * SHEET_WIDTH :][
            :, :SHEET_WIDTH
        ]
        assert label.min() < 100 < label.max() == 255


def test_everything_but_air_is_seen_from_near_and_from_afar(sheet: np.ndarray) -> None:
    """At ten blocks a torch or a hook may be less than a pixel; from near, nothing is."""
    nothing = tile(sheet, NAMES[AIR])
    for name in NAMES[1:]:
        differs = (tile(sheet, name) != nothing).any(axis=-1)
        near, middle, _ = (
            differs[:, at : at + TILE_SIDE].sum() for at in (0, TILE_SIDE, 2 * TILE_SIDE)
        )
        assert near > middle > 0, name
        assert near > 20, name


def test_no_two_look_the_same(sheet: np.ndarray) -> None:
    """But for furnaces and chests from behind, and doors: an open one stands as a closed one."""
    behind = ("furnace_east", "chest_east")
    names = [name for name in NAMES if "_door_" not in name and name not in behind]
    assert len({tile(sheet, name).tobytes() for name in names}) == len(names)


def test_it_is_the_same_every_time(sheet: np.ndarray) -> None:
    again = block_tiles() + figure_tiles()
    assert len(again) == len(NAMES)
    for name, image in zip(NAMES, again, strict=True):
        assert (image == tile(sheet, name)).all(), name


def test_water_is_as_bright_as_the_day(sheet: np.ndarray) -> None:
    image = tile(sheet, "water")[:, :TILE_SIDE].astype(int)
    assert image[..., 2][image[..., 2] > image[..., 1] + 60].max() > 180


def test_the_rooms_are_lit_as_their_names_say() -> None:
    mean = {name: light_scene(name).mean() for name in LIGHT_SCENES}
    assert 0 < mean["no light"] < 12
    assert mean["no light"] * 3 < mean["daylight by a door"] < mean["glowstone"]
    assert mean["glowstone"] < mean["corners at dusk"] < mean["corners at noon"]
    assert light_scene("lamps at midnight")[:20].max() == 0, "a night sky"


def test_the_command_writes_a_png(
    tmp_path: Path, sheet: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "sheet.png"
    assert main(["blocks", "--out", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    assert out.stat().st_size < 1_500_000
    image = cv2.imread(str(out))
    assert image is not None
    assert (image[..., ::-1] == sheet).all()
    assert [path.name for path in out.parent.iterdir()] == ["sheet.png"]


@pytest.mark.parametrize("name", ["", "sheet.jpg", "folder.png", "file/sheet.png"])
def test_a_bad_place_is_refused(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").write_text("")
    assert main(["blocks", "--out", str(tmp_path / name)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("falsebeacon: cannot write")
    assert "Traceback" not in told
    assert len(told.splitlines()) == 1
