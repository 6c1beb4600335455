"""The page, the text and the file of a set of runs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from evaluation.report.set_page import SET_PAGE, read_set, set_text, write_set
from evaluation.verdicts.set_record import SET_FILE, SetVerdict
from falsebeacon.main import main
from falsebeacon.report import set_directory
from minecraft_tasks.core.errors import FalseBeaconError, StaleError
from tests.support.chromium import Chromium


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
