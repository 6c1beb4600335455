"""The runs that a study lays out, and where each of them lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evaluation.studies.file import Overrides, Study
from minecraft_tasks.tasks import task as find_task
from policies.runs.config import TrainingConfig


@dataclass(frozen=True)
class PlannedRun:
    """One run of a study.

    Attributes:
        task: Name of the task.
        condition: Name of the condition.
        seed: Of the run.
        config: What `train` is given.
        directory: The run directory.
    """

    task: str
    condition: str
    seed: int
    config: TrainingConfig
    directory: Path

    def evaluations(self, study: Study) -> dict[str, str]:
        """Directory name -> agent, for each time that the study judges the run; itself first."""
        whole = str(self.directory)
        also = study.conditions[self.condition].also
        return {"evaluation": whole, **{f"evaluation-{word}": f"{word}:{whole}" for word in also}}

    @property
    def title(self) -> str:
        """Task, condition and seed, for messages."""
        return f"{self.task} {self.condition} seed {self.seed}"


def planned_runs(study: Study, root: Path, threads: int | None = None) -> tuple[PlannedRun, ...]:
    """Every run of a study, by task, condition and seed.

    Args:
        study: The study.
        root: Its directory.
        threads: Of each run, where the file does not say.
    """
    given: Overrides = {} if threads is None else {"threads": threads}
    return tuple(
        PlannedRun(
            task,
            condition,
            seed,
            TrainingConfig(task=task, seed=seed, **given | study.overrides(task, condition)),
            root / find_task(task).spec.name / condition / f"seed{seed}",
        )
        for task, condition in study.cells()
        for seed in study.seeds
    )
