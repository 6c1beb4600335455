"""A blinded session in a real browser."""

from __future__ import annotations

import json
from pathlib import Path

from evaluation.review.blind import write_session
from evaluation.review.catalogue import Reviewed
from evaluation.review.queue import make_queue
from tests.support.chromium import Chromium


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
