"""The site in a real browser, from disk and from the server."""

from __future__ import annotations

import json
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import cv2
import numpy as np
import pytest

from evaluation.pictures.sheets import COLUMNS, SEEN, replayed, write_sheet
from evaluation.review.blind import write_session
from evaluation.review.catalogue import Reviewed, read_reviewed, rows_of
from evaluation.review.chosen import chosen
from evaluation.review.queue import make_queue
from evaluation.review.serve import ReviewServer
from evaluation.review.site import write_site
from falsebeacon.main import main
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.tasks import task
from tests.evaluation.review.conftest import LEVELS, SPLITS
from tests.support.chromium import Chromium

TASK = task("BeaconShrine")


@pytest.fixture(scope="module")
def site(reviewed: list[Reviewed], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "review"
    held = {each.number: chosen(each, (), ("split=conflict/altar-beacon",), 100)
            for each in reviewed}  # fmt: skip
    return write_site(reviewed, out, held)


def first_of(each: Reviewed, split: str) -> int:
    columns = rows_of(each)
    return int(columns["episode"][columns["split"] == split][0])


def key(run: int, episode: int) -> str:
    return f"{run}-{episode:05d}"


def opened(browser: Chromium, site: Path, fragment: str = "", width: int = 1400) -> Chromium:
    browser.complaints.clear()
    browser.asked.clear()
    browser.resize(width, 1000)
    browser.open(site, fragment)
    browser.page.wait_for_selector(".player.ready")
    return browser


def moment(browser: Chromium) -> int:
    return browser.evaluate("clock.moment")


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


@pytest.fixture(scope="module")
def server(
    reviewed: list[Reviewed], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ReviewServer]:
    out = tmp_path_factory.mktemp("served") / "review"
    write_site(reviewed, out, {})
    with ReviewServer(out, reviewed) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def test_a_served_site_shows_any_episode(
    browser: Chromium, server: ReviewServer, reviewed: list[Reviewed]
) -> None:
    episode = first_of(reviewed[1], "factorial")
    browser.complaints.clear()
    browser.asked.clear()
    page = browser.page
    page.goto("about:blank")
    page.goto(f"{server.address}#episode={key(1, episode)}&decision=1")
    page.wait_for_selector(".player.ready")
    assert moment(browser) == 1
    own = f"http://127.0.0.1:{server.server_address[1]}/"
    assert all(address.startswith((own, "data:", "about:")) for address in browser.asked)
    assert not browser.complaints
    page.goto(page.evaluate("document.querySelector('#report').href"))
    assert "BeaconShrine" in page.title()


def test_what_is_shown_is_what_the_agent_saw(
    browser: Chromium, server: ReviewServer, reviewed: list[Reviewed]
) -> None:
    """Byte for byte: the canvas against the engine. A page from disk may not read its canvas."""
    each = reviewed[0]
    episode = first_of(each, "conflict/altar-beacon")
    seed = each.episodes["level_seed"][each.episodes["episode"] == episode][0]
    bank = locked_bank(TASK, ["conflict/altar-beacon"])
    row = bank.seeds.tolist().index(int(seed))
    frames = replayed(TASK, bank, row, each.steps.of(episode), SEEN)
    browser.page.goto("about:blank")
    browser.page.goto(f"{server.address}#episode={key(0, episode)}")
    browser.page.wait_for_selector(".player.ready")
    assert len({frame.tobytes() for frame in frames}) > len(frames) / 2
    for at in (0, 5, COLUMNS + 1, len(frames) - 1):
        pixels = browser.evaluate(
            f"(clock.go({at}), Array.from(document.querySelector('.player .seen').getContext('2d')"
            f".getImageData(0, 0, {SEEN}, {SEEN}).data))"
        )
        shown = np.array(pixels, dtype=np.uint8).reshape(SEEN, SEEN, 4)[..., :3]
        np.testing.assert_array_equal(shown, frames[at])


def test_the_last_of_many_hasty_choices_is_shown(
    browser: Chromium, server: ReviewServer, reviewed: list[Reviewed]
) -> None:
    """Each episode is made when it is asked for, and answers come in any order."""
    browser.page.goto("about:blank")
    browser.page.goto(server.address)
    browser.page.wait_for_selector(".player.ready")
    for _ in range(6):
        browser.page.keyboard.press("j")
    browser.page.keyboard.press("k")
    browser.wait("players[0].episode !== null")
    chosen = browser.evaluate("columns.key(list.chosen)")
    assert browser.evaluate("list.rows.indexOf(list.chosen)") == 5
    assert browser.evaluate("players[0].episode.key") == chosen
    number = int(chosen.split("-")[1])
    assert f"episode {number}" in browser.page.inner_text(".player .name")
    assert moment(browser) == 0


def asked(server: ReviewServer, path: str, **headers: str) -> int:
    address = f"http://127.0.0.1:{server.server_address[1]}{path}"
    try:
        request = urllib.request.Request(address, headers=headers)
        with urllib.request.urlopen(request) as answer:
            assert "Access-Control-Allow-Origin" not in answer.headers
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_only_this_machine_and_only_with_the_token_is_answered(server: ReviewServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    page = f"/{server.token}/index.html"
    assert asked(server, page) == 200
    refused = [
        asked(server, "/"),
        asked(server, "/index.html"),
        asked(server, f"/{server.token[:-1]}x/index.html"),
        asked(server, page, Host="evil.example"),
        asked(server, page, **{"Sec-Fetch-Site": "cross-site"}),
        asked(server, f"/{server.token}/../../evaluation.json"),
        asked(server, f"/{server.token}/%2e%2e/%2e%2e/etc/passwd"),
        asked(server, f"/{server.token}/episodes/"),
        asked(server, f"/{server.token}x/episodes/0-00000.js"),
        asked(server, "/%C3%A9/index.html"),
    ]
    assert refused == [404] * len(refused)


def test_what_the_server_cannot_make_is_told_to_the_page(server: ReviewServer) -> None:
    for name, said in (("9-00000", "there are 3 evaluations"), ("0-99999", "no episode 99999")):
        address = server.address.replace("index.html", f"episodes/{name}.js")
        with urllib.request.urlopen(address) as answer:
            text = answer.read().decode()
        assert text.startswith(f'review.failed("{name}", ')
        assert said in text


def test_a_site_does_not_replace_another_folder(reviewed: list[Reviewed], tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FalseBeaconError, match="is no review"):
        write_site(reviewed, tmp_path, {})
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_session_is_labelled_by_keys_and_kept_over_a_reload(
    browser: Chromium, reviewed: list[Reviewed], tmp_path: Path
) -> None:
    queue = make_queue(reviewed[0], "ann", 12)
    path = write_session(tmp_path / "session", reviewed[0], queue)
    browser.complaints.clear()
    browser.open(path)
    page = browser.page
    names = [*reviewed[0].spec.candidate_names]
    wanted = {}
    for place, item in enumerate(queue.items[:8]):
        browser.wait(f"place === {place} && screen_.episode !== null")
        key_pressed = ["1", "2", "0", "?"][place % 4]
        label = {"1": names[0], "2": names[1], "0": "nothing", "?": "cannot tell"}[key_pressed]
        page.keyboard.press(key_pressed)
        wanted[item.token] = label
    browser.wait("place === 8 && screen_.episode !== null")
    browser.open(path)
    browser.wait("place === 8 && screen_.episode !== null")
    for place, item in enumerate(queue.items[8:], start=8):
        browser.wait(f"place === {place} && screen_.episode !== null")
        page.keyboard.press("3")
        wanted[item.token] = names[2]
    page.wait_for_selector("#done:not([hidden])")
    with page.expect_download() as download:
        page.click("#done .save")
    saved = json.loads(Path(download.value.path()).read_text())
    assert saved["labels"] == wanted
    assert saved["queue"] == queue.digest
    assert set(saved["seconds"]) == set(wanted)
    assert not browser.complaints


def test_sheets_keep_every_byte_where_they_are_asked_to(tmp_path: Path) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (COLUMNS + 3, 8, 8, 3), dtype=np.uint8)
    write_sheet(tmp_path / "sheet.webp", frames, exact=True)
    sheet = cv2.imread(str(tmp_path / "sheet.webp"))
    assert sheet is not None
    assert sheet.shape == (16, 8 * COLUMNS, 3)
    for index, frame in enumerate(frames):
        y, x = index // COLUMNS * 8, index % COLUMNS * 8
        part = cv2.cvtColor(sheet[y : y + 8, x : x + 8], cv2.COLOR_BGR2RGB)
        np.testing.assert_array_equal(part, frame)
