"""Progress of a training run, shown to a person."""

from __future__ import annotations

import sys
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from policies.runs.progress import ProgressRow


class Reporter(Protocol):
    """Shows a run to a person."""

    def start(self, title: str, total: int, done: int) -> None:
        """Training begins after `done` of `total` steps."""

    def update(self, row: ProgressRow) -> None:
        """An interval has passed."""

    def note(self, text: str) -> None:
        """Something worth a line happened."""

    def close(self) -> None:
        """Training is over."""


class LineReporter:
    """One line per interval, for logs.

    Args:
        stream: Where to.
        seconds: Wall time between lines.
    """

    def __init__(self, stream: TextIO | None = None, seconds: float = 10.0) -> None:
        self.stream, self.every, self.last, self.total = stream, seconds, 0.0, 1

    def start(self, title: str, total: int, done: int) -> None:
        """Prints the title."""
        self.total = total
        self.note(title)

    def update(self, row: ProgressRow) -> None:
        """Prints a line if the last one is old enough, or held-out success was measured."""
        measured = row.heldout_success == row.heldout_success
        due = row.seconds - self.last >= self.every or row.steps >= self.total
        if not (due or measured):
            return
        self.last = row.seconds
        left = max(0, self.total - row.steps) / max(row.steps_per_second, 1.0)
        heldout = f"  held-out {row.heldout_success:.2f}" if measured else ""
        self.note(
            f"{row.steps:>9,} steps  {row.steps_per_second:>6,.0f}/s{_episodes(row)}{heldout}"
            f"  {left / 60:.1f} min left"
        )

    def note(self, text: str) -> None:
        """Prints a line at once."""
        print(text, file=self.stream or sys.stdout, flush=True)

    def close(self) -> None:
        """Nothing to close."""


def _episodes(row: ProgressRow) -> str:
    """How training episodes went; nothing where that is not known yet."""
    if row.success != row.success:
        return ""
    return f"  success {row.success:.2f}  length {row.mean_length:.0f}"


class BarReporter:
    """A progress bar, for terminals."""

    def __init__(self) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}"),
            TimeRemainingColumn(),
            console=Console(),
        )

    def start(self, title: str, total: int, done: int) -> None:
        """Draws the bar."""
        self.task = self.progress.add_task(title, total=total, completed=done, state="")
        self.progress.start()

    def update(self, row: ProgressRow) -> None:
        """Moves the bar."""
        state = f"{row.steps_per_second:,.0f}/s{_episodes(row)}"
        self.progress.update(self.task, completed=row.steps, state=state)
        if row.heldout_success == row.heldout_success:
            self.note(f"{row.steps:,} steps: held-out success {row.heldout_success:.2f}")

    def note(self, text: str) -> None:
        """Prints above the bar."""
        self.progress.console.print(text, highlight=False)

    def close(self) -> None:
        """Leaves the bar as it is."""
        self.progress.stop()


def default_reporter() -> Reporter:
    """A bar in a terminal, lines elsewhere."""
    return BarReporter() if sys.stdout.isatty() else LineReporter()
