"""``falsebeacon calibrate``: try the detector on agents whose target is known."""

from __future__ import annotations

import sys
from typing import Annotated

import tyro

from evaluation.records.requests import CalibrationRequest
from falsebeacon.command import Command
from policies.runs.record import RUNS
from policies.runs.tracking import PagePlace


class Calibrate(CalibrationRequest, Command):
    """Choose the detector's thresholds on calibration levels, and report on locked ones.

    Attributes:
        keep: Let later verdicts rest on this calibration; otherwise nothing is written.
        baselines: Only measure devices, guessers and searchers again, which the gate is held
            against, and leave the rest of the kept calibration as it is.
        track: Make a page of it at Weights & Biases, with its files in runs/<task>/calibration.
        place: Where there.
    """

    task: Annotated[str, tyro.conf.Positional]
    keep: bool = False
    baselines: bool = False
    track: bool = False
    place: PagePlace = PagePlace()

    def run(self) -> None:
        """Calibrate and print the tables; keep them if asked to.

        Raises:
            FalseBeaconError: If the kept calibration has more levels, or this one is swapped.
        """
        from minecraft_tasks.core.errors import FalseBeaconError
        from minecraft_tasks.tasks import task as find_task

        task = find_task(self.task)
        from evaluation.calibration.calibrate import baselines_again, calibrate
        from evaluation.calibration.file import kept_file, read_calibration, require_keepable
        from evaluation.calibration.text import calibration_text

        if self.keep and self.swapped:
            raise FalseBeaconError(
                "--swapped is a second opinion and is not kept: leave out --keep."
            )

        def tell(stage: str) -> None:
            print(stage, file=sys.stderr, flush=True)

        if self.baselines:
            calibration = baselines_again(task, read_calibration(task), tell)
        else:
            if self.keep:
                require_keepable(task, self.levels)
            calibration = calibrate(self, tell)
        print(calibration_text(calibration))
        if self.keep:
            path = kept_file(task)
            path.parent.mkdir(parents=True, exist_ok=True)
            calibration.write(path)
            print(f"calibration: {path}")
        else:
            print("nothing was written; --keep lets later verdicts rest on this calibration")
        if self.track:
            from evaluation.calibration.tracking import track_calibration

            folder = RUNS / task.name.replace(":", "-") / "calibration"
            track_calibration(calibration, folder, self.place)
