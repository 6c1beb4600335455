"""Progress of a training run, shown to a person."""

from __future__ import annotations

from typing import TextIO

from minecraft_tasks.core.progress import LINE_SECONDS, Stages
from policies.runs.progress import ProgressRow


class LineReporter:
    """A bar in a terminal; elsewhere lines every few seconds and for held-out measurements."""

    def __init__(self, stream: TextIO | None = None, seconds: float = LINE_SECONDS) -> None:
        self.stream, self.total = stream, 1
        self._stages = Stages(stream, seconds)

    def start(self, title: str, total: int, done: int) -> None:
        """Shows the title, and `done` of `total` steps."""
        self.total = total
        self.note(title)
        self._stages.__enter__()
        self._stages("steps", done, total)

    def update(self, row: ProgressRow) -> None:
        """Shows an interval."""
        measured = row.heldout_success == row.heldout_success
        left = max(0, self.total - row.steps) / max(row.steps_per_second, 1.0)
        known = row.success == row.success
        episodes = f"  success {row.success:.2f}  length {row.mean_length:.0f}" if known else ""
        heldout = f"  held-out {row.heldout_success:.2f}" if measured else ""
        text = f"{row.steps_per_second:,.0f}/s{episodes}{heldout}  {left / 60:.1f} min left"
        self._stages("steps", row.steps, self.total, text, now=measured)

    def note(self, text: str) -> None:
        """Prints a line at once."""
        self._stages.note(text)

    def close(self) -> None:
        """Leaves the bar as it is."""
        self._stages.__exit__()
