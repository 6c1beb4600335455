"""How a study is shown: one live table in a terminal, one line per change elsewhere."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from evaluation.studies.driver import TrackedRun, View
from evaluation.studies.file import Study
from minecraft_tasks.core.files import write_text

_COLOURS = {"running": "cyan", "judged": "green", "trained": "green", "failed": "red"}
_WORDS = ("task", "condition", "state", "verdict")
FRAME_ROWS = 7
"""Lines of the terminal that are not runs: frame, heads, caption."""


def state_text(each: TrackedRun) -> str:
    """The state of a run, with its failures if there were any."""
    if not len(each.errors):
        return each.state
    count = f"failed {len(each.errors)} of {each.run.study.retries + 1}"
    return count if each.state == "failed" else f"{each.state}, {count}"


def verdict_text(each: TrackedRun) -> str:
    """The outcome of a run that was judged, and toward what."""
    verdict = each.verdict
    return f"{verdict.outcome} {' + '.join(verdict.toward)}".strip() if verdict else ""


def _time(seconds: float) -> str:
    """A stretch of time, roughly; empty where it is unknown."""
    if not math.isfinite(seconds):
        return ""
    minutes = seconds / 60
    return f"{minutes / 60:.1f} h" if minutes >= 90 else f"{minutes:.0f} min"


def _rounded(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2f}"


def _seconds_left(each: TrackedRun, rate: float) -> float:
    left = max(0, each.run.config.steps - each.row.steps)
    return left / rate if rate > 0 else math.nan


def caption(runs: Sequence[TrackedRun], jobs: int) -> str:
    """How many runs are in which state, and how long the training of the rest takes.

    Runs that have not started are taken to be as fast as those that have.
    """
    counts = Counter(each.state for each in runs)
    names = ("judged", "trained", "running", "waiting", "failed")
    text = ", ".join(f"{counts[name]} {name}" for name in names if counts[name])
    rates = [each.row.steps_per_second for each in runs if each.row.steps_per_second > 0]
    usual = sum(rates) / len(rates) if rates else math.nan
    going = [each for each in runs if each.state in ("waiting", "running")]
    left = sum(
        _seconds_left(each, rate if (rate := each.row.steps_per_second) > 0 else usual)
        for each in going
    )
    time = _time(left / max(1, min(jobs, len(going)))) if going else ""
    return f"{text} of {len(runs)}" + (f"; {time} of training left" if time else "")


def shown(runs: Sequence[TrackedRun], most: int) -> list[TrackedRun]:
    """At most so many runs, in their order: those at work and in trouble rather than the rest."""
    rank = ("running", "failed", "waiting", "trained", "judged").index
    picked = sorted(range(len(runs)), key=lambda row: (rank(runs[row].state), row))
    return [runs[row] for row in sorted(picked[: max(most, 1)])]


def table(name: str, runs: Sequence[TrackedRun], jobs: int, rows: int) -> Table:
    """The runs of a study, at most so many rows."""
    hidden = f" ({len(runs) - rows} not shown)" if len(runs) > rows else ""
    drawn = Table(title=name, caption=caption(runs, jobs) + hidden, title_justify="left")
    picked = shown(runs, rows)
    lines = [_cells(each) for each in picked]
    # A terminal of 80 columns is narrow: no room goes to what is known of no run.
    kept = [head for head in lines[0] if any(line[head] for line in lines)]
    for head in kept:
        drawn.add_column(head, justify="left" if head in _WORDS else "right")
    for each, line in zip(picked, lines, strict=True):
        drawn.add_row(*(line[head] for head in kept), style=_COLOURS.get(each.state, ""))
    return drawn


def _cells(each: TrackedRun) -> dict[str, str]:
    """A row of the table by its heads; empty where nothing is known."""
    run, row = each.run, each.row
    trains = each.state == "running" and row.steps < run.config.steps
    state = state_text(each)
    return {
        "task": run.task,
        "condition": run.condition,
        "seed": str(run.seed),
        "state": state if trains else state.replace("running", "judging", 1),
        "steps": f"{row.steps:,}",
        "of": f"{run.config.steps:,}",
        "steps/s": f"{row.steps_per_second:,.0f}" if trains and row.steps_per_second > 0 else "",
        "success": _rounded(row.success),
        "held-out": _rounded(row.heldout_success),
        "left": _time(_seconds_left(each, row.steps_per_second)) if trains else "",
        "verdict": verdict_text(each),
    }


@contextmanager
def show_runs(name: str, jobs: int, console: Console) -> Iterator[View]:
    """Shows the runs of a study as they change.

    Args:
        name: Of the study.
        jobs: Runs at once.
        console: A terminal has one table in place; anything else a line whenever a run changes.

    Yields:
        What takes the runs as they stand.
    """
    if not console.is_terminal:
        yield _change_lines(console)
        return
    with Live(console=console, auto_refresh=False) as live:
        yield lambda runs: live.update(
            table(name, runs, jobs, console.height - FRAME_ROWS), refresh=True
        )


def _change_lines(console: Console) -> View:
    told: dict[str, str] = {}

    def update(runs: Sequence[TrackedRun]) -> None:
        for each in runs:
            state = state_text(each)
            if told.get(each.run.title, "waiting") != state:
                told[each.run.title] = state
                print(change_text(each), file=console.file, flush=True)

    return update


def change_text(each: TrackedRun) -> str:
    """How a run stands, in a line."""
    heldout = _rounded(each.row.heldout_success)
    parts = (
        f"{each.run.title}: {state_text(each)}",
        f"{each.row.steps:,} of {each.run.config.steps:,} steps",
        heldout and f"held-out {heldout}",
        verdict_text(each),
        each.errors[-1] if each.errors and each.state in ("waiting", "failed") else "",
    )
    return ", ".join(part for part in parts if part)


def write_csv(path: Path, rows: Sequence[Sequence[object]]) -> None:
    """Replaces a CSV file; its heads come first."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write_text(path, text.getvalue())


def write_summary(path: Path, study: Study, runs: Sequence[TrackedRun]) -> None:
    """Writes study.csv: one row per run, with every option that the study sets."""
    options = study.varied()
    heads = [
        *("task", "condition", "seed", *options, "state", "failures", "trained_steps"),
        *("success", "heldout_success", "outcome", "toward", "directory", "error"),
    ]
    rows = [
        [
            *(each.run.task, each.run.condition, each.run.seed),
            *(getattr(each.run.config, option) for option in options),
            *(each.state, len(each.errors), each.row.steps),
            *(
                "" if math.isnan(value) else value
                for value in (each.row.success, each.row.heldout_success)
            ),
            *(each.verdict.outcome if each.verdict else "",),
            *("+".join(each.verdict.toward) if each.verdict else "",),
            *(each.run.directory, each.errors[-1] if each.state == "failed" else ""),
        ]
        for each in runs
    ]
    write_csv(path, [heads, *rows])
