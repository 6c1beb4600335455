"""Progress shown to a person: bars and tables in a terminal, lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Self, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

StageProgress = Callable[[str, int, int], None]
"""Called with the name of a stage, the parts of it that are done, and all of its parts."""

LINE_SECONDS = 10.0
"""Wall time between two lines on one stage."""
PIPE_WIDTH = 160
"""Columns of a table that is not shown in a terminal."""


def wide_console(stream: TextIO | None = None) -> Console:
    """The terminal, or a file that tables are written to in full width."""
    console = Console(file=stream)
    return console if console.is_terminal else Console(file=stream, width=PIPE_WIDTH)


class Stages:
    """Shows the stages of a command: a bar for each in a terminal, lines at intervals elsewhere.

    A context manager, and a `StageProgress`.

    Args:
        stream: Standard output by default.
        seconds: Wall time between two lines on one stage.
    """

    def __init__(self, stream: TextIO | None = None, seconds: float = LINE_SECONDS) -> None:
        self._console, self._every = Console(file=stream), seconds
        self._bars: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description:>14}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=self._console,
        )
        self._stage, self._printed = "", 0.0

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._console.is_terminal:
            self._progress.stop()

    def __call__(
        self, stage: str, done: int, total: int, note: str = "", now: bool = False
    ) -> None:
        """Shows that `done` of `total` parts of a stage are done.

        A `note` stands behind them; `now` prints a line at once, in a terminal too.
        """
        line = f"{stage}: {done:,} of {total:,}" + (f"  {note}" if note else "")
        if self._console.is_terminal:
            bar = self._bars.get(stage)
            if bar is None:
                bar = self._bars[stage] = self._progress.add_task(stage, total=total, note="")
            self._progress.update(bar, completed=done, total=total, note=note)
            if now:
                self.note(line)
            return
        moment = time.monotonic()
        due = now or stage != self._stage or moment - self._printed >= self._every
        if due or done >= total:
            self.note(line)
            self._stage, self._printed = stage, moment

    def note(self, text: str) -> None:
        """Prints a line at once, above the bars."""
        if self._console.is_terminal:
            self._console.print(text, highlight=False, markup=False)
        else:
            # Not by the console, which would break long lines.
            print(text, file=self._console.file, flush=True)
