"""``falsebeacon lock``: choose and lock the levels that a task is judged on."""

from __future__ import annotations

from typing import Annotated

import tyro

from falsebeacon.audits import counts
from falsebeacon.command import Command


class Lock(Command):
    """Admit levels for every split of a task and lock them in its judging.json.

    To be run when a task is new or its version has been raised, and committed before any
    training run that it judges.

    Attributes:
        task: Name of the task, or package.module:TASK.
        calibration: Instead, the levels on which the judge is calibrated, in calibration.json:
            like those that are locked already, and others.
    """

    task: Annotated[str, tyro.conf.Positional]
    calibration: bool = False

    def run(self) -> None:
        """Lock, and print how many seeds each rule refused."""
        from minecraft_tasks.tasks import task as find_task

        task = find_task(self.task)
        from minecraft_tasks.admission import lock
        from minecraft_tasks.core.progress import Stages
        from minecraft_tasks.levels.seed_file import Purpose, write_seeds

        purpose: Purpose = "calibration" if self.calibration else "judging"
        path = task.file(purpose)
        with Stages() as stages:
            seeds = lock.lock_task(task, stages, purpose)
        write_seeds(seeds, path)
        for name, split in seeds.splits.items():
            offered = f"{len(split.levels)} of {split.offered} offered"
            print(f"{name:<24} {offered}; refused: {counts(split.refused)}")
        print(path)
