"""The runs of a study, and the progress of each by its directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evaluation.records.info import read_info
from evaluation.studies.file import Overrides, Study
from evaluation.verdicts.record import Verdict
from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError
from minecraft_tasks.core.locks import is_held
from minecraft_tasks.levels.locked import locked_seeds
from minecraft_tasks.tasks import task as find_task
from policies.runs.checkpoints import checkpoints, is_sound
from policies.runs.config import TrainingConfig
from policies.runs.record import LOCK, read_run

RunState = Literal["waiting", "running", "trained", "judged", "failed"]
JOB_LOCK = ".job"
"""File in a run directory that the job of a study holds from its start to its end."""


@dataclass(frozen=True)
class PlannedRun:
    """One run of a study: task, condition and seed, what `train` is given, the run directory."""

    study: Study
    task: str
    condition: str
    seed: int
    config: TrainingConfig
    directory: Path

    @property
    def title(self) -> str:
        """Task, condition and seed, for messages."""
        return f"{self.task} {self.condition} seed {self.seed}"

    @property
    def exists(self) -> bool:
        """Whether training has begun."""
        return (self.directory / "run.json").exists()

    def busy(self) -> bool:
        """Whether a job or another trainer is at work on the run."""
        return is_held(self.directory / JOB_LOCK) or is_held(self.directory / LOCK)

    def evaluations(self) -> dict[str, str]:
        """Directory name -> agent, for each evaluation of the run; of the run itself first."""
        whole = str(self.directory)
        also = self.study.conditions[self.condition].also
        return {"evaluation": whole, **{f"evaluation-{word}": f"{word}:{whole}" for word in also}}

    def verdicts(self) -> dict[str, Verdict | None]:
        """Directory name -> verdict on the newest checkpoint; None where it is missing."""
        levels, steps = self.study.levels, trained_steps(self.directory)
        names = self.evaluations() if self.study.judge else ()
        return {name: verdict_in(self.directory / name, self.task, levels, steps) for name in names}

    def reached(self) -> tuple[RunState, bool]:
        """State of a run that no job is at work on, and whether it is the last one."""
        if not self.exists or trained_steps(self.directory) < self.config.steps:
            return "waiting", False
        done = all(self.verdicts().values())
        return ("judged" if done and self.study.judge else "trained"), done

    def resumable(self) -> TrainingConfig:
        """The configuration to resume with: threads and precision stay those it began with.

        Raises:
            FalseBeaconError: If the run cannot be read, or was made with another configuration.
        """
        # Loaded only here: torch is needed where there is a run to go on with.
        from policies.training.setup import extend

        record, config = read_run(self.directory, find_task(self.task).spec), self.config
        precision = record.config.precision if config.precision == "auto" else config.precision
        kept = {"threads": record.config.threads, "precision": precision}
        extend(record, wanted := config.model_copy(update=kept))
        if wanted.steps < record.config.steps:
            raise FalseBeaconError(
                f"the run was made for {record.config.steps:,} steps and the study asks for "
                f"{wanted.steps:,}; steps may only grow."
            )
        return wanted

    def check_kept(self) -> None:
        """Refuses a study that has changed under the run, and names what differs.

        A run whose record is damaged passes: it fails by itself, and the others go on.
        """
        try:
            if self.exists:
                self.resumable()
        except CorruptFileError:
            return
        except FalseBeaconError as error:
            raise type(error)(
                f"{self.directory} is in the way of {self.title}: {str(error).rstrip('.')}. Change "
                "the study file back, rename its condition, or move the run away."
            ) from None


def planned_runs(study: Study, root: Path, threads: int | None = None) -> list[PlannedRun]:
    """Every run of a study by task, condition and seed; `threads` is for those the file leaves."""
    given: Overrides = {} if threads is None else {"threads": threads}
    return [
        PlannedRun(
            study,
            task,
            condition,
            seed,
            TrainingConfig(task=task, seed=seed, **given | _tracked(study, task, condition)),
            root / find_task(task).spec.name / condition / f"seed{seed}",
        )
        for task, condition in study.cells()
        for seed in study.seeds
    ]


def _tracked(study: Study, task: str, condition: str) -> Overrides:
    """Overrides of a cell, with its group and condition at Weights & Biases."""
    values = study.overrides(task, condition)
    own = {"group": f"{study.name}/{condition}"[:128], "condition": condition}
    return values | {"tracking": own | dict(values.get("tracking", {}))}


def trained_steps(directory: Path) -> int:
    """Steps of the newest sound checkpoint, 0 without any."""
    sound = (path for path in reversed(checkpoints(directory)) if is_sound(path))
    return next((int(path.stem) for path in sound), 0)


def verdict_in(
    directory: Path, task: str, levels: int | None, steps: int | None = None
) -> Verdict | None:
    """The verdict in an evaluation directory.

    None where it is missing, or is about another task, another checkpoint than that after `steps`,
    or other levels.
    """
    try:
        verdict = Verdict.read(directory / "verdict.json")
        info = read_info(directory)
    except FalseBeaconError:
        return None
    spec, seeds = find_task(task).spec, locked_seeds(find_task(task))
    counts = {name: len(locked.levels) for name, locked in seeds.splits.items()}
    if levels is not None:
        twins = max(levels // 2, 1) * 2
        counts = {n: min(twins if spec.split(n).twins else levels, counts[n]) for n in counts}
    judged = (verdict.agent_steps, info.seeds_digest, info.splits)
    return verdict if judged == (steps, seeds.digest(), counts) else None
