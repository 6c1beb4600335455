"""The command line, as a person meets it: what it prints, refuses, and leaves alone."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from falsebeacon.main import main
from minecraft_tasks.tasks import data, task


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line that a command prints when it refuses."""
    assert main(words) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    told = [line for line in lines if line.startswith("falsebeacon: ")]
    assert len(told) == 1
    assert "Traceback" not in "".join(lines)
    return told[0]


def judge(out: str, agent: str = "oracle:lamp", *words: str) -> list[str]:
    split = "conflict/altar-lamp"
    return ["evaluate", "BeaconShrine", "--agent", agent, "--out", out, "--splits", split,
            "--levels", "2", "--modes", "sampled", *words]  # fmt: skip


def test_tasks_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tasks"]) == 0
    text = capsys.readouterr().out
    for word in (
        "BeaconShrine",
        "GreenArrowMaze",
        "altar",
        "corner",
        "conflict/post-lamp",
        "intended",
    ):
        assert word in text


def test_a_level_is_drawn_from_above_and_from_within() -> None:
    assert main(["tasks", "BeaconShrine", "--show", "conflict/altar-beacon", "--out", "a.png"]) == 0
    assert main(["tasks", "BeaconShrine", "--show", "train", "--seed", "3"]) == 0
    picture = cv2.imread("a.png")
    assert picture is not None
    assert picture.shape == (512, 1024, 3)
    other = cv2.imread("BeaconShrine-train-3.png")
    assert other is not None
    assert not np.array_equal(picture, other)


def test_unknown_names_are_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert "'BeaconShrine'" in refused(capsys, "tasks", "BeconShrine")
    assert "'heldout'" in refused(capsys, "tasks", "BeaconShrine", "--show", "held")
    assert "tasks BeaconShrine" in refused(capsys, "tasks", "--show", "heldout")
    assert "'GreenArrowMaze'" in refused(capsys, "train", "GreenArowMaze")
    assert "train BeaconShrine" in refused(capsys, "train")
    assert "'altar'" in refused(capsys, *judge("x", "oracle:alter"))
    assert "oracle:<candidate>" in refused(capsys, *judge("x", "nobody"))
    assert "nowhere" in refused(capsys, *judge("x", "nowhere.module:factory"))
    assert "missing.zip" in refused(capsys, *judge("x", "sb3:missing.zip"))
    assert not Path("x").exists()


def test_bad_training_options_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["train", "BeaconShrine", "--steps", "0"])
    assert stop.value.code == 2
    shown = capsys.readouterr()
    assert "steps" in shown.out + shown.err
    assert "run.json" in refused(capsys, "train", "--resume", "nowhere")
    Path("afile").write_text("mine")
    assert "afile" in refused(capsys, "train", "BeaconShrine", "--out", "afile/x")
    assert Path("afile").read_text() == "mine"


def test_an_edited_seed_file_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = task("BeaconShrine").file("judging")
    copied = tmp_path / kept.relative_to(data.ROOT)
    copied.parent.mkdir(parents=True)
    shutil.copyfile(kept, copied)
    copied.write_text(copied.read_text().replace('"offered": 6', '"offered": 7', 1))
    monkeypatch.setattr(data, "ROOT", tmp_path)
    assert "edited by hand" in refused(capsys, *judge("x"))


def test_a_truncated_record_is_refused_and_nothing_is_lost(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(judge("x")) == 0
    page = Path("x/report.html").read_bytes()
    episodes = Path("x/episodes.parquet")
    episodes.write_bytes(episodes.read_bytes()[:-200])
    line = refused(capsys, "report", "x")
    assert "episodes.parquet" in line
    assert Path("x/report.html").read_bytes() == page


def test_a_full_disk_leaves_the_earlier_evaluation(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(judge("x")) == 0
    before = {path: path.read_bytes() for path in Path("x").rglob("*") if path.is_file()}

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "steps.parquet")

    monkeypatch.setattr("pyarrow.parquet.write_table", full)
    assert "No space left" in refused(capsys, *judge("x", "oracle:altar"))
    assert {path: path.read_bytes() for path in Path("x").rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in Path().iterdir()) == ["x"]


def test_an_evaluation_never_overwrites_something_else(capsys: pytest.CaptureFixture[str]) -> None:
    Path("thesis").mkdir()
    Path("thesis/chapter.txt").write_text("years of work")
    assert "thesis" in refused(capsys, *judge("thesis"))
    assert Path("thesis/chapter.txt").read_text() == "years of work"


def test_oracles_come_out_as_what_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(judge("x")) == 0
    text = capsys.readouterr().out
    assert "lamp" in text
    assert "report:" in text
    assert Path("x/report.html").exists()


def test_without_a_command_the_usage_is_shown() -> None:
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2
