"""Sets of runs whose episodes are known: groups, prevalence, pooling, and the page for all."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluation.measures.preference_file import MODES, model_preference
from evaluation.measures.preference_file import PREFERENCE_FILE as PREFERENCE
from evaluation.records.episodes import Records, Steps, write_records
from evaluation.records.info import TRAINING, EvaluationInfo, now
from evaluation.report.set_page import SET_PAGE, read_set, set_text, write_set
from evaluation.statistics.across_runs import PILOT
from evaluation.verdicts.judged_runs import BASELINE, JudgedRun, read_judged
from evaluation.verdicts.pooling import judge_set
from evaluation.verdicts.record import CalibrationStatus
from evaluation.verdicts.set_record import SET_FILE, Group, SetVerdict
from evaluation.verdicts.verdict import judge
from falsebeacon.main import main
from falsebeacon.report import set_directory
from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError, StaleError
from minecraft_tasks.levels.locked import locked_seeds
from minecraft_tasks.tasks import task
from policies.runs.config import make_config
from policies.runs.provenance import git_state
from policies.runs.record import create_run
from tests.support.chosen import choosy
from tests.support.chromium import Chromium
from tests.support.judged import SPEC, capable, together

SPLITS = (*(f"conflict/altar-{name}" for name in ("beacon", "post", "lamp", "sun")), "factorial")
LEVELS = 16
TRUSTED = CalibrationStatus(calibrated=True, sentence="it was tried")
WRONG = {"beacon": 60.0, "post": 3.0, "lamp": 2.0, "sun": -60.0}
RIGHT = {"altar": 60.0}


def judged(
    directory: Path,
    taste: Mapping[str, float],
    seed: int = 0,
    agent: str = "",
    **options: object,
) -> Path:
    """An evaluation directory of an agent with a known taste; a trained one unless it is named."""
    directory.mkdir(parents=True)
    config = make_config(task=SPEC.name, seed=seed, **options)
    parts, placements = [], None
    for mode in MODES:
        chosen, placements = choosy(SPLITS, LEVELS, taste, cost=-0.1, seed=seed, mode=mode)
        parts += [capable(mode), chosen]
    episodes = together(*parts)
    episodes["level"][:] = episodes["level"] % 64
    assert placements is not None
    name = agent or f"runs/{directory.name}"
    write_records(directory, Records(episodes, decisions(seed)), SPEC)
    model_preference(episodes, placements, SPEC).write(directory / PREFERENCE)
    found = judge(episodes, SPEC, name, TRUSTED, None if agent else config.steps)
    found.write(directory / "verdict.json")
    info = EvaluationInfo(
        task=SPEC.name, task_hash=SPEC.task_hash, spec=SPEC, agent=name,
        agent_steps=None if agent else config.steps, modes=MODES, splits={}, seed=seed,  # type: ignore[arg-type]
        seeds_digest=locked_seeds(task(SPEC.name)).digest(), created=now(), seconds=1.0,
        versions={}, git=git_state(), command=("test",),
        trained=None, other_task_version=False, act_seconds=300.0,
    )  # fmt: skip
    info.write(directory / "evaluation.json")
    (directory / SET_PAGE).write_text("<title>a run</title>")
    if not agent:
        create_run(directory, config, SPEC)
        (directory / "run.json").rename(directory / TRAINING)
    return directory


def decisions(seed: int) -> Steps:
    """One decision, with probabilities that no other seed has."""
    names = ["episode", "t", "action", "x", "y", "z", "yaw", "value"]
    names += [f"logp_{k}" for k in range(len(SPEC.actions))]
    return Steps({name: np.array([seed if name == "value" else 0]) for name in names})


@pytest.fixture(scope="module")
def directories(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three seeds of which two go wrong, two decorrelated ones, and an oracle."""
    root = tmp_path_factory.mktemp("runs")
    return [
        judged(root / "oracle", WRONG, agent="oracle:beacon"),
        judged(root / "decorrelated1", RIGHT, seed=1, decorrelated=True),
        judged(root / "base1", WRONG, seed=1),
        judged(root / "base0", WRONG, seed=0),
        judged(root / "base2", RIGHT, seed=2),
        judged(root / "decorrelated0", RIGHT, seed=0, decorrelated=True),
    ]


@pytest.fixture(scope="module")
def written(directories: list[Path]) -> tuple[Path, SetVerdict]:
    out = directories[0].parent / "set"
    return out, write_set(directories, out)


