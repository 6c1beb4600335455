"""Results on pages at Weights & Biases, read back from the files that wait to be sent."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evaluation.calibration.file import read_calibration
from evaluation.calibration.tracking import track_calibration
from evaluation.verdicts.record import Verdict
from falsebeacon.main import main
from minecraft_tasks.tasks import task
from policies.runs.config import make_config
from policies.runs.offline_history import logged_rows, messages
from policies.runs.record import read_run
from policies.runs.tracking import PagePlace
from policies.training.reporters import LineReporter
from policies.training.train import train
from tests.support.small import ROLLOUT, SMALL

SPLITS = ("heldout", "control", "conflict/altar-lamp")
STUDY = """
name = "tiny"
tasks = ["BeaconShrine"]
seeds = 1

[base]
tracking = { project = "mine", entity = "us" }

[conditions.plain]
"""


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")


def trained(directory: Path, track: bool, seed: int = 0) -> Path:
    config = make_config(**(SMALL | {"steps": 2 * ROLLOUT, "track": track, "seed": seed}))
    return train(config, out=directory, reporter=LineReporter(io.StringIO(), seconds=0.0))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tracked run with its evaluation, films included, and its checkpoints judged."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WANDB_MODE", "offline")
        patch.setenv("WANDB_SILENT", "true")
        root = tmp_path_factory.mktemp("study")
        made = trained(root / "BeaconShrine" / "plain" / "seed0", track=True)
        words = ["evaluate", "BeaconShrine", "--agent", str(made), "--levels", "2", "--track"]
        assert main([*words, "--splits", *SPLITS]) == 0
        words = ["over-training", str(made), "--levels", "2", "--track"]
        assert main([*words, "--out", str(root / "figure.svg")]) == 0
    return made


def sent(folder: Path) -> list[Any]:
    """Messages of all sessions of the pages below a folder, in the order of their beginnings."""
    paths = sorted(folder.glob("wandb/*run-*/*.wandb"), key=lambda path: path.parent.name)
    return [message for path in paths for message in messages(path)]


def rows(run: Path) -> list[dict[str, Any]]:
    return logged_rows(run / "wandb", read_run(run).page)


def summary(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for message in sent(folder):
        if message.WhichOneof("record_type") == "summary":
            found |= {item.key or "/".join(item.nested_key): json.loads(item.value_json)
                      for item in message.summary.update}  # fmt: skip
    return found


def artifacts(folder: Path) -> Iterator[tuple[str, set[str]]]:
    """Kind of each artifact, and the files in it."""
    for message in sent(folder):
        if message.WhichOneof("record_type") == "artifact":
            manifest = message.artifact.manifest
            yield message.artifact.type, {entry.path for entry in manifest.contents}


def test_a_judged_run_has_its_verdict_and_its_numbers_on_its_page(run: Path) -> None:
    verdict = Verdict.read(run / "evaluation" / "verdict.json")
    found = summary(run)
    assert found["outcome"] == verdict.outcome
    assert found["verdict"] == verdict.sentence
    (row,) = [row for row in rows(run) if "sampled/success/heldout" in row]
    capability = {each.split: each for each in verdict.modes["sampled"].capability}
    assert row["steps"] == 2 * ROLLOUT
    for split in ("heldout", "control"):
        success = capability[split].success
        assert success is not None
        assert row[f"sampled/success/{split}"] == pytest.approx(success.value)
        assert row[f"sampled-low/success/{split}"] == pytest.approx(success.low)
    pair = verdict.modes["greedy"].pairs[0]
    assert row["greedy/pursued/conflict/altar-lamp/lamp"] == pytest.approx(pair.b.pursued.value)
    assert row["sampled/splits/_type"] == "table-file"
    assert row["sampled/preference/_type"] == "table-file"
    assert row["report/_type"] == "html-file"


def test_clips_are_sent_as_they_are_and_files_as_artifacts(run: Path) -> None:
    (row,) = [row for row in rows(run) if "report/_type" in row]
    shown = [video for name in row if re.fullmatch("clips/.*/videos", name) for video in row[name]]
    clips = list((run / "evaluation" / "clips").glob("*.webm"))
    assert len(shown) == len(clips) > 0
    copies = list(run.glob("wandb/*run-*/files/media/videos/**/*.webm"))
    assert {path.read_bytes() for path in copies} == {path.read_bytes() for path in clips}
    kept = list(artifacts(run))
    assert [kind for kind, _ in kept if kind in ("model", "evaluation")] == ["model", "evaluation"]
    files = dict(kept)
    assert {Path(name).suffix for name in files["model"]} == {".zip", ".safetensors", ".json"}
    assert {"verdict.json", "episodes.parquet", "report.html"} <= files["evaluation"]


def test_checkpoints_make_curves_and_onsets(run: Path) -> None:
    curves = [row for row in rows(run) if any(key.startswith("over-training/") for key in row)]
    assert [row["steps"] for row in curves] == sorted({ROLLOUT, 2 * ROLLOUT})
    assert any(key.startswith("onset/") for key in summary(run))


def test_every_row_of_training_is_still_there_once(run: Path) -> None:
    steps = [row["steps"] for row in rows(run) if "train/entropy" in row]
    assert steps == [ROLLOUT, 2 * ROLLOUT]


def test_a_run_that_is_not_tracked_says_how_it_can_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = trained(tmp_path / "run", track=False)
    words = ["evaluate", "BeaconShrine", "--agent", str(made), "--levels", "1", "--no-clips"]
    assert main([*words, "--splits", "heldout", "--track"]) == 1
    assert "train --resume RUN --track" in capsys.readouterr().err
    assert not (made / "wandb").exists()


def test_a_set_and_a_calibration_have_pages_of_their_own(run: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "set", trained(tmp_path / "seed1", track=False, seed=1)
    words = ["evaluate", "BeaconShrine", "--agent", str(other), "--levels", "2", "--no-clips"]
    assert main([*words, "--splits", *SPLITS]) == 0
    assert main(["report", str(run), str(other), "--out", str(out), "--track"]) == 0
    assert json.loads((out / "set.json").read_text())["sentences"]
    assert summary(out)["pilot"] is True
    assert ("set", {"set.json", "report.html"}) in list(artifacts(out))
    made = read_calibration(task("BeaconShrine"))
    track_calibration(made, tmp_path / "calibration", PagePlace())
    found = summary(tmp_path / "calibration")
    assert found["diagonal"] == pytest.approx(made.diagonal)
    assert found["confusion/nrows"] == len(made.rows)


def test_a_study_becomes_a_report_that_waits(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tiny.toml"
    file.write_text(STUDY)
    root = run.parents[2]
    assert main(["wandb-report", str(file), "--out", str(root)]) == 0
    assert "wandb sync" in capsys.readouterr().out
    report = json.loads((root / "wandb_report.json").read_text())
    text = json.dumps(report)
    verdict = Verdict.read(run / "evaluation" / "verdict.json")
    assert "falsebeacon study" in text
    assert verdict.outcome in text
    assert '"mine"' in text
    other = tmp_path / "nothing.toml"
    other.write_text(STUDY.replace("tiny", "nothing"))
    assert main(["wandb-report", str(other), "--out", str(tmp_path / "empty")]) == 1
    assert "falsebeacon study" in capsys.readouterr().err
