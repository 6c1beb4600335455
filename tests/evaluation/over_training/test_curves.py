"""Learning curves are read from the runs of a study, ranked, and drawn."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from evaluation.over_training.curves import curves_table, draw_curves, read_curves
from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError
from policies.runs.progress import ProgressFile, ProgressRow

NAN = float("nan")


def write(study: Path, condition: str, seed: int, heldout: dict[int, float]) -> None:
    run = study / "BeaconShrine" / condition / f"seed{seed}"
    run.mkdir(parents=True, exist_ok=True)
    progress = ProgressFile(run / "progress.csv")
    for steps in range(100, 501, 100):
        row = ProgressRow(steps, steps / 10, 0.5, 0.25, 30.0, -0.01, 0.1, 1.0, 0.002, 2500.0)
        solved = heldout.get(steps, NAN)
        progress.append(row._replace(heldout_success=solved, cpu_seconds=steps / 10))


@pytest.fixture
def study(tmp_path: Path) -> Path:
    write(tmp_path, "slow", 0, {200: 0.0, 400: 0.5})
    write(tmp_path, "slow", 1, {200: 0.0, 400: 1.0})
    write(tmp_path, "fast", 0, {200: 0.9, 400: 0.8})
    write(tmp_path, "fast", 1, {200: 1.0, 400: 1.0})
    return tmp_path


def test_the_better_condition_comes_first(study: Path) -> None:
    curves = read_curves(study)["BeaconShrine"]
    slow = curves["slow"]["seed1"]
    assert slow.mean == pytest.approx((0 + 0.5 * 1.0 * 200) / 400)
    assert slow.reached == "400 (0.7 CPU-min)"
    assert curves["fast"]["seed0"].reached == "200 (0.3 CPU-min)"
    lines = curves_table(curves).splitlines()
    assert lines[1].startswith("fast")
    assert "200 (0.3 CPU-min), 200 (0.3 CPU-min)" in lines[1]
    assert "never, 400 (0.7 CPU-min)" in lines[2]
    assert len(lines) == 3
    write(study, "slow", 2, {200: 0.5})
    assert "after 200 to 400 decisions" in curves_table(read_curves(study)["BeaconShrine"])


def test_curves_are_drawn(study: Path, tmp_path: Path) -> None:
    path = tmp_path / "curves.png"
    draw_curves(read_curves(study)["BeaconShrine"], ["slow", "fast"], path, "BeaconShrine")
    picture = cv2.imread(str(path))
    assert picture is not None
    for colour in ((178, 114, 0), (0, 94, 213)):
        assert (np.abs(picture.astype(int) - colour).max(axis=2) < 40).sum() > 100
    assert [each.name for each in tmp_path.glob(".*")] == []


def test_what_cannot_be_drawn_is_named(study: Path, tmp_path: Path) -> None:
    with pytest.raises(FalseBeaconError, match="no learning curve below"):
        read_curves(tmp_path / "BeaconShrine")
    with pytest.raises(UnknownNameError, match="GreenArrowMaze"):
        read_curves(study, "GreenArrowMaze")
    curves = read_curves(study)["BeaconShrine"]
    with pytest.raises(UnknownNameError, match="quick"):
        draw_curves(curves, ["quick"], tmp_path / "curves.png", "")
    with pytest.raises(FalseBeaconError, match=r"end in \.png or \.svg"):
        draw_curves(curves, ["fast"], tmp_path / "curves.jpg", "")
    draw_curves(curves, ["fast"], tmp_path / "curves.svg", "")
    assert "<svg" in (tmp_path / "curves.svg").read_text()
    (study / "BeaconShrine" / "fast" / "seed1" / "progress.csv").unlink()
    write(study, "fast", 1, {300: 0.5})
    with pytest.raises(FalseBeaconError, match="different steps"):
        draw_curves(read_curves(study)["BeaconShrine"], ["fast"], tmp_path / "curves.png", "")
    assert not (tmp_path / "curves.png").exists()
