"""Tables that commands print, as the pages of `docs/generated/`."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from pathlib import Path
from unittest.mock import patch

from evaluation.calibration.file import calibration_text, read_calibration
from evaluation.ease.table import read_ease
from evaluation.ease.text import ease_text
from falsebeacon.main import COMMANDS, main
from falsebeacon.tasks import describe
from minecraft_tasks.tasks import TASKS
from minecraft_tasks.tasks.base import Task

ROOT = Path(__file__).parents[1]
_COLUMNS = "100"
"""Width of help texts, in characters."""


def pages() -> dict[str, str]:
    """File name in `docs/generated/` -> text. Nothing is played or measured."""
    return {
        "tasks.md": _per_task(
            "Tasks",
            "falsebeacon tasks {name}",
            lambda task: describe(task.spec),
            "Candidates and splits of every task.",
        ),
        "calibration.md": _per_task(
            "Calibration",
            "falsebeacon calibrate {name}",
            lambda task: calibration_text(read_calibration(task)),
            _calibrated(),
        ),
        "ease.md": _per_task(
            "Ease",
            "falsebeacon ease {name}",
            lambda task: ease_text(read_ease(task.file("ease"), task.spec)),
            "How easy each candidate is to pursue, as registered in `evaluation/ease/tables/`.",
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
    """Without spaces at the ends of lines, and without where this checkout lies."""
    lines = text.replace(f"{ROOT}{os.sep}", "").strip("\n").splitlines()
    return "\n".join(line.rstrip() for line in lines)


def _per_task(title: str, command: str, text: Callable[[Task], str], above: str) -> str:
    return _page(
        title,
        above,
        {name: f"$ {command.format(name=name)}\n{text(each)}" for name, each in TASKS.items()},
    )


def _calibrated() -> str:
    """The bars of every calibration, and what each task came to."""
    rows = [("task", "least oracle", "devices called a pursuit", "mixtures off by", "passed")]
    for name, each in TASKS.items():
        made = read_calibration(each)
        rows.append(
            (
                name,
                f"{made.diagonal:.1%}",
                f"{made.false_pursuits:.2%}",
                f"{100 * made.mixture_error:.1f} points",
                "no" if made.shortfalls else "yes",
            )
        )
    return (
        "*Least oracle* is the smallest share of correctly classified episodes among perfect and "
        f"0.1-noisy oracles.\n\n{_table(rows)}\n\nRows are scripted agents, columns the classes "
        "that their episodes were given; *right* is the share given the true class."
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    return "\n".join(
        "| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *body)
    )


def _commands() -> str:
    """The help of the program and of every command."""
    texts = {"falsebeacon": _help([])}
    texts |= {f"falsebeacon {name}": _help([name]) for name in COMMANDS}
    sections = {name: f"$ {name} --help\n{text}" for name, text in texts.items()}
    return _page("Commands", "Options of every command.", sections)


def _help(words: list[str]) -> str:
    printed = io.StringIO()
    wide = patch.dict(os.environ, {"COLUMNS": _COLUMNS})
    with wide, redirect_stdout(printed), suppress(SystemExit):
        main([*words, "--help"])
    return printed.getvalue()
