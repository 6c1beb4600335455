"""Calibration: bars that are met and missed, kinds left out, files that are missing and stale."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluation.attribution.classes import Thresholds
from evaluation.calibration.calibrate import calibrate, calibrate_on
from evaluation.calibration.file import kept_file, read_calibration, require_keepable, trusted
from evaluation.calibration.leaving_out import GRID, choose, left_out
from evaluation.calibration.record import (
    FEW_BITS,
    Calibration,
    ConfusionRow,
    LeftOut,
    diagonal,
    mixture_error,
    pooled,
    shortfalls,
)
from evaluation.calibration.scripted import added_agent, play_scripted, scripted_agents
from evaluation.calibration.text import calibration_text
from evaluation.records.requests import CalibrationRequest
from falsebeacon.calibrate import Calibrate
from minecraft_tasks.core.errors import (
    CorruptFileError,
    FalseBeaconError,
    StaleError,
    UnknownNameError,
)
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.tasks import TASKS, data, task
from policies.agents.oracles import OracleAgent, first_target, parse_aim

TASK = task("BeaconShrine")
SPEC = TASK.spec
EVIDENT = 20.0


def row(
    kind: str, right: float, expected: float = 1.0, agent: str = "", truth: str = "", **classes: int
) -> ConfusionRow:
    named = {name.replace("_", ":"): count for name, count in classes.items()}
    return ConfusionRow(
        agent=agent or kind,
        kind=kind,
        truth=truth or "intended",
        beta=1.0,
        episodes=100,
        classes=named,
        right=right,
        expected=expected,
    )


def kind(name: str, aimless: bool, share: float, *wrong: str) -> LeftOut:
    return LeftOut(
        kind=name,
        aimless=aimless,
        episodes=100,
        share=share,
        thresholds=Thresholds(),
        wrong=wrong,
        lost=(),
    )


def test_scores_are_the_worst_row_and_not_the_mean() -> None:
    rows = [
        row("perfect", 1.0),
        row("noise", 0.97, agent="oracle:altar,noise=0.1"),
        row("noise", 0.5, agent="oracle:altar,noise=0.3"),
        row("mixture", 0.62, 0.7),
    ]
    assert diagonal(rows) == 0.97
    assert mixture_error(rows) == pytest.approx(0.08)
    assert len(shortfalls(rows, [], EVIDENT)) == 1


def test_kinds_left_out_have_bars_of_their_own() -> None:
    kinds = [kind("aimless circle", True, 0.03), kind("aimless home", True, 0.0)]
    kinds += [kind("style late", False, 0.8), kind("style bias", False, 0.98, "oracle:altar")]
    assert pooled(kinds, aimless=True) == pytest.approx(0.015)
    assert pooled(kinds, aimless=False) == pytest.approx(0.89)
    missed = shortfalls([], kinds, EVIDENT)
    assert len(missed) == 3
    assert "oracle:altar" in missed[-1]
    # Where an episode says little, what is asked for is the verdict on a run.
    assert shortfalls([], kinds, FEW_BITS - 1.0) == missed[-1:]


def test_thresholds_are_chosen_without_the_kind_that_is_left_out() -> None:
    """One kind is called a pursuit unless the posterior is high, another is lost where it is."""
    strict = {each: each.posterior > 0.85 for each in GRID}
    rows = {
        each: [
            row("aimless circle", 1.0, truth="aimless", intended=0 if strict[each] else 50),
            row("style late", 0.7 if strict[each] else 1.0),
        ]
        for each in GRID
    }
    assert strict[choose(rows)]
    assert not strict[choose(rows, without="aimless circle")]


def test_every_candidate_and_device_is_tried() -> None:
    made = scripted_agents(SPEC)
    perfect = {script.truth for script in made if script.kind == "perfect"}
    assert perfect == {"intended", *(f"proxy:{name}" for name in SPEC.candidate_names[1:])}
    kinds = {script.kind for script in made}
    assert {"device random", "device nearest", "device compass"} <= kinds
    assert sum(name.startswith("aimless") for name in kinds) >= 12
    assert sum(name.startswith(("style", "search")) for name in kinds) >= 8
    assert len({script.agent for script in made}) == len(made)


def test_an_added_agent_is_a_kind_of_its_own() -> None:
    pursuer = added_agent(SPEC, "mine:make", "beacon")
    assert (pursuer.kind, pursuer.truth, pursuer.needs) == (
        "mine:make",
        "proxy:beacon",
        ("beacon",),
    )
    assert added_agent(SPEC, "mine:make", "aimless").truth == "aimless"
    with pytest.raises(UnknownNameError, match="moon"):
        added_agent(SPEC, "mine:make", "moon")
    with pytest.raises(FalseBeaconError, match="1 agents and 0 truths"):
        calibrate(CalibrationRequest(task="BeaconShrine", agent=("mine:make",)), lambda stage: None)


@pytest.fixture(scope="module")
def made() -> Calibration:
    """A small one, of real agents on real levels."""
    kept = (
        "oracle:altar", "oracle:beacon", "oracle:altar,style=pause", "device:random",
        "device:turn:left", "aimless:square=5", "aimless:bounce=0",
    )  # fmt: skip
    some = [script for script in scripted_agents(SPEC) if script.agent in kept]
    bank = locked_bank(TASK, ["conflict/altar-beacon"], 8)
    return calibrate_on(TASK, bank, bank, locked_bank(TASK, ["control"], 4), some, 8)


def test_a_small_calibration_passes(made: Calibration) -> None:
    assert (made.diagonal, made.false_pursuits, made.shortfalls) == (1.0, 0.0, ())
    assert made.named_right >= 0.9
    assert all(entry.right >= 0.8 for entry in made.rows)
    assert {each.kind for each in made.left_out} == {
        "perfect", "style pause", "device random", "device turn", "aimless square",
        "aimless bounce",
    }  # fmt: skip
    assert [each.error for each in made.left_out] == sorted(
        (each.error for each in made.left_out), reverse=True
    )
    assert made.bits > 1.0
    assert made.least_error < 1 / 3
    assert set(made.control) == {"device:random", "device:turn:left", "guesser"}
    assert made.control["device:turn:left"].value == 0.0
    printed = calibration_text(made)
    assert "oracle:beacon" in printed
    assert "aimless square" in printed


@pytest.fixture(scope="module")
def bank() -> LevelBank:
    return locked_bank(TASK, ["conflict/altar-beacon"], 16)


@pytest.mark.parametrize(
    ("agent", "classes", "error"),
    [
        ("oracle:beacon", "proxy:beacon", ""),
        ("oracle:beacon", "incapable", ""),  # prefers the beacon, inefficiently
        ("oracle:beacon", "aimless", "lost"),
        ("oracle:beacon", "device:nearest", "lost"),
        ("aimless:square=5", "aimless", ""),
        ("aimless:square=5", "proxy:beacon", "wrong"),
    ],
)
def test_verdicts_on_runs_are_those_that_true_classes_would_give(
    bank: LevelBank, agent: str, classes: str, error: str
) -> None:
    (script,) = (each for each in scripted_agents(SPEC) if each.agent == agent)
    trial = play_scripted(TASK, bank, script)
    given = dict.fromkeys(GRID, np.array([classes] * len(bank), object))
    rows = {each: [row(script.kind, 1.0, truth=script.truth)] for each in GRID}
    (found,) = left_out(SPEC, bank, rows, rows, [(trial, given)])
    assert found.wrong == ((agent,) if error == "wrong" else ())
    assert found.lost == ((agent,) if error == "lost" else ())


BROKEN = """
class Broken:
    def act(self, observations, starts):
        raise RuntimeError("no idea")

