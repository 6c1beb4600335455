"""Retention of checkpoints: scheduled ones stay, the others are replaced by the next."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from minecraft_tasks.core.errors import StaleError
from minecraft_tasks.core.files import sweep
from policies.ppo.recurrent_ppo import RecurrentPPO
from policies.runs.checkpoints import checkpoints
from policies.training.checkpoint import remove_checkpoint, save_checkpoint
from policies.training.snapshot import Snapshot, read_snapshot


class CheckpointRetention:
    """Saves checkpoints: scheduled ones, and temporary ones between them.

    Args:
        directory: The run.
        schedule: Steps at which a checkpoint stays.
        seconds: Wall time between saves.
        resumed: The checkpoint that the run is resumed from, if any.

    Attributes:
        saved: The newest checkpoint that is known to be good.
    """

    def __init__(
        self, directory: Path, schedule: Sequence[int], seconds: float, resumed: Path | None
    ) -> None:
        self.directory, self.seconds, self.saved = directory, seconds, resumed
        self._done = int(resumed.stem) if resumed else 0
        self._due = [steps for steps in schedule if steps > self._done]
        self._last = time.monotonic()
        self._passing = set(_unkept(directory, resumed)) if resumed else set()

    def scheduled(self, steps: int) -> bool:
        """Whether the checkpoint after a number of steps stays."""
        return bool(self._due) and steps >= self._due[0]

    def wanted(self, steps: int) -> bool:
        """Whether a checkpoint is due, scheduled or temporary."""
        return self.scheduled(steps) or time.monotonic() - self._last >= self.seconds

    def save(self, model: RecurrentPPO, snapshot: Snapshot) -> Path:
        """Writes a checkpoint, and then deletes those that it replaces; see `save_checkpoint`."""
        steps = snapshot.steps
        if self.saved is not None and steps == self._done:
            return self.saved
        kept = self.scheduled(steps)
        self.saved = save_checkpoint(model, self.directory, replace(snapshot, kept=kept))
        for old in self._passing - {self.saved}:
            remove_checkpoint(old)
        self._passing = set() if kept else {self.saved}
        self._due = [due for due in self._due if due > steps]
        self._done, self._last = steps, time.monotonic()
        return self.saved


def _unkept(directory: Path, resumed: Path) -> Iterator[Path]:
    """Checkpoints that the next one replaces: temporary ones, and newer unreadable ones."""
    for path in checkpoints(directory):
        if int(path.stem) > int(resumed.stem):
            yield path
        else:
            # An older file that cannot be read, or is of another version, may be a scheduled one.
            with suppress(OSError, ValueError, KeyError, zipfile.BadZipFile, StaleError):
                snapshot = read_snapshot(path)
                if snapshot is not None and not snapshot.kept:
                    yield path


def tidy(directory: Path, resumed: Path | None) -> None:
    """Deletes what a killed trainer left behind, once `resumed` is known to be good.

    These are temporary files, weights without their checkpoint, and checkpoints that `resumed`
    was to replace.
    """
    if resumed is not None:
        for path in _unkept(directory, resumed):
            if int(path.stem) < int(resumed.stem):
                remove_checkpoint(path)
    for place in (directory, directory / "checkpoints"):
        sweep(place)
    for path in (directory / "checkpoints").glob("*.safetensors"):
        if not path.with_suffix(".zip").exists():
            path.unlink(missing_ok=True)
