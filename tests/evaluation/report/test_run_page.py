"""The report of a real evaluation, read as a browser and a person would."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from evaluation.ease.measure import ease_table
from evaluation.ease.prediction import predict
from evaluation.ease.table import Reading
from evaluation.judge import evaluate, judge_again
from evaluation.measures.preference_file import read_preference
from evaluation.records.episodes import REFERENCE, read_episodes
from evaluation.records.info import read_info
from evaluation.records.placements import read_placements
from evaluation.records.requests import EvaluationRequest
from evaluation.report import run_page
from evaluation.report.run_page import read_evaluation, report_text, write_report
from evaluation.verdicts.record import Verdict
from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError, StaleError
from minecraft_tasks.tasks import data, task
from policies.agents.oracles import OracleAgent
from tests.support.chromium import Chromium

TASK = task("BeaconShrine")
SPLITS = (
    "heldout",
    "control",
    "conflict/altar-beacon",
    "factorial",
    "absent/beacon",
    "only/beacon",
)
LEVELS = 16


def asked(*splits: str, levels: int = 1) -> EvaluationRequest:
    return EvaluationRequest(
        task=TASK.spec.name, agent="oracle:beacon", splits=splits, levels=levels
    )


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Verdict]:
    """An agent that goes for the beacon, judged on a few levels of some splits."""
    directory = tmp_path_factory.mktemp("judged") / "evaluation"
    verdict = evaluate(asked(*SPLITS, levels=LEVELS), directory)
    write_report(directory)
    return directory, verdict


@pytest.fixture
def copy(judged: tuple[Path, Verdict], tmp_path: Path) -> Path:
    """The same evaluation, to be spoiled."""
    return Path(shutil.copytree(judged[0], tmp_path / "evaluation"))


def test_the_instrument_names_what_the_agent_is_known_to_want(
    judged: tuple[Path, Verdict],
) -> None:
    verdict = judged[1]
    assert (verdict.outcome, verdict.toward) == ("misgeneralises", ("beacon",))
    assert verdict.modes["greedy"].outcome == "misgeneralises"


def test_an_evaluation_directory_is_complete(judged: tuple[Path, Verdict]) -> None:
    directory, _ = judged
    info = read_info(directory)
    assert info.splits == dict.fromkeys(SPLITS, LEVELS)
    assert info.spec == TASK.spec
    episodes = read_episodes(directory / "episodes.parquet", TASK.spec.task_hash)
    assert len(episodes.take(episodes["agent"] != REFERENCE)) == 2 * LEVELS * len(SPLITS)
    chance = episodes.where(agent=REFERENCE)
    assert Counter(chance["split"]) == {"control": LEVELS, "conflict/altar-beacon": LEVELS}
    assert all((directory / plan.file).is_file() for plan in info.plans)
    twins = [plan for plan in info.plans if plan.level < 2]
    assert twins[0].sites["altar"] != twins[1].sites["altar"]
    assert twins[0].extent == twins[1].extent
    assert not list(directory.parent.glob(".*"))


def test_every_stage_is_timed(judged: tuple[Path, Verdict]) -> None:
    stages = read_info(judged[0]).stages
    assert list(stages)[:2] == ["levels", "sampled"]
    assert {"random agent", "attribution", "preference", "clips"} <= set(stages)


def test_preferences_are_modelled_and_shown(judged: tuple[Path, Verdict]) -> None:
    directory, _ = judged
    placements = read_placements(directory / "levels.parquet", TASK.spec.task_hash)
    assert Counter(placements["split"]) == dict.fromkeys(SPLITS, LEVELS)
    conflict = placements.where(split="conflict/altar-beacon")
    # Admission wants both in view or neither; twins swap the two, so their sides swap as well.
    assert (conflict["seen_altar"] == conflict["seen_beacon"]).all()
    altar, beacon = (conflict[f"bearing_{name}"] for name in ("altar", "beacon"))
    np.testing.assert_allclose(altar[::2], beacon[1::2], atol=3.0)
    assert np.isnan(conflict["bearing_sun"]).all()
    found = read_preference(directory).modes["sampled"]
    assert found.logit is not None
    (beacon_term,) = (row for row in found.logit.coefficients if row.term == "beacon")
    assert beacon_term.direction == "above"
    assert found.ranking is not None
    assert found.ranking.order == "beacon > altar"
    page = (directory / "report.html").read_text()
    assert "Why that site?" in page
    assert "at least" in page


def test_an_evaluation_of_before_has_its_report_without_the_model(copy: Path) -> None:
    (copy / "preference.json").unlink()
    write_report(copy)
    assert "Why that site?" not in (copy / "report.html").read_text()


def test_the_text_table_has_the_numbers(judged: tuple[Path, Verdict]) -> None:
    directory, verdict = judged
    text = report_text(directory)
    assert verdict.sentence in text
    assert "gate passed" in text
    row = next(line for line in text.splitlines() if "altar : beacon" in line)
    assert row.split()[-1] == str(LEVELS)
    assert max(map(len, text.splitlines())) < 220


def test_the_page_needs_nothing_from_elsewhere(judged: tuple[Path, Verdict]) -> None:
    page = (judged[0] / "report.html").read_text()
    addresses = re.findall(r'(?:src|href)="([^"]{0,40})', page)
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert "<script" not in page


def test_the_page_scores_the_registered_ease(
    judged: tuple[Path, Verdict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "ROOT", tmp_path)
    evaluation = read_evaluation(judged[0])
    assert "Did ease predict it?" not in run_page.report_html(evaluation)
    names = TASK.spec.candidate_names
    footprint = {name: Reading(value=float(name == "beacon"), n=1) for name in names}
    predicted = predict({"footprint": footprint}, names)
    table = ease_table(TASK.spec, {}).model_copy(update={"prediction": predicted})
    table.write(TASK.file("ease"))
    page = run_page.report_html(evaluation)
    # It went for the beacon alone, and just that was predicted; by hand, beacon was first of five.
    assert "Did ease predict it?" in page
    assert "all measures 1.00" in page
    assert "stated by hand 0.63" in page


def test_the_page_opens_in_a_browser(judged: tuple[Path, Verdict], browser: Chromium) -> None:
    directory, verdict = judged
    browser.complaints.clear()
    browser.open(directory / "report.html")
    shown = browser.evaluate("document.querySelector('#verdict').innerText")
    assert verdict.sentence in shown.replace("\N{NO-BREAK SPACE}", " ")
    assert "explains its decisions best" in shown
    text = browser.evaluate("document.body.innerText")
    for line in verdict.not_tested:
        assert line in text
    assert TASK.spec.task_hash in text
    assert browser.complaints == []


@pytest.mark.parametrize("width", [1200, 400])
def test_nothing_hangs_over_the_edge(
    judged: tuple[Path, Verdict], browser: Chromium, width: int
) -> None:
    browser.resize(width)
    browser.open(judged[0] / "report.html")
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    figures = browser.evaluate(
        "[...document.querySelectorAll('.figure > svg')].filter(s => s.checkVisibility())"
        ".map(s => [s.getBoundingClientRect().width, s.querySelectorAll('text').length])"
    )
    assert len(figures) >= 4
    assert all(size > 0.6 * min(width, 400) and texts > 3 for size, texts in figures)


def test_every_clip_plays_from_the_file(judged: tuple[Path, Verdict], browser: Chromium) -> None:
    directory, _ = judged
    browser.open(directory / "report.html")
    played = browser.evaluate(
        "Promise.all([...document.querySelectorAll('video')].map(async video => {"
        "  await video.play();"
        "  await new Promise(done => video.addEventListener('timeupdate', done, {once: true}));"
        "  const seen = video.getVideoPlaybackQuality().totalVideoFrames;"
        "  return [video.duration, video.videoWidth, video.currentTime, seen];"
        "}))"
    )
    assert len(played) == len(list((directory / "clips").glob("*.webm"))) >= 3
    for duration, width, now, frames in played:
        assert duration > 0.5
        assert width == 256
        assert now > 0
        assert frames > 0


def test_the_browser_would_have_complained(tmp_path: Path, browser: Chromium) -> None:
    """The check above can fail: a broken page leaves complaints."""
    (tmp_path / "bad.html").write_text("<img src='gone.png'><script>nothing.here</script>")
    browser.complaints.clear()
    browser.open(tmp_path / "bad.html")
    assert any("ReferenceError" in complaint for complaint in browser.complaints)
    assert any("loadingFailed" in c or "ERR_FILE_NOT_FOUND" in c for c in browser.complaints)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("evaluation.json", "cannot be read as JSON"),
        ("verdict.json", "cannot be read as JSON"),
        ("preference.json", "cannot be read as JSON"),
        ("episodes.parquet", "truncated or damaged"),
        ("steps.parquet", "truncated or damaged"),
    ],
)
def test_truncated_files_are_refused_and_the_report_stays(
    copy: Path, file: str, message: str
) -> None:
    before = (copy / "report.html").read_text()
    content = (copy / file).read_bytes()
    (copy / file).write_bytes(content[: len(content) // 2])
    with pytest.raises(CorruptFileError, match=message):
        write_report(copy)
    assert (copy / "report.html").read_text() == before


def test_missing_pictures_and_clips_are_named(copy: Path) -> None:
    next((copy / "clips").glob("*.webm")).unlink()
    with pytest.raises(CorruptFileError, match=r"\.webm cannot be read"):
        write_report(copy)
    next((copy / "plans").glob("*.png")).unlink()
    with pytest.raises(CorruptFileError, match=r"\.png is missing"):
        write_report(copy)


def test_a_verdict_comes_out_the_same_from_the_records(
    judged: tuple[Path, Verdict], copy: Path
) -> None:
    before = read_evaluation(copy)
    (copy / "verdict.json").unlink()
    shutil.rmtree(copy / "clips")
    assert judge_again(copy) == judged[1]
    after = read_evaluation(copy)
    assert after.verdict == judged[1]
    for name in ("class", "posterior", "first"):
        np.testing.assert_array_equal(after.episodes[name], before.episodes[name])
    assert {path.name for path in (copy / "clips").iterdir()} == {
        path.name for path in (judged[0] / "clips").iterdir()
    }
    assert not (copy / "report.html").exists()


def test_files_of_two_tasks_are_refused(copy: Path) -> None:
    text = (copy / "verdict.json").read_text()
    (copy / "verdict.json").write_text(text.replace(TASK.spec.task_hash, "f" * 16))
    with pytest.raises(StaleError, match="task hash ffffffffffffffff"):
        read_evaluation(copy)


def test_a_failing_evaluation_leaves_the_earlier_one(copy: Path) -> None:
    class Broken(OracleAgent):
        def act(self, observations: object, starts: object) -> None:  # type: ignore[override]
            raise KeyboardInterrupt

    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*")}
    with pytest.raises(KeyboardInterrupt):
        evaluate(asked("only/beacon"), copy, agent=Broken(TASK, "beacon"))
    assert {path: path.stat().st_mtime_ns for path in copy.rglob("*")} == before


def test_an_agent_that_gives_no_answer_gets_no_verdict(tmp_path: Path) -> None:
    class Silent(OracleAgent):
        def act(self, observations: object, starts: object) -> None:  # type: ignore[override]
            raise RuntimeError("lost")

    request = asked(*SPLITS, levels=2).model_copy(update={"modes": ("sampled",)})
    verdict = evaluate(request, tmp_path / "out", agent=Silent(TASK, "beacon"))
    assert verdict.outcome == "none"
    assert "12 of 12 episodes are invalid" in verdict.sentence
    assert "'oracle:beacon' raised RuntimeError: lost" in verdict.sentence
    write_report(tmp_path / "out")
    assert "No verdict" in (tmp_path / "out" / "report.html").read_text()
    assert "incapable" not in report_text(tmp_path / "out")


def test_a_later_evaluation_replaces_all_of_the_earlier_one(copy: Path) -> None:
    evaluate(asked("only/beacon").model_copy(update={"modes": ("greedy",)}), copy)
    assert read_evaluation(copy).info.splits == {"only/beacon": 1}
    assert not (copy / "report.html").exists()
    assert not (copy / "plans").exists()
    assert len(list(copy.glob("clips/*.webm"))) == 0
    write_report(copy)
    assert "Inconclusive" in (copy / "report.html").read_text()


def test_a_directory_of_something_else_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(FalseBeaconError, match="no evaluation directory"):
        evaluate(asked("only/beacon"), tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "precious"


def test_unknown_splits_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FalseBeaconError, match="heldout"):
        evaluate(asked("holdout"), tmp_path / "new")
    assert not (tmp_path / "new").exists()
