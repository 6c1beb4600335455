"""How far an evaluation is, and where its time goes."""

from __future__ import annotations

import time

from minecraft_tasks.core.progress import StageProgress


class Stopwatch:
    """Passes on how far an evaluation is, and keeps how long each stage took.

    Args:
        progress: Told, where there is somebody to tell.
    """

    def __init__(self, progress: StageProgress | None) -> None:
        self._progress = progress
        self._spent: dict[str, float] = {}
        self._stage, self._since = "", time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """A stage goes on; the time until the next one begins is its."""
        if stage != self._stage:
            self._turn(stage)
        if self._progress is not None:
            self._progress(stage, done, total)

    def seconds(self) -> dict[str, float]:
        """Stage -> wall time in seconds, in the order in which they began."""
        self._turn("")
        return {stage: round(spent, 1) for stage, spent in self._spent.items() if stage}

    def _turn(self, stage: str) -> None:
        moment = time.monotonic()
        self._spent[self._stage] = self._spent.get(self._stage, 0.0) + moment - self._since
        self._stage, self._since = stage, moment
