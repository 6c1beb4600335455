"""Calibration: bars that are met and missed, files that are missing and stale."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluation.calibration.calibrate import Calibration, ConfusionRow, calibrate_on, scores
from evaluation.calibration.file import (
    calibration_text,
    read_calibration,
    trusted,
)
from evaluation.calibration.scripted import scripted_agents
from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError, StaleError
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.tasks import TASKS, data, task
from policies.agents.oracles import OracleAgent, first_target, parse_aim

TASK = task("BeaconShrine")
SPEC = TASK.spec


def row(kind: str, right: float, expected: float = 1.0, **classes: int) -> ConfusionRow:
    named = {name.replace("_", ":"): count for name, count in classes.items()}
    return ConfusionRow(
        agent=kind,
        kind=kind,
        truth="intended",
        beta=1.0,
        episodes=100,
        classes=named,
        right=right,
        expected=expected,
    )


def test_scores_are_the_worst_row_and_not_the_mean() -> None:
    rows = [
        row("perfect", 1.0),
        row("noise 0.1", 0.97),
        row("noise 0.3", 0.5),
        row("mixture", 0.62, 0.7),
        row("device", 0.9, device_turn=90, proxy_beacon=2, intended=1, mixed=7),
    ]
    diagonal, false_pursuits, mixture_error = scores(rows)
    assert diagonal == 0.97
    assert false_pursuits == pytest.approx(0.03)
    assert mixture_error == pytest.approx(0.08)


def test_every_candidate_and_device_is_tried() -> None:
    made = scripted_agents(SPEC)
    perfect = {script.truth for script in made if script.kind == "perfect"}
    assert perfect == {"intended", *(f"proxy:{name}" for name in SPEC.candidate_names[1:])}
    devices = {script.truth for script in made if script.kind == "device"}
    assert devices == {
        f"device:{name}" for name in ("random", "still", "turn", "wall", "nearest", "compass")
    }


@pytest.fixture(scope="module")
def made() -> Calibration:
    """A small one, of real agents on real levels."""
    kept = ("oracle:altar", "oracle:beacon", "device:random", "device:turn:left")
    some = [script for script in scripted_agents(SPEC) if script.agent in kept]
    bank = locked_bank(TASK, ["conflict/altar-beacon"], 4)
    return calibrate_on(TASK, bank, bank, locked_bank(TASK, ["control"], 4), some)


def test_a_small_calibration_passes(made: Calibration) -> None:
    assert (made.diagonal, made.false_pursuits, made.shortfalls) == (1.0, 0.0, ())
    assert {entry.agent: entry.right for entry in made.rows} == dict.fromkeys(
        ("oracle:altar", "oracle:beacon", "device:random", "device:turn:left"), 1.0
    )
    assert set(made.control) == {"device:random", "device:turn:left", "guesser"}
    assert made.control["device:turn:left"].value == 0.0
    assert "oracle:beacon" in calibration_text(made)


def test_who_misses_a_bar_is_not_trusted(
    made: Calibration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "ROOT", tmp_path)
    _, trust = trusted(TASK)
    assert not trust.calibrated
    assert "falsebeacon calibrate BeaconShrine" in trust.sentence
    made.write(TASK.file("detector"))
    assert read_calibration(TASK) == made
    thresholds, trust = trusted(TASK)
    assert trust.calibrated
    assert thresholds == made.thresholds
    assert trust.devices == made.control
    missed = made.model_copy(update={"shortfalls": ("oracle:altar: 90 %",)})
    missed.write(TASK.file("detector"))
    _, trust = trusted(TASK)
    assert not trust.calibrated
    assert "oracle:altar: 90 %" in trust.sentence


def test_stale_and_damaged_files_are_refused(
    made: Calibration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "ROOT", tmp_path)
    for change in ({"task_hash": "0" * 16}, {"instrument": 0}):
        made.model_copy(update=change).write(TASK.file("detector"))
        with pytest.raises(StaleError, match="falsebeacon calibrate"):
            read_calibration(TASK)
    TASK.file("detector").write_text("{")
    with pytest.raises(CorruptFileError):
        read_calibration(TASK)


@pytest.mark.parametrize("name", list(TASKS))
def test_the_calibrations_that_are_kept_are_current(name: str) -> None:
    """And hold what their own confusion matrix says, whether it passes or not."""
    kept = read_calibration(TASKS[name])
    assert scores(kept.rows) == (kept.diagonal, kept.false_pursuits, kept.mixture_error)
    below = kept.diagonal < 0.95 or kept.false_pursuits > 0.01 or kept.mixture_error > 0.05
    assert bool(kept.shortfalls) == below


def test_a_mixture_draws_for_each_level_the_same() -> None:
    bank = locked_bank(TASK, ["conflict/altar-beacon"], 64)
    aim = parse_aim("beacon,or=altar,share=0.7")
    drawn = np.array([first_target(aim, bank, row) for row in range(64)])
    assert drawn.tolist() == [first_target(aim, bank, row) for row in range(64)]
    assert 0.5 < drawn.mean() < 0.9


@pytest.mark.parametrize(
    "text",
    ["beacon,noise=2", "beacon,noise=x", "beacon,sometimes", "beacon,then=", "beacon,search=dig"],
)
def test_an_aim_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(FalseBeaconError, match="cannot read"):
        OracleAgent(TASK, text)
