"""The site of a review: a folder that opens from disk, without a network."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from evaluation.review.catalogue import KEY, Reviewed, document
from evaluation.review.episode import write_episode
from evaluation.style.page import render_page
from evaluation.style.palette import GREY, candidate_colours
from minecraft_tasks.core.files import published, require_own, write_text
from minecraft_tasks.core.progress import StageProgress

MARKER = "review.js"
"""File that every site has."""
STATIC = Path(__file__).parent / "static"
SCRIPTS = ("dom.js", "clock.js", "screen.js", "columns.js", "list.js", "player.js", "app.js")
PAGE, REPORT = "index.html", "report.html"


def write_site(
    reviewed: Sequence[Reviewed],
    out: Path,
    held: Mapping[int, Sequence[int]],
    tell: StageProgress | None = None,
) -> Path:
    """Writes a site, and returns its page.

    Args:
        reviewed: Evaluations, by number.
        out: The folder.
        held: Number of an evaluation -> its episodes that the site holds.
        tell: Receives the number of episodes made.

    Raises:
        FalseBeaconError: If `out` is another kind of folder; else as in `write_episode`.
    """
    require_own(out, MARKER, "review")
    wanted = [(each, episode) for each in reviewed for episode in held.get(each.number, ())]
    with published(out, ("episodes",)) as made:
        for done, (each, episode) in enumerate(wanted):
            if tell:
                tell("episodes", done, len(wanted))
            write_episode(made, each, episode)
        if tell:
            tell("episodes", len(wanted), len(wanted))
        write_text(made / MARKER, _data(reviewed, wanted, out))
        for name in (*SCRIPTS, "review.css"):
            write_text(made / name, (STATIC / name).read_text(encoding="utf-8"))
        write_text(made / PAGE, render_page("review.html.j2", scripts=(MARKER, *SCRIPTS)))
    return out / PAGE


def _data(reviewed: Sequence[Reviewed], held: Sequence[tuple[Reviewed, int]], out: Path) -> str:
    content: dict[str, Any] = document(reviewed) | {
        "held": [KEY.format(run=each.number, episode=episode) for each, episode in held],
        "colours": _colours(reviewed),
        "reports": [_report(each, out) for each in reviewed],
        "commands": [_command(each, reviewed, out) for each in reviewed],
    }
    return f"const DATA = {json.dumps(content)};\n"


def _colours(reviewed: Sequence[Reviewed]) -> dict[str, str]:
    found = {"aimless": GREY, "mixed": "#555555"}
    for each in reviewed:
        found |= candidate_colours(each.spec.candidate_names)
    return found


def _command(each: Reviewed, reviewed: Sequence[Reviewed], out: Path) -> str:
    """The command that adds episodes of an evaluation, which is named first, to the site."""
    others = [str(other.directory) for other in reviewed if other is not each]
    return shlex.join(["falsebeacon", "review", str(each.directory), *others, "--out", str(out)])


def _report(each: Reviewed, out: Path) -> str:
    """The address of an evaluation's report, seen from the site; empty if there is none."""
    path = each.directory / REPORT
    if not path.is_file():
        return ""
    return quote(Path(os.path.relpath(path.resolve(), out.resolve())).as_posix())