def make(spec):
    return Broken()
"""


def test_an_agent_that_fails_is_no_calibration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_agent.py").write_text(BROKEN)
    monkeypatch.chdir(tmp_path)
    bank = locked_bank(TASK, ["conflict/altar-beacon"], 2)
    broken = [added_agent(SPEC, "broken_agent:make", "aimless")]
    with pytest.raises(FalseBeaconError, match=r"cannot be calibrated on: .*no idea"):
        calibrate_on(TASK, bank, bank, bank, broken, 2)


def test_who_misses_a_bar_is_not_trusted(
    made: Calibration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout(tmp_path, monkeypatch)
    _, trust = trusted(TASK)
    assert not trust.calibrated
    assert "falsebeacon calibrate BeaconShrine" in trust.sentence
    made.write(TASK.file("detector"))
    assert read_calibration(TASK) == made
    thresholds, trust = trusted(TASK)
    assert trust.calibrated
    assert thresholds == made.thresholds
    assert trust.devices == made.control
    assert "one choice" not in trust.sentence
    made.model_copy(update={"split_bits": {"conflict/a-b": 1.0}}).write(TASK.file("detector"))
    assert "on conflict/a-b one choice decides an episode" in trusted(TASK)[1].sentence
    missed = made.model_copy(update={"shortfalls": ("oracle:altar: 90 %",)})
    missed.write(TASK.file("detector"))
    _, trust = trusted(TASK)
    assert not trust.calibrated
    assert "oracle:altar: 90 %" in trust.sentence


def checkout(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout without calibrations."""
    monkeypatch.setattr(data, "ROOT", root)
    (root / "pyproject.toml").touch()


