"""Blinded sessions, played through in Chromium by scripted raters, and their agreement.

    .venv/bin/python -m benchmarks.blinded RUN --items 60

A scripted rater gives the label that is right of a scripted agent, and the detector's of the judged
one, but for a known share of labels, which are drawn evenly from all. So these are no human labels:
they show that the way from the page to the table keeps what was put in.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
import tyro
from playwright.sync_api import Page, sync_playwright

from evaluation.review.agreement import agreement, agreement_text
from evaluation.review.blind import write_session
from evaluation.review.catalogue import Reviewed, read_reviewed
from evaluation.review.labels import read_labels
from evaluation.review.queue import make_queue
from falsebeacon.report import evaluation_of

RATERS = {"ann": 0.0, "bob": 0.1, "cho": 0.3}
"""Scripted rater -> share of labels drawn evenly."""


def main(run: tyro.conf.Positional[Path], items: int = 60) -> None:
    """Prints the table of agreement.

    Args:
        run: A run, or an evaluation.
        items: Of each session.
    """
    (reviewed,) = read_reviewed([evaluation_of(run)])
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        files = []
        for number, (rater, noise) in enumerate(RATERS.items()):
            page = browser.new_page()
            path = Path(folder) / f"{rater}.json"
            _play(page, reviewed, rater, items, noise, number, path)
            files.append(path)
            page.close()
        browser.close()
        sessions = [read_labels(path, reviewed) for path in files]
    print(agreement_text(agreement(reviewed.spec.name, reviewed.info.agent, sessions)))


def _play(
    page: Page, reviewed: Reviewed, rater: str, items: int, noise: float, seed: int, out: Path
) -> None:
    """Labels every item of a session by its keys, and saves the labels."""
    queue = make_queue(reviewed, rater, items)
    folder = out.with_suffix("")
    page.goto(write_session(folder, reviewed, queue).as_uri())
    labels = page.evaluate("answers")
    keys = page.evaluate("presses")
    rng = np.random.default_rng(seed)
    for place, item in enumerate(queue.items):
        while not page.evaluate(f"place === {place} && screen_.episode !== null"):
            page.evaluate("new Promise(requestAnimationFrame)")
        label = str(rng.choice(labels)) if rng.random() < noise else item.truth
        page.keyboard.press(keys[labels.index(label)])
    with page.expect_download() as download:
        page.click("#done .save")
    download.value.save_as(out)


if __name__ == "__main__":
    tyro.cli(main)
