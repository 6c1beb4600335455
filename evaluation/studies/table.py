"""How a study is shown: one live table in a terminal, one line per change elsewhere."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from evaluation.studies.driver import TrackedRun
from evaluation.studies.file import Study
from minecraft_tasks.core.files import write_text

_COLOURS = {"running": "cyan", "judged": "green", "trained": "green", "failed": "red"}
HEADS = (
    *("task", "condition", "seed", "state", "steps", "of", "steps/s", "success", "held-out"),
    *("left", "verdict"),
)
WORDS = ("task", "condition", "state", "verdict")
FRAME_ROWS = 7
"""Lines of the terminal that are not runs: frame, heads, caption."""


def state_text(each: TrackedRun) -> str:
    """The state of a run, with its failures if there were any."""
    if not each.failures:
        return each.state
    count = f"failed {each.failures} of {each.retries + 1}"
    return count if each.state == "failed" else f"{each.state}, {count}"


def verdict_text(each: TrackedRun) -> str:
    """The outcome of a run that was judged, and toward what."""
    if each.verdict is None:
        return ""
    toward = " + ".join(each.verdict.toward)
    return f"{each.verdict.outcome} {toward}".strip()


def left_text(seconds: float) -> str:
    """A stretch of time, roughly."""
    if not math.isfinite(seconds):
        return ""
    minutes = seconds / 60
    return f"{minutes / 60:.1f} h" if minutes >= 90 else f"{minutes:.0f} min"


def study_left(runs: Sequence[TrackedRun], jobs: int) -> float:
    """Seconds of training left over all runs, NaN before any speed is known.

    Runs that have not started are taken to be as fast as those that have.
    """
    going = [each for each in runs if each.state in ("waiting", "running")]
    rates = [each.seen.rate for each in runs if each.seen.rate > 0]
    if not rates:
        return math.nan
    usual = sum(rates) / len(rates)
    seconds = sum(
        max(0, each.run.config.steps - each.seen.steps)
        / (each.seen.rate if each.state == "running" and each.seen.rate > 0 else usual)
        for each in going
    )
    return seconds / max(1, min(jobs, len(going)))


def caption(runs: Sequence[TrackedRun], jobs: int) -> str:
    """How many runs are in which state, and how long the training of the rest takes."""
    counts = Counter(each.state for each in runs)
    names = ("judged", "trained", "running", "waiting", "failed")
    text = ", ".join(f"{counts[name]} {name}" for name in names if counts[name])
    left = left_text(study_left(runs, jobs)) if counts["running"] or counts["waiting"] else ""
    return f"{text} of {len(runs)}" + (f"; {left} of training left" if left else "")


def shown(runs: Sequence[TrackedRun], most: int) -> list[TrackedRun]:
    """At most so many runs, in their order: those at work and in trouble rather than the rest."""
    rank = {"running": 0, "failed": 1, "waiting": 2, "trained": 3, "judged": 4}
    picked = sorted(range(len(runs)), key=lambda row: (rank[runs[row].state], row))[: max(most, 1)]
    return [runs[row] for row in sorted(picked)]


def table(name: str, runs: Sequence[TrackedRun], jobs: int, rows: int) -> Table:
    """The runs of a study, at most so many rows."""
    drawn = Table(title=name, caption=caption(runs, jobs), title_justify="left")
    picked = shown(runs, rows)
    lines = [_cells(each) for each in picked]
    # A terminal of 80 columns is narrow: no room goes to what is known of no run.
    kept = [column for column in range(len(HEADS)) if any(line[column] for line in lines)]
    for column in kept:
        head = HEADS[column]
        drawn.add_column(head, justify="left" if head in WORDS else "right")
    for each, line in zip(picked, lines, strict=True):
        drawn.add_row(*(line[column] for column in kept), style=_COLOURS.get(each.state, ""))
    if len(runs) > rows:
        drawn.caption = f"{drawn.caption} ({len(runs) - rows} not shown)"
    return drawn


def _cells(each: TrackedRun) -> tuple[str, ...]:
    """A row of the table, by `HEADS`; empty where nothing is known."""
    run, seen = each.run, each.seen
    at_work = each.state == "running"
    training = at_work and seen.steps < run.config.steps
    state = state_text(each)
    return (
        run.task,
        run.condition,
        str(run.seed),
        state if training or not at_work else state.replace("running", "judging", 1),
        f"{seen.steps:,}",
        f"{run.config.steps:,}",
        f"{seen.rate:,.0f}" if training and seen.rate > 0 else "",
        "" if math.isnan(seen.success) else f"{seen.success:.2f}",
        "" if math.isnan(seen.heldout) else f"{seen.heldout:.2f}",
        left_text(each.seconds_left) if training else "",
        verdict_text(each),
    )


class LiveTable:
    """The table, drawn anew in place.

    Args:
        name: Of the study.
        jobs: Runs at once.
        console: The terminal.
    """

    def __init__(self, name: str, jobs: int, console: Console | None = None) -> None:
        self.name, self.jobs = name, jobs
        self.live = Live(console=console or Console(), auto_refresh=False)

    def __enter__(self) -> LiveTable:
        self.live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.live.stop()

    def update(self, runs: Sequence[TrackedRun]) -> None:
        """Draws the runs as they stand."""
        rows = self.live.console.height - FRAME_ROWS
        self.live.update(table(self.name, runs, self.jobs, rows), refresh=True)


class ChangeLines:
    """One line whenever a run changes its state, for logs.

    Args:
        name: Of the study.
        jobs: Runs at once.
        console: Where to.
    """

    def __init__(self, name: str, jobs: int, console: Console | None = None) -> None:
        self.console = console or Console()
        self.told: dict[str, str] = {}

    def __enter__(self) -> ChangeLines:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing to close."""

    def update(self, runs: Sequence[TrackedRun]) -> None:
        """Prints what has changed."""
        for each in runs:
            state = state_text(each)
            if self.told.get(each.run.title, "waiting") == state:
                continue
            self.told[each.run.title] = state
            print(change_text(each), file=self.console.file, flush=True)


def change_text(each: TrackedRun) -> str:
    """How a run stands, in a line."""
    parts = [
        f"{each.run.title}: {state_text(each)}",
        f"{each.seen.steps:,} of {each.run.config.steps:,} steps",
    ]
    if not math.isnan(each.seen.heldout):
        parts.append(f"held-out {each.seen.heldout:.2f}")
    if each.verdict is not None:
        parts.append(verdict_text(each))
    if each.failures and each.state in ("waiting", "failed"):
        parts.append(each.attempts.failures[-1].error.splitlines()[-1])
    return ", ".join(parts)


def write_summary(path: Path, study: Study, runs: Sequence[TrackedRun]) -> None:
    """Writes study.csv: one row per run, with every option that the study sets."""
    options = study.varied()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            *("task", "condition", "seed", *options, "state", "failures", "trained_steps"),
            *("success", "heldout_success", "outcome", "toward", "directory", "error"),
        ]
    )
    for each in runs:
        run, seen = each.run, each.seen
        last = each.attempts.failures[-1].error.splitlines()[-1] if each.failures else ""
        writer.writerow(
            [
                *(run.task, run.condition, run.seed),
                *(getattr(run.config, option) for option in options),
                *(each.state, each.failures, seen.steps),
                *("" if math.isnan(value) else value for value in (seen.success, seen.heldout)),
                each.verdict.outcome if each.verdict else "",
                "+".join(each.verdict.toward) if each.verdict else "",
                *(run.directory, last if each.state == "failed" else ""),
            ]
        )
    write_text(path, text.getvalue())
