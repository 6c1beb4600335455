"""``falsebeacon study``: many tasks, conditions and seeds, to completion."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import tyro

from evaluation.studies.cluster import Cluster, SlurmOptions
from falsebeacon.command import Command, Positive
from policies.runs.record import RUNS


class StudyCommand(Command):
    """Train and judge every task, condition and seed of a study file, or go on with it.

    Attributes:
        file: The study, in TOML; docs/studies.md says what it holds.
        cluster: Where runs are executed: processes of this machine, SLURM, or this very process,
            one by one.
        jobs: Runs at once; as many as fit on this machine by default, all of them on SLURM.
        out: Directory of the study; runs/studies/<name> by default.
        again: Forget the failures so far, so that runs which failed for good are tried anew.
        plan: Only list the runs and how they stand; nothing is written.
        slurm: What SLURM is told about each run.
    """

    file: Annotated[Path, tyro.conf.Positional]
    cluster: Cluster = "local"
    jobs: Positive | None = None
    out: Path | None = None
    again: bool = False
    plan: bool = False
    slurm: SlurmOptions = SlurmOptions()

    def run(self) -> None:
        """Run the study, or list it, and print where its summary is."""
        from evaluation.studies.file import read_study

        study = read_study(self.file)
        root = self.out or RUNS / "studies" / study.name
        from evaluation.studies.session import run_study, show_plan
        from evaluation.studies.table import ChangeLines, LiveTable

        if self.plan:
            show_plan(study, root, self.cluster, self.jobs)
            return
        show = LiveTable if sys.stdout.isatty() else ChangeLines
        run_study(
            study, self.file, root, self.cluster, self.jobs, self.slurm, show, again=self.again
        )
