"""What is asked of a study: one record for the command line and for what drives it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from minecraft_tasks.core.records import Record

Cluster = Literal["local", "slurm", "debug"]


class SlurmOptions(Record):
    """What SLURM is told about each run.

    Attributes:
        partition: Where it runs.
        time: Minutes until SLURM ends it; a run that is not done then is queued again and goes on.
        memory: Memory in GB.
        account: Who pays.
        qos: Quality of service.
        constraint: Features that a node must have.
        setup: Shell commands before it, such as module load.
        options: Any other options of sbatch, by name.
    """

    partition: str | None = None
    time: int = Field(default=240, gt=0)
    memory: float = Field(default=4, gt=0)
    account: str | None = None
    qos: str | None = None
    constraint: str | None = None
    setup: tuple[str, ...] = ()
    options: dict[str, str] = Field(default_factory=dict)


class StudyRequest(Record):
    """What is asked of a study.

    Attributes:
        file: The study, in TOML; docs/studies.md says what it holds.
        cluster: Where runs are executed: processes of this machine, SLURM, or this very process,
            one by one.
        jobs: Runs at once; as many as fit on this machine by default, all of them on SLURM.
        out: Directory of the study; runs/studies/<name> by default.
        again: Forget the failures so far, so that runs which failed for good are tried again.
        plan: Only list the runs and how they stand; nothing is written.
        slurm: What SLURM is told about each run.
    """

    file: Path
    cluster: Cluster = "local"
    jobs: int | None = None
    out: Path | None = None
    again: bool = False
    plan: bool = False
    slurm: SlurmOptions = SlurmOptions()
