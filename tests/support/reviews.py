"""Sites of recorded episodes as tests open them."""

from __future__ import annotations

from pathlib import Path

from evaluation.review.catalogue import Reviewed, rows_of
from tests.support.chromium import Chromium


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