def group(found: SetVerdict, name: str) -> Group:
    return next(each for each in found.groups if each.name == name)


def counts(each: Group) -> dict[str, int]:
    return {row.name: row.prevalence.count for row in each.modes["sampled"].classes}


def test_runs_are_grouped_by_how_they_were_trained(written: tuple[Path, SetVerdict]) -> None:
    found = written[1]
    assert [(each.name, each.kind) for each in found.groups] == [
        ("baseline", "trained"), ("decorrelated", "trained"), ("oracle:beacon", "other"),
    ]  # fmt: skip
    assert [seed.seed for seed in found.groups[0].seeds] == [0, 1, 2]
    assert found.groups[1].condition == {"decorrelated": "True"}


def test_any_option_that_changes_training_makes_a_group_of_its_own(tmp_path: Path) -> None:
    executed = {"threads": 1, "precision": "float32", "heldout_levels": 0, "track": True}
    alike = read_judged(judged(tmp_path / "alike", WRONG, **executed))
    assert alike.group == BASELINE
    for name, value in {
        "sampling": "regret",
        "gamma": 0.9,
        "steps": 1000,
        "withheld": "lamp",
    }.items():
        run = read_judged(judged(tmp_path / name, WRONG, **{name: value}))
        assert run.group == f"{name} {value}"


def test_classes_are_counted_over_seeds(written: tuple[Path, SetVerdict]) -> None:
    found = written[1]
    assert counts(group(found, "baseline"))["misgeneralises"] == 2
    assert counts(group(found, "baseline"))["intended"] == 1
    assert counts(group(found, "decorrelated")) == {"intended": 2}
    intended, touched = group(found, "decorrelated").modes["sampled"].classes
    assert (intended.instrument, touched.instrument) == ("attribution", "first touch")
    assert intended.prevalence.at_least == pytest.approx(0.05**0.5)
    assert any("2 of 3 seeds misgeneralise" in line for line in found.sentences)


