"""Training: from a configuration to a run directory, resumable from its last checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from stable_baselines3.common.logger import Logger

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.interruption import exit_status
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.tasks import recorded_task
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.tasks.base import Task
from policies.networks.step import resolved
from policies.ppo.recurrent_ppo import RecurrentPPO
from policies.runs.config import TrainingConfig
from policies.runs.conflicts import CONFLICTS_FILE, ConflictLog
from policies.runs.progress import ProgressFile, read_rows
from policies.runs.provenance import new_session
from policies.runs.record import RUNS, RunRecord, lock_run, new_run, read_run, require_new
from policies.training.callback import Supervisor
from policies.training.failures import explained
from policies.training.heldout import measure_success
from policies.training.interruption import Interruption, TrainingStopped
from policies.training.reporters import LineReporter
from policies.training.retention import CheckpointRetention
from policies.training.setup import TrainingSetup, extend, make_env, make_model, resumed
from policies.training.trackers import Tracker, closed, trackers


def free_directory(config: TrainingConfig) -> Path:
    """runs/<task>/seed<seed>, or the first of seed<seed>-2, -3 ... that is free."""
    directory = first = RUNS / find_task(config.task).spec.name / f"seed{config.seed}"
    number = 1
    while (directory / "run.json").exists():
        number += 1
        directory = first.with_name(f"{first.name}-{number}")
    return directory


def train(
    config: TrainingConfig | None = None,
    out: Path | None = None,
    resume: Path | None = None,
    reporter: LineReporter | None = None,
) -> Path:
    """Trains an agent and writes run.json, progress.csv and checkpoints/.

    Args:
        config: The run; with `resume` only those of `setup.CHANGEABLE` may differ.
        out: The run directory; one below `runs/` by default.
        resume: The directory of a run to be resumed instead.
        reporter: Shows progress; a bar in a terminal, lines elsewhere by default.

    Returns:
        The run directory.

    Raises:
        FalseBeaconError: If the configuration, task or run is bad, the disk is full, or training
            was interrupted (after it saved a checkpoint).
    """
    reporter = reporter or LineReporter()
    if resume is not None:
        return go_on(Path(resume), config, reporter)
    if config is None:
        raise FalseBeaconError("train needs a configuration, or a run to resume.")
    task = find_task(config.task)
    config.shares(task.spec)
    directory = Path(out) if out else free_directory(config)
    with lock_run(directory):
        require_new(directory)
        config = config.model_copy(
            update={"task": task.name, "precision": resolved(config.precision)}
        )
        reporter.note(_preparing(config))
        start = TrainingSetup(make_model(config, make_env(task, config)))
        record = new_run(config, task.spec)
        copies = trackers(directory, record)
        with closed(copies):
            # Last, so that an error before it leaves no run behind.
            record.write(directory / "run.json")
            _run(start, task, directory, record, reporter, copies)
    return directory


def go_on(directory: Path, config: TrainingConfig | None, reporter: LineReporter) -> Path:
    """Resumes a run, up to its own steps or those of a configuration; see `train`."""
    task = recorded_task(read_run(directory).config.task, directory / "run.json")
    with lock_run(directory):
        # Only under the lock: an earlier holder has added a session.
        before = read_run(directory, task.spec)
        record = extend(before, config)
        reporter.note(_preparing(record.config))
        start = resumed(directory, record, task, reporter)
        done, steps = start.model.num_timesteps, record.config.steps
        if done >= steps == before.config.steps:
            reporter.note(f"{directory} already has its {steps:,} steps.")
            _copy_finished(directory, before, record)
        elif done > steps:
            raise FalseBeaconError(
                f"{directory} already has {done:,} steps, more than the"
                f" {steps:,} asked for: name a larger number with --steps."
            )
        else:
            session = new_session(done, steps)
            for change in session.differences(record.sessions[-1]):
                reporter.note(f"{change}: the run goes on, but may not be the same bit for bit.")
            record = record.model_copy(update={"sessions": (*record.sessions, session)})
            copies = trackers(directory, record)
            with closed(copies):
                record.write(directory / "run.json")
                _run(start, task, directory, record, reporter, copies)
    return directory


def _copy_finished(directory: Path, before: RunRecord, record: RunRecord) -> None:
    """Gives the trackers of a finished run the rows that they lack, and keeps where it is tracked.

    A run may have been killed after its last checkpoint, or be tracked only from now on.
    """
    copies = trackers(directory, record)
    with closed(copies):
        if record != before:
            record.write(directory / "run.json")
        rows = read_rows(directory / "progress.csv") if copies else []
        for copy in copies:
            copy.copy(rows)


def _preparing(config: TrainingConfig) -> str:
    return f"{config.task}: {config.layouts:,} training layouts are prepared"


def _run(
    start: TrainingSetup,
    task: Task,
    directory: Path,
    record: RunRecord,
    reporter: LineReporter,
    copies: Sequence[Tracker],
) -> None:
    """Trains the model up to the run's steps."""
    config, model = record.config, start.model
    done = model.num_timesteps
    progress = ProgressFile(directory / "progress.csv", keep_until=done)
    rewarded = task.spec.rewarded(config.reward)
    levels: Any = model.adapter.env.unwrapped
    conflicts = ConflictLog(directory / CONFLICTS_FILE, task.spec, levels.bank, rewarded, done)
    assert model.env is not None
    if start.snapshot is None:
        # After the model's own seeding; a resumed run draws other levels than at its start.
        model.env.seed(config.seed * 1_000_003 + done)
    model.set_logger(Logger(folder=None, output_formats=[]))

    keeper = CheckpointRetention(
        directory, config.checkpoint_steps(), config.save_seconds, start.checkpoint
    )
    interruption = Interruption()
    supervisor = Supervisor(
        config=config,
        keeper=keeper,
        snapshot=start.snapshot,
        progress=progress,
        conflicts=conflicts,
        reporter=reporter,
        trackers=copies,
        measure=_measurement(model, task, config),
        interruption=interruption,
    )
    reporter.start(f"{record.task} seed {config.seed} in {directory}", config.steps, done)
    fresh = start.checkpoint is None
    with (
        closing(reporter),
        closing(levels),
        explained(directory, lambda: model.num_timesteps, lambda: keeper.saved),
        interruption,
    ):
        model.learn(config.steps - done, callback=supervisor, reset_num_timesteps=fresh)
        path = supervisor.save() if supervisor.stopped else None
    if path is not None:
        assert interruption.number is not None
        raise TrainingStopped(
            f"training stopped after {model.num_timesteps:,} of {config.steps:,} steps; saved"
            f" {path}. Go on with: falsebeacon train --resume {directory}",
            exit_status(interruption.number),
        )


def _measurement(model: RecurrentPPO, task: Task, config: TrainingConfig) -> Callable[[], float]:
    """Makes the measurement of held-out success; it gives NaN if the configuration has none."""
    if not config.heldout_levels:
        return lambda: float("nan")
    bank = locked_bank(task, ["heldout"], config.heldout_levels)
    return lambda: measure_success(
        model.policy, task, bank, model.precision, reward=config.reward, stack=config.wrappers
    )
