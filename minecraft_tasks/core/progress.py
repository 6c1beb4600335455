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
"""Called with a stage, how much of it is done, and out of how much."""

LINE_SECONDS = 10.0
"""Wall time between two lines on one stage."""
PIPE_WIDTH = 160
"""Columns of a table that no terminal shows."""


def wide_console(stream: TextIO | None = None) -> Console:
    """The terminal, or something that tables are written to in full width."""
    console = Console(file=stream)
    return console if console.is_terminal else Console(file=stream, width=PIPE_WIDTH)


class Stages:
    """Shows the stages of a command: a bar for each in a terminal, lines now and then elsewhere.

    A context manager; called with a stage, how much of it is done, and out of how much.

    Args:
        stream: Where to; standard output by default.
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
            TextColumn("{task.fields[said]}"),
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
        self, stage: str, done: int, total: int, said: str = "", now: bool = False
    ) -> None:
        """Shows that `done` of `total` parts of a stage are done.

        Args:
            stage: Its name.
            done: Parts that are done.
            total: Parts that there are.
            said: What else there is to say.
            now: Whether it is worth a line at once, in a terminal too.
        """
        line = f"{stage}: {done:,} of {total:,}" + (f"  {said}" if said else "")
        if self._console.is_terminal:
            bar = self._bars.get(stage)
            if bar is None:
                bar = self._bars[stage] = self._progress.add_task(stage, total=total, said="")
            self._progress.update(bar, completed=done, total=total, said=said)
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
