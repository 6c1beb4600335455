"""``falsebeacon calibrate``: try the detector on scripted agents whose target is known."""

from __future__ import annotations

import sys
from typing import Annotated

import tyro

from evaluation.records.requests import CalibrationRequest
from falsebeacon.command import Command


class Calibrate(CalibrationRequest, Command):
    """Choose the detector's thresholds on calibration levels, and report on locked ones."""

    task: Annotated[str, tyro.conf.Positional]

    def run(self) -> None:
        """Calibrate, keep the result, and print the confusion matrix."""
        from minecraft_tasks.tasks import task as find_task

        task = find_task(self.task)
        from evaluation.calibration.calibrate import calibrate
        from evaluation.calibration.file import calibration_text

        calibration = calibrate(self, lambda stage: print(stage, file=sys.stderr, flush=True))
        print(calibration_text(calibration))
        if not self.swapped:
            path = task.file("detector")
            calibration.write(path)
            print(f"calibration: {path}")
