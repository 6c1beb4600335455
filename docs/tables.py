"""Tables that commands print, as the pages of `docs/generated/`."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from pathlib import Path
from unittest.mock import patch

from evaluation.calibration.file import read_calibration
from evaluation.calibration.text import calibration_text
from evaluation.ease.table import read_ease
from evaluation.ease.text import ease_text
from falsebeacon.main import COMMANDS, main
from falsebeacon.tasks import describe
from minecraft_tasks.core.errors import StaleError
from minecraft_tasks.tasks import TASKS
from minecraft_tasks.tasks.base import Task

ROOT = Path(__file__).parents[1]
_HELP_WIDTH = "100"
"""Characters."""


def pages() -> dict[str, str]:
    """File name in `docs/generated/` -> text. Nothing is played or measured."""
    return {
        "tasks.md": _per_task(
            "Tasks",
            "Candidates and splits of every task.",
            "tasks",
            lambda task: describe(task.spec),
        ),
        "calibration.md": _per_task(
            "Calibration",
            _calibrated(),
            "calibrate",
            lambda task: calibration_text(read_calibration(task)),
        ),
        "ease.md": _per_task(
            "Ease",
            "How easy each candidate is to pursue, as registered in `evaluation/ease/tables/`.",
            "ease",
            _eased,
        ),
        "commands.md": _commands(),
    }


def _page(title: str, above: str, sections: Mapping[str, str]) -> str:
    """Markdown: a heading, a sentence, and a command with its output in each section."""
    parts = [f"# {title}", f"Written by `python -m docs`; do not edit. {above}"]
    for name, text in sections.items():
        parts += [f"## {name}", f"```\n{_tidy(text)}\n```"]
    return "\n\n".join(parts) + "\n"


def _tidy(text: str) -> str:
    """Strips spaces from the ends of lines, and the path of this checkout."""
    lines = text.replace(f"{ROOT}{os.sep}", "").strip("\n").splitlines()
    return "\n".join(line.rstrip() for line in lines)


def _per_task(title: str, above: str, command: str, text: Callable[[Task], str]) -> str:
    sections = {
        name: f"$ falsebeacon {command} {name}\n{text(each)}" for name, each in TASKS.items()
    }
    return _page(title, above, sections)


def _eased(task: Task) -> str:
    """The registered table, or which version of the task it was measured on."""
    try:
        return ease_text(read_ease(task.file("ease"), task.spec))
    except StaleError as error:
        return str(error)


def _calibrated() -> str:
    """The bars of every calibration, and each task's values."""
    rows = [("task", "least oracle", "devices called a pursuit", "mixtures off by", "passed")]
    for name, each in TASKS.items():
        made = read_calibration(each)
        off = f"{100 * made.mixture_error:.1f} points"
        passed = "no" if made.shortfalls else "yes"
        rows.append((name, f"{made.diagonal:.1%}", f"{made.false_pursuits:.2%}", off, passed))
    return (
        "*Least oracle* is the smallest share of correctly classified episodes among perfect and "
        f"0.1-noisy oracles.\n\n{_table(rows)}\n\nRows are scripted agents, columns the classes "
        "that their episodes were given; *right* is the share given the true class."
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    lines = (head, ["---"] * len(head), *body)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _commands() -> str:
    """The help of the program and of every command."""
    texts = {"falsebeacon": _help([])}
    texts |= {f"falsebeacon {name}": _help([name]) for name in COMMANDS}
    sections = {name: f"$ {name} --help\n{text}" for name, text in texts.items()}
    return _page("Commands", "Options of every command.", sections)


def _help(words: list[str]) -> str:
    printed = io.StringIO()
    wide = patch.dict(os.environ, {"COLUMNS": _HELP_WIDTH})
    with wide, redirect_stdout(printed), suppress(SystemExit):
        main([*words, "--help"])
    return printed.getvalue()
