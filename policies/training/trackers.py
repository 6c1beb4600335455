"""Copies of a run's progress for Weights & Biases and TensorBoard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from minecraft_tasks.core.errors import FalseBeaconError
from policies.runs.progress import ProgressRow
from policies.runs.record import RunRecord, identity_of
from policies.runs.tracking import open_page


def _measured(row: ProgressRow) -> dict[str, float]:
    values = {name: value for name, value in row._asdict().items() if value == value}
    return {f"train/{name}": value for name, value in values.items()}


class WandbTracker:
    """The page of a run at Weights & Biases, with files below the run directory."""

    def __init__(self, directory: Path, record: RunRecord) -> None:
        self._page = open_page(directory, identity_of(directory, record), record.config.tracking)

    def copy(self, rows: Sequence[ProgressRow]) -> None:
        """Adds the rows that the page lacks."""
        for row in rows:
            if row.steps > self._page.last:
                self._page.log(row.steps, _measured(row))
                self._page.last = row.steps

    def close(self) -> None:
        """Finishes the session."""
        self._page.close()


class TensorBoardTracker:
    """Event files below the run directory, written by Stable-Baselines3's own writer."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory / "tensorboard"
        try:
            from stable_baselines3.common.logger import TensorBoardOutputFormat

            self._logged = _events(self._directory)
            self._writer = TensorBoardOutputFormat(str(self._directory))
        except (ImportError, AssertionError) as error:
            raise FalseBeaconError(
                "--tensorboard needs tensorboard: pip install tensorboard."
            ) from error

    def copy(self, rows: Sequence[ProgressRow]) -> None:
        """Adds the rows that the files lack, with the run's steps as the step."""
        for row in rows:
            if row.steps not in self._logged:
                values = _measured(row)
                try:
                    self._writer.write(values, dict.fromkeys(values, ()), row.steps)
                except OSError as error:
                    raise FalseBeaconError(
                        f"cannot write {self._directory}: {error.strerror or error}. Make room."
                    ) from error
                self._logged.add(row.steps)

    def close(self) -> None:
        """Flushes the files."""
        self._writer.close()


def _events(directory: Path) -> set[int]:
    """Steps of the rows in event files, up to where their writer was killed."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    if not directory.is_dir():
        return set()
    found = EventAccumulator(str(directory), size_guidance={"scalars": 0}).Reload()
    return {event.step for tag in found.Tags()["scalars"] for event in found.Scalars(tag)}


Tracker = WandbTracker | TensorBoardTracker
"""A destination of progress rows."""


@contextmanager
def closed(copies: Sequence[Tracker]) -> Iterator[None]:
    """Closes trackers at the end; an error in the block is not hidden by an error of closing."""
    try:
        yield
    except BaseException:
        for copy in copies:
            with suppress(Exception):
                copy.close()
        raise
    for copy in copies:
        copy.close()


def trackers(directory: Path, record: RunRecord) -> list[Tracker]:
    """Makes the trackers of a run's configuration, all or none."""
    chosen: list[Tracker] = []
    try:
        if record.config.track:
            chosen.append(WandbTracker(directory, record))
        if record.config.tensorboard:
            chosen.append(TensorBoardTracker(directory))
    except BaseException:
        for each in chosen:
            each.close()
        raise
    return chosen
