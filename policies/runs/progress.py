"""Progress of a training run: the rows of progress.csv."""

from __future__ import annotations

import csv
import io
import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError
from minecraft_tasks.core.files import write_text


class ProgressRow(NamedTuple):
    """One interval of training; NaN for a value that was not measured.

    Attributes:
        steps: Decisions so far.
        seconds: Wall time spent so far, over all sessions of the run.
        success: Share of the last training episodes that reached the rewarded candidate.
        mean_return: Of those episodes.
        mean_length: Of those episodes, in decisions.
        policy_loss, value_loss, entropy, kl: Of the update.
        steps_per_second: In this interval.
        heldout_success: Share of held-out levels solved, where it was measured.
        conflict_share: Share of this interval's episodes on levels of conflict splits.
        lost: Episodes of this interval that the engine lost; no other value counts them.
        cpu_seconds: Processor time spent so far, over all threads and sessions of the run, without
            that of other processes, such as Minecraft's.
    """

    steps: int
    seconds: float
    success: float
    mean_return: float
    mean_length: float
    policy_loss: float
    value_loss: float
    entropy: float
    kl: float
    steps_per_second: float
    heldout_success: float = float("nan")
    conflict_share: float = float("nan")
    lost: float = 0.0
    cpu_seconds: float = float("nan")

    def untold(self) -> ProgressRow:
        """The same row without episode statistics, for the time when only short episodes ended."""
        nothing = float("nan")
        return self._replace(success=nothing, mean_return=nothing, mean_length=nothing)


def read_rows(path: Path) -> list[ProgressRow]:
    """Rows of a progress.csv, without an incomplete last line.

    Raises:
        CorruptFileError: If the file cannot be read, or has other columns.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return [
            ProgressRow(
                int(line["steps"]),
                *(float(line[name] or "nan") for name in ProgressRow._fields[1:-3]),
                # Files of earlier versions lack these columns.
                conflict_share=float(line.get("conflict_share") or "nan"),
                lost=float(line.get("lost") or 0.0),
                cpu_seconds=float(line.get("cpu_seconds") or "nan"),
            )
            for line in csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1]))
        ]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise CorruptFileError(f"{path} is not a progress record ({error}).") from error


class ProgressFile:
    """progress.csv, written row by row; rows after `keep_until` steps are dropped first.

    Attributes:
        rows: All that it holds.
    """

    def __init__(self, path: Path, keep_until: int = 0) -> None:
        self.path = path
        rows = [row for row in read_rows(path) if row.steps <= keep_until] if path.exists() else []
        self.rows = rows
        self.seconds = rows[-1].seconds if rows else 0.0
        self.cpu_seconds = rows[-1].cpu_seconds if rows else 0.0
        write_text(path, ",".join(ProgressRow._fields) + "\n" + "".join(map(self._line, rows)))

    @staticmethod
    def _line(row: ProgressRow) -> str:
        cells = ("" if value != value else f"{value:.6g}" for value in row[1:])
        return ",".join([str(row.steps), *cells]) + "\n"

    def append(self, row: ProgressRow) -> None:
        """Adds a row.

        Raises:
            FalseBeaconError: If the disk is full; the rows before are intact.
        """
        size = self.path.stat().st_size
        try:
            with self.path.open("a", encoding="utf-8") as handle:
                handle.write(self._line(row))
        except OSError as error:
            with suppress(OSError):
                os.truncate(self.path, size)
            raise FalseBeaconError(
                f"cannot write {self.path}: {error.strerror or error}. Make room."
            ) from error
        self.rows.append(row)
