"""Checkpoints of a run on the same levels, and when each quantity passed its bar."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluation.over_training.judge import judge_checkpoints, watched
from evaluation.over_training.onsets import CAPABLE, ONSET_SHARE, Onset, onset, trajectories
from evaluation.records.history import OVER_TRAINING_FILE, TRAINED, read_history
from evaluation.records.requests import OverTrainingRequest
from evaluation.report.training_figures import over_training_figure
from falsebeacon.main import main
from minecraft_tasks.core.errors import CorruptFileError
from minecraft_tasks.tasks import task
from policies.runs.checkpoints import checkpoints
from policies.runs.config import make_config
from policies.training.reporters import LineReporter
from policies.training.train import train

TASK = task("HiddenGoal")
TWO = OverTrainingRequest(levels=2)
STEPS = np.array([100, 200, 400, 800])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three checkpoints that has learnt nothing."""
    config = make_config(
        task=TASK.spec.name, steps=128, num_envs=4, n_steps=8, epochs=1, minibatches=2, hidden=16,
        layouts=4, heldout_levels=0, threads=1, precision="float32", checkpoints=3,
        first_checkpoint=32,
    )  # fmt: skip
    directory = tmp_path_factory.mktemp("runs") / "seed0"
    return train(config, out=directory, reporter=LineReporter(io.StringIO(), seconds=0.0))


def curve(*means: float, levels: int = 64) -> np.ndarray:
    """float64[K, L] of zeros and ones with these means."""
    passed = np.arange(levels) < np.round(np.array(means) * levels)[:, None]
    return passed.astype(float)


def found(*means: float, bar: float = ONSET_SHARE, levels: int = 64) -> Onset:
    return onset(STEPS, curve(*means, levels=levels), bar, pairs=True)


def test_an_onset_lies_between_two_checkpoints() -> None:
    clear = found(0.0, 0.1, 0.95, 1.0)
    assert (clear.after, clear.step) == (200, 400)
    assert (clear.low, clear.high, clear.censored) == (200, 400, 0.0)
    assert str(clear) == "200 to 400 (95 % 200 to 400)"


def test_what_does_not_stay_is_no_onset() -> None:
    relapsed = found(1.0, 1.0, 0.0, 1.0)
    assert (relapsed.after, relapsed.step) == (400, 800)
    lost = found(1.0, 1.0, 1.0, 0.0)
    assert (lost.after, lost.step, lost.high, lost.censored) == (800, None, None, 1.0)
    assert str(lost) == "never by 800 (in 100 % of resamples)"


def test_what_was_there_from_the_first_checkpoint_is_censored_on_the_left() -> None:
    early = found(1.0, 1.0, 1.0, 1.0)
    assert (early.after, early.step, early.low) == (0, 100, 0)


def test_a_close_call_has_a_wide_interval() -> None:
    close = found(0.0, 0.47, 0.53, 1.0, levels=32)
    assert (close.after, close.step) == (200, 400)
    assert close.low == 100
    assert close.high == 800
    never = found(0.0, 0.1, 0.4, 0.53, levels=32)
    assert never.step == 800
    assert never.high is None
    assert 0.2 < never.censored < 0.6


def test_the_bar_itself_does_not_pass_and_invalid_episodes_do_not_count() -> None:
    assert found(0.5, 0.5, 0.5, 0.5).step is None
    values = curve(0.0, 0.0, 0.4, 0.4)
    values[2:, 32:] = np.nan
    assert onset(STEPS, values, ONSET_SHARE, pairs=True).step == 400
    values[3] = np.nan
    assert onset(STEPS, values, ONSET_SHARE, pairs=True).step is None


def test_twins_are_drawn_together() -> None:
    """A pair split between the candidates says that neither is preferred, however often drawn."""
    split = np.tile([0.0, 1.0], (4, 16))
    split[:, 0] = 1.0
    paired, single = (onset(STEPS, split, ONSET_SHARE, pairs=pairs) for pairs in (True, False))
    assert paired.step == single.step == 100
    assert paired.censored < single.censored


def test_every_checkpoint_plays_the_same_levels(run: Path) -> None:
    history = judge_checkpoints(run, TASK, TWO)
    kept = [int(path.stem) for path in checkpoints(run)]
    assert history.steps.tolist() == kept
    assert len(kept) == 3
    names = ["split", "level", "level_seed", "layout"]
    parts = [history.episodes.where(**{TRAINED: steps}) for steps in kept]
    for part in parts[1:]:
        for name in names:
            assert part[name].tolist() == parts[0][name].tolist()
    assert list(dict.fromkeys(parts[0]["split"])) == watched(TASK.spec)
    read = read_history(run / OVER_TRAINING_FILE)
    assert replace(read, episodes=history.episodes) == history
    for name, column in history.episodes.columns.items():
        np.testing.assert_array_equal(read.episodes[name], column)


def test_checkpoints_are_not_played_twice(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = judge_checkpoints(run, TASK, TWO).episodes
    played: list[int] = []

    def note(path: Path, steps: int, *rest: object) -> dict[str, np.ndarray]:
        played.append(steps)
        return before.where(**{TRAINED: steps}).columns

    monkeypatch.setattr("evaluation.over_training.judge._play", note)
    judge_checkpoints(run, TASK, TWO)
    assert played == []
    judge_checkpoints(run, TASK, TWO.model_copy(update={"seed": 1}))
    assert len(played) == 3


def test_capability_and_preference_keep_their_own_axes(run: Path) -> None:
    history = judge_checkpoints(run, TASK, TWO)
    lines = trajectories(history, TASK.spec)
    assert {line.axis for line in lines if "/" not in line.split} == {"capability"}
    assert {line.axis for line in lines if "/" in line.split} == {"preference"}
    assert {line.bar for line in lines} == {CAPABLE, ONSET_SHARE}
    for line in lines:
        assert line.steps == tuple(history.steps.tolist())
        assert all(value is not None and 0 <= value.value <= 1 for value in line.values)
    figure = over_training_figure({"a": lines, "b": lines}, TASK.spec)
    assert "2 runs" in figure


def test_the_command_tells_onsets_and_draws(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["over-training", str(run), "--levels", "2", "--out", str(tmp_path / "a.svg")]
    assert main(words) == 0
    text = capsys.readouterr().out
    assert "capability" in text
    assert "preference" in text
    assert "never by 128 (in 100 % of resamples)" in text
    figure = (tmp_path / "a.svg").read_text()
    assert figure.startswith("<svg")
    assert "var(--ink," in figure
    assert not re.search(r"var\(--\w+\)", figure), "a colour that only a page around it knows"
    assert main(["over-training", str(tmp_path)]) == 1
    assert "no run at" in capsys.readouterr().err


def test_damaged_files_are_named(run: Path) -> None:
    judge_checkpoints(run, TASK, TWO)
    path = run / OVER_TRAINING_FILE
    content = path.read_bytes()
    path.write_bytes(content[:100])
    with pytest.raises(CorruptFileError, match="delete it"):
        judge_checkpoints(run, TASK, TWO)
    path.write_bytes(content)
