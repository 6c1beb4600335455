"""What has become of the runs of a study, read from their directories."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from evaluation.records.info import read_info
from evaluation.studies.file import Study
from evaluation.studies.runs import PlannedRun
from evaluation.verdicts.record import Verdict
from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError
from minecraft_tasks.core.records import Record, SchemaVersion, VersionedRecord
from minecraft_tasks.levels.locked import locked_seeds
from minecraft_tasks.tasks import task as find_task
from policies.runs.checkpoints import checkpoints, is_sound
from policies.runs.config import TrainingConfig
from policies.runs.lock import LOCK, is_held
from policies.runs.progress import read_rows
from policies.runs.record import read_run
from policies.training.setup import extend

RunState = Literal["waiting", "running", "trained", "judged", "failed"]
JOB_LOCK = ".job"
"""File in a run directory that the job of a study holds from its start to its end."""

NAN = float("nan")


class Failure(Record):
    """One failure of a run: when (UTC, ISO 8601), and the last lines of its error."""

    when: str
    error: str


class Submitted(Record):
    """A job on a cluster, which outlives the process that submitted it."""

    job_id: str
    folder: str


class Attempts(VersionedRecord):
    """`attempts.json` of a run: what its other files cannot tell.

    Attributes:
        schema_version: Of this file; ``schema`` in the JSON.
        failures: All of them, over every session of the study.
        job: Where it was submitted to last, on a cluster.
    """

    REMEDY: ClassVar[str] = "delete it; it only counts the failures of this run"

    schema_version: SchemaVersion = 1
    failures: tuple[Failure, ...] = ()
    job: Submitted | None = None


def read_attempts(directory: Path) -> Attempts:
    """The failures of a run; none where none was recorded.

    Raises:
        CorruptFileError: If the record cannot be read.
        StaleError: If it has another schema.
    """
    path = directory / "attempts.json"
    return Attempts.read(path) if path.exists() else Attempts()


def write_attempts(directory: Path, attempts: Attempts) -> None:
    """Replaces the record of failures."""
    attempts.write(directory / "attempts.json")


class Seen(NamedTuple):
    """The end of a run's learning curve; NaN for what was not measured.

    Attributes:
        steps: Decisions so far.
        rate: Steps per second.
        success: Of the last training episodes.
        heldout: Success on held-out levels, when it was last measured.
    """

    steps: int = 0
    rate: float = NAN
    success: float = NAN
    heldout: float = NAN


def read_seen(directory: Path) -> Seen | None:
    """Where a run stands; None while its progress cannot be read."""
    path = directory / "progress.csv"
    if not path.exists():
        return Seen()
    try:
        rows = read_rows(path)
    except CorruptFileError:
        return None
    if not rows:
        return Seen()
    measured = [row.heldout_success for row in rows if row.heldout_success == row.heldout_success]
    last = rows[-1]
    heldout = measured[-1] if measured else NAN
    return Seen(last.steps, last.steps_per_second, last.success, heldout)


def is_busy(directory: Path) -> bool:
    """Whether a job of a study, or another trainer, is at work on a run."""
    return is_held(directory / JOB_LOCK) or is_held(directory / LOCK)


def trained_steps(directory: Path) -> int:
    """Steps of the newest sound checkpoint, 0 without any."""
    sound = (path for path in reversed(checkpoints(directory)) if is_sound(path))
    return next((int(path.stem) for path in sound), 0)


def verdict_in(
    directory: Path, task: str, levels: int | None, steps: int | None = None
) -> Verdict | None:
    """The verdict in an evaluation directory, from as many levels as asked for; None for no such.

    A verdict on another checkpoint than that after so many steps, on other levels or another task
    is no such.
    """
    try:
        verdict = Verdict.read(directory / "verdict.json")
        info = read_info(directory)
    except FalseBeaconError:
        return None
    seeds = locked_seeds(find_task(task))
    fitting = verdict.agent_steps == steps and info.seeds_digest == seeds.digest()
    return verdict if fitting and info.splits == _played(task, levels) else None


def _played(task: str, levels: int | None) -> dict[str, int]:
    """How many levels of each split a judge plays."""
    spec, splits = find_task(task).spec, {}
    for name, locked in locked_seeds(find_task(task)).splits.items():
        most = len(locked.levels) if levels is None else levels
        if spec.split(name).twins and levels is not None:
            most = max(levels // 2, 1) * 2
        splits[name] = min(most, len(locked.levels))
    return splits


def run_state(run: PlannedRun, study: Study) -> tuple[RunState, Verdict | None]:
    """How far a run is while nobody works on it, and the verdict on it."""
    steps = trained_steps(run.directory)
    if steps < run.config.steps or not (run.directory / "run.json").exists():
        return "waiting", None
    if not study.judge:
        return "trained", None
    found = [
        verdict_in(run.directory / name, run.task, study.levels, steps)
        for name in run.evaluations(study)
    ]
    return ("judged" if all(found) else "trained"), found[0]


def adopted(run: PlannedRun) -> TrainingConfig:
    """The configuration to go on with: threads and precision stay those that the run began with.

    Raises:
        FalseBeaconError: If the run cannot be read, or was made with another configuration.
    """
    task = find_task(run.task)
    record = read_run(run.directory, task.spec)
    own = record.config
    update: dict[str, object] = {"threads": own.threads}
    if run.config.precision == "auto":
        update["precision"] = own.precision
    wanted = run.config.model_copy(update=update)
    extend(record, wanted)
    if wanted.steps < own.steps:
        raise FalseBeaconError(
            f"the run was made for {own.steps:,} steps and the study asks for {wanted.steps:,}; "
            "steps may only grow."
        )
    return wanted


def check_kept(run: PlannedRun) -> None:
    """Refuses a study that has changed under a run.

    A run whose record is damaged passes: it fails by itself, and the others go on.

    Raises:
        FalseBeaconError: Naming what differs.
    """
    if not (run.directory / "run.json").exists():
        return
    try:
        adopted(run)
    except CorruptFileError:
        return
    except FalseBeaconError as error:
        raise type(error)(
            f"{run.directory} is in the way of {run.title}: {str(error).rstrip('.')}. Change the "
            "study file back, rename its condition, or move the run away."
        ) from None
