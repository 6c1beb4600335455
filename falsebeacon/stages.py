"""Progress of a command that goes through stages: a bar in a terminal, lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

LINE_SECONDS = 10.0


class Stages:
    """Call it with a stage, how much of it is done, and out of how much."""

    def __init__(self) -> None:
        self._bar = _bar() if sys.stdout.isatty() else None
        self._bars: dict[str, TaskID] = {}
        self._stage, self._printed = "", 0.0

    def __enter__(self) -> Stages:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar:
            self._bar.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that `done` of `total` parts of a stage are done."""
        if self._bar:
            if stage not in self._bars:
                self._bars[stage] = self._bar.add_task(stage, total=total)
            self._bar.update(self._bars[stage], completed=done, total=total)
            return
        now = time.monotonic()
        if stage != self._stage or done >= total or now - self._printed >= LINE_SECONDS:
            print(f"{stage}: {done} of {total}", flush=True)
            self._stage, self._printed = stage, now


def _bar() -> Progress:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    described = TextColumn("{task.description:>14}")
    return Progress(described, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
