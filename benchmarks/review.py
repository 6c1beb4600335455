"""How soon a review of many runs can be used, in Chromium.

    .venv/bin/python -m benchmarks.review EVALUATION

The site lists the same evaluation under several names, and holds none of its pictures. Clocks start
when the page is asked for; `list` is when the first rows are drawn, `filtered` the time from a
change of the filter to the next frame, `scrolled` the longest frame of a scroll through the list.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import tyro
from playwright.sync_api import sync_playwright

from evaluation.review.catalogue import read_reviewed
from evaluation.review.site import write_site

READY = """async () => {
    while (!document.querySelectorAll(".row").length) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now();
}"""
FILTER = """async () => {
    const select = document.querySelector('[data-filter="mode"]'), begun = performance.now();
    select.value = "=greedy";
    select.dispatchEvent(new Event("change", {bubbles: true}));
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now() - begun;
}"""
SCROLL = """async () => {
    let longest = 0, before = performance.now();
    for (let step = 0; step < 60; step++) {
        list.body.scrollTop += 400;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        longest = Math.max(longest, now - before);
        before = now;
    }
    return longest;
}"""


def main(evaluation: tyro.conf.Positional[Path], runs: int = 20) -> dict[str, float]:
    """Prints the number of episodes and milliseconds.

    Args:
        evaluation: An evaluation directory.
        runs: How often the site lists it.
    """
    (first,) = read_reviewed([evaluation])
    reviewed = [replace(first, number=number, label=f"run {number}") for number in range(runs)]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_path = write_site(reviewed, Path(folder) / "review", {})
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(page_path.as_uri())
        found = {
            "list": page.evaluate(READY),
            "filtered": page.evaluate(FILTER),
            "scrolled": page.evaluate(SCROLL),
        }
        size = sum(file.stat().st_size for file in page_path.parent.iterdir() if file.is_file())
        browser.close()
    episodes = runs * len(first.episodes["episode"])
    print(f"{runs} runs, {episodes:,} episodes, {size / 1e6:.1f} MB")
    for name, milliseconds in found.items():
        print(f"{name:<10}{milliseconds:>7.0f} ms")
    return found


if __name__ == "__main__":
    tyro.cli(main)
