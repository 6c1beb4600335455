"""Progress of a training run, shown to a person."""

from __future__ import annotations

from typing import TextIO

from minecraft_tasks.core.progress import LINE_SECONDS, Stages
from policies.runs.progress import ProgressRow


class LineReporter(Stages):
    """A bar in a terminal; elsewhere lines every few seconds and for held-out measurements."""

    def __init__(self, stream: TextIO | None = None, seconds: float = LINE_SECONDS) -> None:
        super().__init__(stream, seconds)
        self.stream, self.total = stream, 1

    def start(self, title: str, total: int, done: int) -> None:
        """Shows the title, and in a terminal a bar at `done` of `total` steps."""
        self.total = total
        self.note(title)
        self.__enter__()
        if self._console.is_terminal:
            self("steps", done, total)

    def update(self, row: ProgressRow) -> None:
        """Shows an interval."""
        measured = row.heldout_success == row.heldout_success
        left = max(0, self.total - row.steps) / max(row.steps_per_second, 1.0)
        known = row.success == row.success
        episodes = f"  success {row.success:.2f}  length {row.mean_length:.0f}" if known else ""
        heldout = f"  held-out {row.heldout_success:.2f}" if measured else ""
        text = f"{row.steps_per_second:,.0f}/s{episodes}{heldout}  {left / 60:.1f} min left"
        self("steps", row.steps, self.total, text, now=measured)

    def close(self) -> None:
        """Leaves the bar as it is."""
        self.__exit__()
