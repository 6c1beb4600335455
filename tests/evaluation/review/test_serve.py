"""The server of a site in a real browser, and what it refuses."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import numpy as np
import pytest

from evaluation.pictures.sheets import COLUMNS, SEEN, replayed
from evaluation.review.catalogue import Reviewed
from evaluation.review.serve import ReviewServer
from evaluation.review.site import write_site
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.tasks import task
from tests.support.chromium import Chromium
from tests.support.reviews import first_of, key, moment

TASK = task("BeaconShrine")


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
