"""Where the runs of a study are executed, and what SLURM is told about them."""

from __future__ import annotations

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
    time: int = 240
    memory: float = 4
    account: str | None = None
    qos: str | None = None
    constraint: str | None = None
    setup: tuple[str, ...] = ()
    options: dict[str, str] = Field(default_factory=dict)
