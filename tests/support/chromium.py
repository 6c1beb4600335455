"""A page in a headless Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright

from tests.support.waiting import wait_for

PROGRAM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update")


class Chromium:
    """One page in one browser.

    Attributes:
        page: Playwright's own object.
        complaints: Console errors, exceptions and failed loads so far.
        asked: Addresses that the page has asked for so far.
    """

    def __init__(self, playwright: Playwright) -> None:
        self._browser = playwright.chromium.launch(executable_path=PROGRAM, args=[*FLAGS])
        self.context = self._browser.new_context(accept_downloads=True)
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(f"{error.name}: {error}"))
        self.page.on("requestfailed", lambda request: self.complaints.append(request.url))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", self._said)

    def _said(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def open(self, path: Path, fragment: str = "") -> None:
        """Loads a file and waits until it is there."""
        address = path.resolve().as_uri() + fragment
        # The same file with another fragment would only move within the page.
        self.page.goto("about:blank")
        self.page.goto(address, wait_until="load")

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is waited for."""
        return self.page.evaluate(expression)

    def wait(self, expression: str) -> None:
        """Returns as soon as a JavaScript expression is true; pages forbid Playwright's own way."""
        wait_for(lambda: self.page.evaluate(expression), expression)

    def resize(self, width: int, height: int = 900) -> None:
        """Shows the page as on a screen of that size in CSS pixels."""
        self.page.set_viewport_size({"width": width, "height": height})

    def screenshot(self, path: Path) -> None:
        """A PNG of what the window shows."""
        self.page.screenshot(path=path)

    def close(self) -> None:
        """Ends the browser."""
        self._browser.close()
