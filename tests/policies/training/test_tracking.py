"""Copies of a run at Weights & Biases and in TensorBoard, read back from their own files."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.tasks import task
from policies.runs.checkpoints import checkpoints
from policies.runs.config import TrainingConfig, make_config
from policies.runs.offline_history import logged_rows, messages
from policies.runs.progress import read_rows
from policies.runs.record import new_run, read_run
from policies.training.reporters import LineReporter
from policies.training.train import train
from tests.support.children import environment
from tests.support.long_runs import start_long_run
from tests.support.small import ROLLOUT, SMALL
from tests.support.waiting import DEADLINE

SPEC = task("BeaconShrine").spec
OFFLINE = {"WANDB_MODE": "offline", "WANDB_SILENT": "true"}


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OFFLINE.items():
        monkeypatch.setenv(name, value)


def small(**changes: Any) -> TrainingConfig:
    return make_config(**(SMALL | {"steps": 5 * ROLLOUT} | changes))


def quiet() -> LineReporter:
    return LineReporter(io.StringIO(), seconds=0.0)


def page(directory: Path) -> list[dict[str, Any]]:
    """Rows of the history in all files of a run, in their order."""
    return logged_rows(directory / "wandb", read_run(directory).page)


def events(directory: Path) -> list[int]:
    found = EventAccumulator(str(directory / "tensorboard"), size_guidance={"scalars": 0}).Reload()
    return [event.step for event in found.Scalars("train/seconds")]


def whole(directory: Path) -> None:
    """Both copies hold every row of progress.csv once, in order."""
    rows = read_rows(directory / "progress.csv")
    steps = [row.steps for row in rows]
    assert steps == list(range(ROLLOUT, steps[-1] + 1, ROLLOUT))
    logged = page(directory)
    assert [row["steps"] for row in logged] == steps
    positions = [row["_step"] for row in logged]
    assert positions == sorted(set(positions)), "W&B drops rows that do not come later"
    for row, copy in zip(rows, logged, strict=True):
        assert copy["train/entropy"] == pytest.approx(row.entropy, rel=1e-4)
    assert events(directory) == steps


def test_a_run_is_copied_row_by_row(tmp_path: Path) -> None:
    directory = train(small(track=True, tensorboard=True), out=tmp_path / "run", reporter=quiet())
    whole(directory)
    assert len(page(directory)) == 5


def test_nothing_is_lost_or_doubled_where_a_run_is_killed_and_resumed(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    process = start_long_run(directory, "--track", "--tensorboard", **OFFLINE)
    process.kill()
    process.communicate(timeout=DEADLINE)
    for _ in range(2):
        saved = int(checkpoints(directory)[-1].stem)
        config = small(steps=saved + 2 * ROLLOUT, save_seconds=0.2, track=True, tensorboard=True)
        train(config, resume=directory, reporter=quiet())
        whole(directory)


def test_a_run_that_was_not_tracked_can_be_from_now_on(tmp_path: Path) -> None:
    """And one that was need not be: neither is part of what a resumed run keeps."""
    directory = train(small(), out=tmp_path / "run", reporter=quiet())
    longer = small(steps=7 * ROLLOUT, track=True, tensorboard=True)
    train(longer, resume=directory, reporter=quiet())
    whole(directory)
    train(small(steps=8 * ROLLOUT), resume=directory, reporter=quiet())
    assert len(page(directory)) == 7


def test_runs_begun_in_the_same_second_have_pages_of_their_own() -> None:
    first, second = (new_run(small(), SPEC) for _ in range(2))
    assert first.page != second.page


def test_a_page_says_what_the_run_is(tmp_path: Path) -> None:
    tracking = {"project": "mine", "group": "study/shared", "condition": "shared"}
    config = small(
        seed=4, steps=ROLLOUT, track=True, tracking=tracking, decorrelated=True, reward="post",
        conflict_fraction=0.0,
    )  # fmt: skip
    directory = train(config, out=tmp_path / "run", reporter=quiet())
    (path,) = directory.glob("wandb/offline-run-*/*.wandb")
    kinds = [(message.WhichOneof("record_type"), message) for message in messages(path)]
    (run,) = [message.run for kind, message in kinds if kind == "run"]
    assert (run.project, run.run_group, run.job_type) == ("mine", "study/shared", "train")
    assert run.display_name == "BeaconShrine/shared/seed4"
    assert {"BeaconShrine", "cnn-lstm", "uniform", "reward: post", "decorrelated"} <= set(run.tags)
    assert "epsilon: 0" in run.tags
    metrics = {message.metric.name or message.metric.glob_name for kind, message in kinds
               if kind == "metric"}  # fmt: skip
    assert {"steps", "*"} <= metrics


@pytest.mark.parametrize("name", ["a#b", "a?b", "a:b", "a b", "a%b", "\u00e9"])
def test_any_folder_can_be_tracked(name: str, tmp_path: Path) -> None:
    directory = train(small(steps=ROLLOUT, track=True), out=tmp_path / name, reporter=quiet())
    assert len(page(directory)) == 1


REFUSED = [
    ({"WANDB_MODE": "online", "WANDB_API_KEY": ""}, "Log in by `wandb login`, or set WANDB_MODE"),
    ({"WANDB_MODE": "online", "WANDB_API_KEY": "short"}, "API key must have .* Log in"),
    ({"WANDB_MODE": "sometimes"}, "(?s)mode.*variable WANDB_"),
]


@pytest.mark.parametrize(("variables", "said"), REFUSED)
def test_a_page_that_does_not_start_says_why_and_leaves_no_run(
    variables: dict[str, str], said: str, tmp_path: Path
) -> None:
    """In a process of its own: wandb reads its variables once."""
    directory = tmp_path / "run"
    words = [f"--{name}={value}" for name, value in SMALL.items() if name != "task"]
    command = [sys.executable, "-m", "falsebeacon", "train", "BeaconShrine", *words]
    refused = subprocess.run(
        [*command, "--steps", str(ROLLOUT), "--out", directory, "--track"],
        capture_output=True, text=True, env=environment(**(OFFLINE | variables)), check=False,
    )  # fmt: skip
    assert refused.returncode == 1
    assert re.search(said, refused.stderr), refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (directory / "run.json").exists()
    train(small(steps=ROLLOUT), out=directory, reporter=quiet())


@pytest.mark.parametrize("name", ["a/b", "a#b", "a:b"])
def test_a_name_that_cannot_be_is_refused_at_once(name: str) -> None:
    for option in ("project", "entity"):
        with pytest.raises(FalseBeaconError, match=option):
            small(tracking={option: name})