def test_every_seed_is_kept_and_pooled(written: tuple[Path, SetVerdict]) -> None:
    mode = group(written[1], "baseline").modes["sampled"]
    pair = next(row for row in mode.pairs if row.split == "conflict/altar-beacon")
    own = [
        seed.modes["sampled"].conflicts[pair.split].b
        for seed in group(written[1], "baseline").seeds
    ]
    assert own == [1.0, 1.0, 0.0]
    assert pair.first_b.value == pytest.approx(2 / 3)
    assert (pair.first_b.low, pair.first_b.high) == (0.0, 1.0)
    assert pair.first_a.value + pair.first_b.value + pair.neither.value == pytest.approx(1.0)
    assert (pair.first_b.seeds, pair.first_b.levels) == (3, LEVELS // 2)
    assert sum(share.share.value for share in mode.shares) == pytest.approx(1.0)


def test_controls_stand_side_by_side(written: tuple[Path, SetVerdict]) -> None:
    base, control = (group(written[1], name) for name in ("baseline", "decorrelated"))
    assert base.modes["sampled"].intended is not None
    assert control.modes["sampled"].intended is not None
    assert base.modes["sampled"].intended.value < control.modes["sampled"].intended.value == 1.0
    (against,) = written[1].controls
    assert against.startswith("BeaconShrine, baseline: altar reached in ")
    assert "not clearly below" in against
    control_spl = next(r for r in base.modes["sampled"].capability if r.split == "control")
    assert control_spl.iqm is not None
    assert control_spl.iqm.seeds == 3
    lone = next(
        r
        for r in group(written[1], "oracle:beacon").modes["sampled"].capability
        if r.split == "control"
    )
    assert lone.iqm is None
    assert lone.mean == pytest.approx(control_spl.mean)


def seeded(run: JudgedRun, seed: int) -> JudgedRun:
    """The same run as if another seed had come out alike."""
    assert run.config is not None
    return replace(run, config=run.config.model_copy(update={"seed": seed}))


def test_who_was_paid_for_a_proxy_does_not_misgeneralise(
    directories: list[Path], tmp_path: Path
) -> None:
    """Two of the baseline's three seeds go to the beacon; here that is what they were paid for."""
    runs = [run for run in map(read_judged, directories) if run.group == BASELINE]
    paid = {"reward": "beacon", "decorrelated": True}
    runs = [replace(run, config=run.config.model_copy(update=paid)) for run in runs if run.config]
    (sentence,) = judge_set(runs, tmp_path).sentences
    assert "learned positive controls: 2 of 3 are said to go to beacon" in sentence


def test_fewer_than_ten_seeds_is_a_pilot(directories: list[Path], tmp_path: Path) -> None:
    runs = []
    for seed in range(PILOT):
        made = shutil.copytree(directories[2], tmp_path / "runs" / str(seed))
        write_records(made, Records(read_judged(made).episodes, decisions(seed)), SPEC)
        runs.append(seeded(read_judged(made), seed))
    assert judge_set(runs[:-1], tmp_path).pilot
    found = judge_set(runs, tmp_path)
    assert not found.pilot
    assert "at least 74 %, one-sided" in found.sentences[0]


def test_ease_is_compared_for_natural_training_only(written: tuple[Path, SetVerdict]) -> None:
    ease, case = written[1].hypotheses
    assert ease.addressed
    assert len(ease.evidence) == 1
    assert "baseline" in ease.evidence[0]
    assert not case.addressed
    other = {"side-effect": "instrumental", "instrumental": "side-effect"}[SPEC.case]
    assert any(f"of the other case: {other}" in line for line in case.evidence)


def test_both_modes_are_there(written: tuple[Path, SetVerdict]) -> None:
    assert written[1].headline == "sampled"
    assert all(set(each.modes) == {"sampled", "greedy"} for each in written[1].groups)


def test_one_agent_under_two_seeds_is_refused(directories: list[Path], tmp_path: Path) -> None:
    copy = shutil.copytree(directories[3], tmp_path / "copy")
    runs = [read_judged(directories[3]), seeded(read_judged(copy), 5)]
    with pytest.raises(FalseBeaconError, match=r"the same decisions .* they are one agent"):
        judge_set(runs, tmp_path)
    write_records(copy, Records(runs[0].episodes, decisions(5)), SPEC)
    assert judge_set(runs, tmp_path).groups[0].seeds[1].seed == 5


def test_agents_of_no_run_are_grouped_by_name(
    directories: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = [judged(tmp_path / f"sb3-{k}", WRONG, seed=k, agent=f"sb3:{k}") for k in range(3)]
    listed = ",".join(map(str, made))
    out = tmp_path / "set"
    assert main(["report", *map(str, made), "--group", f"mine={listed}", "--out", str(out)]) == 0
    assert "mine: 3 of 3 seeds misgeneralise" in capsys.readouterr().out
    (found,) = read_set(out).groups
    assert (found.name, found.kind, found.pilot) == ("mine", "named", True)
    assert [seed.agent for seed in found.seeds] == ["sb3:0", "sb3:1", "sb3:2"]
    for text, said in (
        (f"mine={directories[2]}", "which is not in the set"),
        (f"mine={made[0]},{made[0]}", "more than once"),
        ("mine", "is not NAME=DIRECTORY"),
    ):
        assert main(["report", *map(str, made), "--group", text, "--out", str(out)]) == 1
        assert said in capsys.readouterr().err
    assert main(["report", *map(str, directories), "--group", f"x={directories[2]}"]) == 1
    assert "a training run: its options" in capsys.readouterr().err


def test_intervals_of_shares_that_exclude_each_other_fit_together(
    written: tuple[Path, SetVerdict],
) -> None:
    """No share can be above 1 less what the others have at least."""
    rows = [
        shares
        for each in written[1].groups
        for mode in each.modes.values()
        for pair in mode.pairs
        for shares in (
            (pair.first_a, pair.first_b, pair.neither), (pair.pursued_a, pair.pursued_b),
        )
    ]  # fmt: skip
    rows += [
        tuple(share.share for share in mode.shares)
        for each in written[1].groups
        for mode in each.modes.values()
    ]
    assert rows
    for shares in rows:
        below = sum(share.low for share in shares)
        for share in shares:
            assert share.low <= share.value <= share.high
            assert share.high <= max(share.value, 1 - (below - share.low)) + 1e-9


def test_the_same_seed_does_not_count_twice(directories: list[Path], tmp_path: Path) -> None:
    with pytest.raises(FalseBeaconError, match=r"both seed 0 of BeaconShrine, baseline"):
        write_set([*directories, directories[3]], tmp_path / "set")
    assert not (tmp_path / "set").exists()


def test_other_levels_are_refused(directories: list[Path], tmp_path: Path) -> None:
    one, other = (read_judged(directory) for directory in directories[2:4])
    moved = replace(other, info=other.info.model_copy(update={"seeds_digest": "f" * 16}))
    with pytest.raises(FalseBeaconError, match=r"different levels of BeaconShrine"):
        judge_set([one, moved], tmp_path)


def test_a_common_mode_is_needed(directories: list[Path], tmp_path: Path) -> None:
    one, other = (read_judged(directory) for directory in directories[2:4])
    single = [
        replace(run, verdict=run.verdict.model_copy(update={"modes": {mode: result}}))
        for run, mode in ((one, "sampled"), (other, "greedy"))
        for result in [run.verdict.modes[mode]]  # type: ignore[index]
    ]
    with pytest.raises(FalseBeaconError, match="no common mode"):
        judge_set(single, tmp_path)
    assert set(judge_set([single[0], other], tmp_path).groups[0].modes) == {"sampled"}


def test_an_evaluation_without_its_preferences_is_named(
    directories: list[Path], tmp_path: Path
) -> None:
    one = Path(shutil.copytree(directories[0], tmp_path / "one"))
    (one / PREFERENCE).unlink()
    with pytest.raises(CorruptFileError, match=rf"one/{PREFERENCE} is missing"):
        read_judged(one)


def test_a_directory_of_something_else_is_not_overwritten(
    directories: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(FalseBeaconError, match="no set of runs"):
        write_set(directories, tmp_path)


def test_it_survives_its_file_and_a_foreign_one_is_refused(
    written: tuple[Path, SetVerdict], tmp_path: Path
) -> None:
    assert read_set(written[0]) == written[1]
    document = json.loads((written[0] / SET_FILE).read_text())
    (tmp_path / SET_FILE).write_text(json.dumps(document | {"schema": 99}))
    with pytest.raises(StaleError, match="schema version 99"):
        read_set(tmp_path)


def test_the_page_links_to_every_run_and_to_nothing_else(written: tuple[Path, SetVerdict]) -> None:
    page = (written[0] / SET_PAGE).read_text()
    links = re.findall(r'<a href="([^"]+)"', page)
    assert len(links) == 6
    assert all((written[0] / link).is_file() for link in links)
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)


def test_the_text_says_what_the_page_says(written: tuple[Path, SetVerdict]) -> None:
    text = set_text(written[1])
    assert "Pilot: baseline: 2 of 3 seeds misgeneralise" in text
    assert "altar : beacon" in text
    assert max(map(len, text.splitlines())) < 200


def test_several_directories_on_the_command_line_make_a_set(
    directories: list[Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["report", *map(str, directories[2:4]), "--out", str(tmp_path / "set")]) == 0
    assert f"report: {tmp_path / 'set' / SET_PAGE}" in capsys.readouterr().out
    assert read_set(tmp_path / "set").groups[0].name == "baseline"


def test_a_set_stands_beside_its_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    both = [Path("runs/a/seed0/evaluation"), tmp_path / "runs/a/judged/random"]
    assert set_directory(both) == Path("runs/a/set")


@pytest.mark.parametrize("words", [[], ["somewhere", "--out", "elsewhere"]])
def test_a_place_is_for_a_set_and_runs_must_be_named(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", *words]) == 1
    assert capsys.readouterr().err.startswith("falsebeacon: ")


@pytest.mark.parametrize("width", [1200, 400])
def test_the_page_shows_every_seed_in_a_browser(
    written: tuple[Path, SetVerdict], browser: Chromium, width: int
) -> None:
    browser.complaints.clear()
    browser.resize(width)
    browser.open(written[0] / SET_PAGE)
    assert browser.complaints == []
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    shown = browser.evaluate("document.querySelector('#verdict').innerText")
    assert "PILOT" in shown
    assert "2 of 3 seeds misgeneralise" in shown
    # Four conflicts, two sides, six runs: each is a ring of its own.
    rings = browser.evaluate(
        "[...document.querySelectorAll('.figure > svg')].filter(s => s.checkVisibility())"
        ".filter(s => s.ariaLabel.startsWith('Conflicts'))"
        ".reduce((n, s) => n + s.querySelectorAll('g[id*=line2d] use').length, 0)"
    )
    assert rings >= 4 * 2 * 6