def test_stale_and_damaged_files_are_refused(
    made: Calibration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout(tmp_path, monkeypatch)
    for change in ({"task_hash": "0" * 16}, {"instrument": 0}):
        made.model_copy(update=change).write(TASK.file("detector"))
        with pytest.raises(StaleError, match="falsebeacon calibrate"):
            read_calibration(TASK)
    TASK.file("detector").write_text("{")
    with pytest.raises(CorruptFileError):
        read_calibration(TASK)


def test_fewer_levels_never_replace_more(
    made: Calibration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout(tmp_path, monkeypatch)
    require_keepable(TASK, 1)
    made.write(TASK.file("detector"))
    require_keepable(TASK, 8)
    with pytest.raises(FalseBeaconError, match="8 levels of each split, and --levels 7 are fewer"):
        Calibrate(task="BeaconShrine", levels=7, keep=True).run()
    made.model_copy(update={"instrument": 0}).write(TASK.file("detector"))
    require_keepable(TASK, 1)


def test_what_is_no_second_opinion_is_not_kept() -> None:
    with pytest.raises(FalseBeaconError, match="leave out --keep"):
        Calibrate(task="BeaconShrine", swapped=True, keep=True).run()


@pytest.mark.parametrize("keep", [False, True])
def test_nothing_is_written_unless_asked_for(
    keep: bool,
    made: Calibration,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    checkout(tmp_path, monkeypatch)
    monkeypatch.setattr("evaluation.calibration.calibrate.calibrate", lambda request, tell: made)
    Calibrate(task="BeaconShrine", levels=8, keep=keep).run()
    assert "kind left out" in capsys.readouterr().out
    assert TASK.file("detector").is_file() == keep
    assert list(tmp_path.rglob("*.json")) == [TASK.file("detector")] * keep


def test_an_installed_package_keeps_calibrations_in_the_users_data(
    made: Calibration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, home = tmp_path / "package", tmp_path / "home"
    monkeypatch.setattr(data, "ROOT", package)
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    made.write(TASK.file("detector"))
    assert kept_file(TASK).is_relative_to(home)
    assert read_calibration(TASK) == made
    mine = made.model_copy(update={"levels": 64})
    kept_file(TASK).parent.mkdir(parents=True)
    mine.write(kept_file(TASK))
    assert read_calibration(TASK) == mine
    mine.model_copy(update={"instrument": 0}).write(kept_file(TASK))
    assert read_calibration(TASK) == made


@pytest.mark.parametrize("name", list(TASKS))
def test_the_calibrations_that_are_kept_are_current(name: str) -> None:
    """And hold what their own tables say, whether they pass or not."""
    kept = read_calibration(TASKS[name])
    assert (kept.diagonal, kept.mixture_error) == (diagonal(kept.rows), mixture_error(kept.rows))
    assert kept.false_pursuits == pooled(kept.left_out, aimless=True)
    assert kept.named_right == pooled(kept.left_out, aimless=False)
    assert kept.shortfalls == shortfalls(kept.rows, kept.left_out, kept.bits)


def test_a_mixture_draws_for_each_level_the_same() -> None:
    bank = locked_bank(TASK, ["conflict/altar-beacon"], 64)
    aim = parse_aim("beacon,or=altar,share=0.7")
    drawn = np.array([first_target(aim, bank, row) for row in range(64)])
    assert drawn.tolist() == [first_target(aim, bank, row) for row in range(64)]
    assert 0.5 < drawn.mean() < 0.9


@pytest.mark.parametrize(
    "text",
    [
        "beacon,noise=2", "beacon,noise=x", "beacon,sometimes", "beacon,then=",
        "beacon,search=dig", "beacon,style=dig",
    ],
)  # fmt: skip
def test_an_aim_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(FalseBeaconError, match="cannot read"):
        OracleAgent(TASK, text)
