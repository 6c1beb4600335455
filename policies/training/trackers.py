"""Copies of a run's progress for Weights & Biases and TensorBoard."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from minecraft_tasks.core.errors import FalseBeaconError
from policies.runs.progress import ProgressRow
from policies.runs.record import RunRecord


def _measured(row: ProgressRow) -> dict[str, float]:
    values = {name: value for name, value in row._asdict().items() if value == value}
    return {f"train/{name}": value for name, value in values.items() if name != "steps"}


class WandbTracker:
    """A Weights & Biases run, with files below the run directory and the record as configuration.

    With WANDB_MODE=offline it needs no account.
    """

    def __init__(self, directory: Path, record: RunRecord) -> None:
        try:
            import wandb

            self._run: Any = wandb.init(
                project="false-beacon",
                name=f"{record.task}-{directory.name}",
                dir=str(directory),
                config=record.model_dump(mode="json"),
                resume="allow",
                # The same for every session, so that a resumed run continues its own page.
                id=f"{record.task}-{directory.name}-{re.sub(r'[^0-9]', '', record.created)}",
            )
        except ImportError as error:
            raise FalseBeaconError("--track needs wandb: pip install wandb.") from error
        except Exception as error:
            raise FalseBeaconError(
                f"Weights & Biases did not start ({error}): log in, or set WANDB_MODE=offline."
            ) from error

    def log(self, row: ProgressRow) -> None:
        """Copies a row, with the run's steps as the step."""
        self._run.log(_measured(row), step=row.steps)

    def close(self) -> None:
        """Finishes the run."""
        self._run.finish()


class TensorBoardTracker:
    """Event files below the run directory, written by Stable-Baselines3's own writer."""

    def __init__(self, directory: Path) -> None:
        try:
            from stable_baselines3.common.logger import TensorBoardOutputFormat

            self._writer = TensorBoardOutputFormat(str(directory / "tensorboard"))
            self._directory = directory / "tensorboard"
        except (ImportError, AssertionError) as error:
            raise FalseBeaconError(
                "--tensorboard needs tensorboard: pip install tensorboard."
            ) from error

    def log(self, row: ProgressRow) -> None:
        """Copies a row, with the run's steps as the step."""
        values = _measured(row)
        try:
            self._writer.write(values, dict.fromkeys(values, ()), row.steps)
        except OSError as error:
            raise FalseBeaconError(
                f"cannot write {self._directory}: {error.strerror or error}. Make room."
            ) from error

    def close(self) -> None:
        """Flushes the files."""
        self._writer.close()


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
    """Makes the trackers of a run's configuration."""
    chosen: list[Tracker] = []
    if record.config.track:
        chosen.append(WandbTracker(directory, record))
    if record.config.tensorboard:
        chosen.append(TensorBoardTracker(directory))
    return chosen
