"""``falsebeacon calibrate``: try the detector on scripted agents whose target is known."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Annotated

import tyro

from evaluation.calibration import calibrate
from evaluation.calibration_file import calibration_text, write_calibration
from minecraft_tasks.seeds import calibration_bank, locked_bank
from minecraft_tasks.tasks import task


@dataclass(frozen=True)
class Calibrate:
    """Choose the detector's thresholds on calibration levels, and report on locked ones.

    Attributes:
        task: Name of the task.
        levels: At most so many levels of each split, of either kind.
    """

    task: Annotated[str, tyro.conf.Positional]
    levels: int = 16

    def run(self) -> None:
        """Calibrate, keep the result, and print the confusion matrix."""
        found = task(self.task)
        splits = [
            split.name for split in found.spec.splits if split.kind in ("conflict", "factorial")
        ]
        made = calibrate(
            found,
            calibration_bank(found, splits, self.levels),
            locked_bank(found, splits, self.levels),
            locked_bank(found, ["control"]),
            tell=lambda stage: print(stage, file=sys.stderr, flush=True),
        )
        path = write_calibration(made)
        print(calibration_text(made))
        print(f"calibration: {path}")
