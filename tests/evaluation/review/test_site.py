"""A site in a real browser, from disk."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from evaluation.review.catalogue import Reviewed, read_reviewed, rows_of
from evaluation.review.chosen import chosen
from evaluation.review.site import write_site
from falsebeacon.main import main
from minecraft_tasks.core.errors import FalseBeaconError
from tests.evaluation.review.conftest import LEVELS, SPLITS
from tests.support.chromium import Chromium
from tests.support.reviews import first_of, key, moment, opened


@pytest.fixture(scope="module")
def site(reviewed: list[Reviewed], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "review"
    held = {each.number: chosen(each, (), ("split=conflict/altar-beacon",), 100)
            for each in reviewed}  # fmt: skip
    return write_site(reviewed, out, held)


def test_an_episode_plays_steps_and_scrubs(
    browser: Chromium, site: Path, reviewed: list[Reviewed]
) -> None:
    episode = first_of(reviewed[0], "conflict/altar-beacon")
    page = opened(browser, site, f"#episode={key(0, episode)}&decision=3").page
    last = len(reviewed[0].steps.of(episode)) - 1
    assert moment(browser) == 3
    assert browser.evaluate("clock.last") == last
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert moment(browser) == 4
    assert f"decision 4 of {last}" in page.inner_text(".player .now")
    page.keyboard.press("End")
    assert moment(browser) == last
    assert "the episode is over" in page.inner_text(".player .chances")
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowRight")
    assert moment(browser) == min(10, last)
    box = page.locator(".player .strip").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert moment(browser) == pytest.approx(last / 2, abs=1)
    page.keyboard.press("Home")
    page.select_option("#rate", "20")
    page.keyboard.press(" ")
    browser.wait(f"clock.moment === {last} && !clock.playing")
    assert not browser.complaints


def test_episodes_are_found_by_filters_sorting_and_one_click(
    browser: Chromium, site: Path, reviewed: list[Reviewed]
) -> None:
    page = opened(browser, site).page
    total = 6 * LEVELS * len(SPLITS)
    assert page.inner_text(".count") == f"{total} of {total} episodes"
    page.select_option('[data-filter="split"]', "=factorial")
    assert page.inner_text(".count").startswith(f"{6 * LEVELS} of")
    page.select_option('[data-filter="mode"]', "=greedy")
    assert page.inner_text(".count").startswith(f"{3 * LEVELS} of")
    page.select_option('[data-filter="split"]', "")
    page.select_option('[data-filter="mode"]', "")
    page.click('button[data-filter="disagrees"]')
    differing = sum(int(rows_of(each)["disagrees"].sum()) for each in reviewed)
    assert page.inner_text(".count").startswith(f"{differing} of")
    page.click('button[data-filter="disagrees"]')
    page.click('.head [data-column="steps"]')
    steps = [int(text) for text in page.locator(".row .steps").all_inner_texts()]
    assert steps == sorted(steps)
    page.click('.head [data-column="steps"]')
    steps = [int(text) for text in page.locator(".row .steps").all_inner_texts()]
    assert steps == sorted(steps, reverse=True)
    assert not browser.complaints


def test_twins_and_two_runs_stand_side_by_side_in_step(
    browser: Chromium, site: Path, reviewed: list[Reviewed]
) -> None:
    episode = first_of(reviewed[0], "conflict/altar-beacon")
    page = opened(browser, site, f"#episode={key(0, episode)}&decision=2").page
    page.keyboard.press("t")
    browser.wait("players[1].episode !== null")
    twin = int(rows_of(reviewed[0])["twin"][episode])
    assert f"episode {twin}" in page.locator(".player .name").nth(1).inner_text()
    page.keyboard.press("ArrowRight")
    texts = page.locator(".player .now").all_inner_texts()
    assert [text.split(" of")[0] for text in texts] == ["decision 3"] * 2
    page.select_option("#with", label=reviewed[1].label)
    browser.wait("players[1].run === 1 && players[1].episode !== null")
    level = page.locator(".player .name").all_inner_texts()
    assert level[0].split(" · ")[1:4] == level[1].split(" · ")[1:4]


def test_a_link_leads_to_the_same_moment(
    browser: Chromium, site: Path, reviewed: list[Reviewed]
) -> None:
    episode = first_of(reviewed[1], "conflict/altar-beacon")
    page = opened(browser, site, f"#episode={key(1, episode)}&decision=4").page
    page.keyboard.press("t")
    browser.wait("players[1].episode !== null")
    page.click('button[data-filter="held"]')
    browser.wait("location.hash.includes('with=') && location.hash.includes('held')")
    address = urlsplit(page.url).fragment
    opened(browser, site, f"#{address}")
    browser.wait("players[1].episode !== null")
    assert moment(browser) == 4
    assert page.get_attribute('button[data-filter="held"]', "aria-pressed") == "true"
    assert page.get_attribute(".row[aria-current]", "data-key") == key(1, episode)


def test_what_a_site_does_not_hold_is_said_with_the_way_to_get_it(
    browser: Chromium, site: Path, reviewed: list[Reviewed]
) -> None:
    page = opened(browser, site).page
    missing = first_of(reviewed[0], "heldout")
    page.evaluate(f"location.hash = '#episode={key(0, missing)}'")
    browser.wait("document.querySelector('.said').textContent.includes('not in this')")
    said = page.inner_text(".said")
    assert f"--episodes {missing}" in said
    assert "--serve" in said
    assert str(reviewed[0].directory) in said


@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_nothing_leaves_the_page_and_all_fits(
    width: int, scheme: str, browser: Chromium, site: Path, tmp_path: Path
) -> None:
    browser.page.emulate_media(color_scheme=scheme)  # pyright: ignore[reportArgumentType]
    opened(browser, site, width=width)
    assert all(address.startswith(("file:", "data:", "about:")) for address in browser.asked)
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    browser.screenshot(tmp_path / f"{width}-{scheme}.png")
    assert not browser.complaints


def test_the_report_is_linked(browser: Chromium, site: Path, reviewed: list[Reviewed]) -> None:
    page = opened(browser, site).page
    address = page.evaluate("document.querySelector('#report').href")
    assert Path(urlsplit(address).path).resolve() == reviewed[0].directory / "report.html"


def test_a_report_links_into_its_site(
    browser: Chromium, evaluations: list[Path], tmp_path: Path
) -> None:
    directory = Path(shutil.copytree(evaluations[0], tmp_path / "a run" / "evaluation"))
    assert main(["report", str(directory)]) == 0
    assert "falsebeacon review" in (directory / "report.html").read_text()
    assert main(["review", str(tmp_path / "a run"), "--where", "split=heldout", "--most", "1"]) == 0
    browser.open(directory / "report.html")
    browser.page.click("text=The review")
    browser.page.wait_for_selector(".player.ready")
    assert Path(unquote(urlsplit(browser.page.url).path)).parent.name == "review-evaluation"


def test_hostile_names_do_nothing(
    browser: Chromium, evaluations: list[Path], tmp_path: Path
) -> None:
    name = "<img src=x onerror=alert(1)>'\"&"
    folder = tmp_path / name / "evaluation"
    shutil.copytree(evaluations[0], folder)
    info = json.loads((folder / "evaluation.json").read_text())
    info["agent"] = "</script><script>document.title = 'hostile'</script>"
    (folder / "evaluation.json").write_text(json.dumps(info))
    (each,) = read_reviewed([folder])
    episode = first_of(each, "conflict/altar-beacon")
    site = write_site([each], tmp_path / "review", {0: [episode]})
    page = opened(browser, site).page
    assert page.title() == "Recorded episodes"
    assert page.locator("img").count() == 0
    assert name in page.inner_text(".player .name")
    assert not browser.complaints


def test_a_site_does_not_replace_another_folder(reviewed: list[Reviewed], tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FalseBeaconError, match="is no review"):
        write_site(reviewed, tmp_path, {})
    assert (tmp_path / "mine.txt").read_text() == "mine"
