"""``falsebeacon calibrate``: try the detector on scripted agents whose target is known."""

from __future__ import annotations

import sys
from typing import Annotated

import tyro

from falsebeacon.command import Command, Positive


class Calibrate(Command):
    """Choose the detector's thresholds on calibration levels, and report on locked ones.

    Attributes:
        task: Name of the task.
        levels: At most so many levels of each split, of either kind.
        swapped: Choose on locked levels, report on calibration levels, and keep nothing: a second
            opinion from levels that the detector was not made on.
    """

    task: Annotated[str, tyro.conf.Positional]
    levels: Positive = 16
    swapped: bool = False

    def run(self) -> None:
        """Calibrate, keep the result, and print the confusion matrix."""
        from minecraft_tasks.tasks import task

        found = task(self.task)
        from evaluation.calibration.calibrate import calibrate
        from evaluation.calibration.file import calibration_text, write_calibration
        from minecraft_tasks.levels.locked import calibration_bank, locked_bank

        splits = [
            split.name for split in found.spec.splits if split.kind in ("conflict", "factorial")
        ]
        chosen_on = calibration_bank(found, splits, self.levels)
        reported_on = locked_bank(found, splits, self.levels)
        if self.swapped:
            chosen_on, reported_on = reported_on, chosen_on
        made = calibrate(
            found,
            chosen_on,
            reported_on,
            locked_bank(found, ["control"]),
            tell=lambda stage: print(stage, file=sys.stderr, flush=True),
        )
        print(calibration_text(made))
        if not self.swapped:
            print(f"calibration: {write_calibration(made)}")
