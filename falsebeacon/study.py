"""``falsebeacon study``: many tasks, conditions and seeds, to completion."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from evaluation.studies.request import StudyRequest
from falsebeacon.command import Command


class Study(StudyRequest, Command):
    """Train and judge every task, condition and seed of a study file, or go on with it."""

    file: Annotated[Path, tyro.conf.Positional]

    def run(self) -> None:
        """Run the study, or list it, and print where its summary is."""
        from evaluation.studies.file import read_study

        # Refuses a faulty file before anything heavy is loaded.
        read_study(self.file)
        from evaluation.studies.session import run_study

        run_study(self)
