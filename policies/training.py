"""Training: from a configuration to a run directory, resumable from its last checkpoint."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import torch
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.utils import LinearSchedule

from minecraft_tasks.errors import CorruptFileError, FalseBeaconError
from minecraft_tasks.seeds import locked_bank
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.training_levels import episode_shares, training_levels
from minecraft_tasks.vector import VoxelVectorEnv
from policies.architecture import policy_class
from policies.checkpoints import load_checkpoint
from policies.config import TrainingConfig
from policies.interruption import Interruption, TrainingStopped
from policies.keeping import Keeper, tidy
from policies.measuring import measure_success
from policies.network import policy_kwargs
from policies.progress import ProgressFile, Reporter, default_reporter
from policies.recurrent_ppo import RecurrentPPO
from policies.runs import (
    RunRecord,
    checkpoints,
    create_run,
    lock,
    new_session,
    read_run,
    sound_checkpoints,
    write_record,
)
from policies.snapshot import Snapshot
from policies.stopping import explained
from policies.supervision import Supervisor
from policies.tracking import closed, trackers
from wrappers.sb3 import SB3VecEnv

RUNS = Path("runs")


def make_env(task: Task, config: TrainingConfig) -> SB3VecEnv:
    """The training environments."""
    shares = episode_shares(task.spec, config.conflict_fraction, config.decorrelated, config.reward)
    levels = training_levels(task, config.layouts, shares)
    return SB3VecEnv(
        VoxelVectorEnv(
            task, levels.bank, config.num_envs, weights=levels.weights, reward=config.reward
        )
    )


def make_model(config: TrainingConfig, env: SB3VecEnv) -> RecurrentPPO:
    """A fresh model."""
    torch.set_num_threads(config.threads)
    return RecurrentPPO(
        policy_class(config.architecture),
        env,
        precision=config.resolved_precision(),
        learning_rate=LinearSchedule(config.learning_rate, config.final_learning_rate, 1.0),
        n_steps=config.n_steps,
        batch_size=config.batch_size,
        n_epochs=config.epochs,
        gamma=config.gamma,
        gae_lambda=config.gae_lambda,
        ent_coef=config.ent_coef,
        vf_coef=config.vf_coef,
        clip_range=config.clip,
        max_grad_norm=config.max_grad_norm,
        policy_kwargs=policy_kwargs(config.critic, config.hidden, config.architecture),
        seed=config.seed,
        device="cpu",
    )


def free_directory(config: TrainingConfig) -> Path:
    """runs/<task>/seed<seed>, or the first of seed<seed>-2, -3 ... that is free."""
    name = RUNS / config.task / f"seed{config.seed}"
    number = 1
    candidate = name
    while (candidate / "run.json").exists():
        number += 1
        candidate = name.with_name(f"{name.name}-{number}")
    return candidate


def train(
    config: TrainingConfig | None = None,
    out: Path | None = None,
    resume: Path | None = None,
    reporter: Reporter | None = None,
) -> Path:
    """Trains an agent and leaves run.json, progress.csv and checkpoints/ behind.

    Args:
        config: The run; with `resume` only its `steps` may differ from the run's own.
        out: The run directory; one below `runs/` by default.
        resume: A run directory to go on with instead.
        reporter: Shows progress; a bar in a terminal, lines elsewhere by default.

    Returns:
        The run directory.

    Raises:
        FalseBeaconError: If the configuration, task or run is bad, the disk is full, or training
            was interrupted (a checkpoint has been saved then).
    """
    reporter = reporter or default_reporter()
    if resume is not None:
        return go_on(Path(resume), config, reporter)
    if config is None:
        raise FalseBeaconError("train needs a configuration, or a run to resume.")
    task = find_task(config.task)
    episode_shares(task.spec, config.conflict_fraction, config.decorrelated, config.reward)
    directory = Path(out) if out else free_directory(config)
    with lock(directory):
        config = config.model_copy(update={"precision": config.resolved_precision()})
        record = create_run(directory, config, task.spec)
        run(Start(make_model(config, make_env(task, config))), task, directory, record, reporter)
    return directory


def go_on(directory: Path, config: TrainingConfig | None, reporter: Reporter) -> Path:
    """Resumes a run, up to its own steps or those of a configuration; see `train`."""
    task = find_task(read_run(directory).task)
    before = read_run(directory, task.spec)
    record = extend(before, config)
    with lock(directory):
        start = resumed(directory, record, task, reporter)
        done, steps = start.model.num_timesteps, record.config.steps
        if done >= steps == before.config.steps:
            reporter.note(f"{directory} already has its {steps:,} steps.")
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
            write_record(directory, record)
            run(start, task, directory, record, reporter)
    return directory


def extend(record: RunRecord, config: TrainingConfig | None) -> RunRecord:
    """The record of a run to be resumed, with more steps where the configuration says so.

    Raises:
        FalseBeaconError: If the configuration differs in anything else.
    """
    if config is None:
        return record
    own = record.config
    wanted = config.model_copy(update={"precision": config.resolved_precision()})
    differing = [
        name
        for name in TrainingConfig.model_fields
        if name != "steps" and getattr(wanted, name) != getattr(own, name)
    ]
    if differing:
        raise FalseBeaconError(
            f"a resumed run keeps its configuration, but these differ: {', '.join(differing)};"
            " only steps may change."
        )
    return record.model_copy(update={"config": own.model_copy(update={"steps": config.steps})})


class Start(NamedTuple):
    """What training goes on from.

    Attributes:
        model: With its environments.
        checkpoint: That it was loaded from; None at the beginning.
        snapshot: Of that checkpoint; None where it has none, and the environments start anew.
    """

    model: RecurrentPPO
    checkpoint: Path | None = None
    snapshot: Snapshot | None = None


def resumed(directory: Path, record: RunRecord, task: Task, reporter: Reporter) -> Start:
    """The newest checkpoint that can be read, or the beginning where none was saved yet.

    Raises:
        CorruptFileError: If there are checkpoints, and none can be read.
    """
    config, env = record.config, make_env(task, record.config)
    if not checkpoints(directory):
        reporter.note(f"{directory} has no checkpoint yet: starting from the beginning.")
        tidy(directory, None)
        return Start(make_model(config, env))
    for path in sound_checkpoints(directory, reporter.note):
        try:
            precision = config.resolved_precision()
            model, snapshot = load_checkpoint(path, env, precision, config.threads)
        except CorruptFileError as error:
            reporter.note(f"{error} Falling back to the checkpoint before it.")
            continue
        reporter.note(f"resuming from {path}")
        if snapshot is None:
            reporter.note(f"{path} does not hold its episodes: new ones start, on other levels.")
        tidy(directory, path)
        return Start(model, path, snapshot)
    raise AssertionError("sound_checkpoints raises where it finds none")


def run(start: Start, task: Task, directory: Path, record: RunRecord, reporter: Reporter) -> None:
    """Trains the model up to the run's steps."""
    config, model = record.config, start.model
    done = model.num_timesteps
    heldout = None
    if config.heldout_levels:
        heldout = locked_bank(task, ["heldout"], config.heldout_levels)
    progress = ProgressFile(directory / "progress.csv", keep_until=done)
    assert model.env is not None
    if start.snapshot is None:
        # After the model's own seeding; draws other levels than the run did at its start.
        model.env.seed(config.seed * 1_000_003 + done)
    model.set_logger(Logger(folder=None, output_formats=[]))

    def measure() -> float:
        if heldout is None:
            return float("nan")
        return measure_success(model.policy, task, heldout, model.precision, reward=config.reward)

    copies = trackers(directory, record)
    reporter.start(f"{record.task} seed {config.seed} in {directory}", config.steps, done)
    keeper = Keeper(
        directory,
        config.checkpoint_steps(),
        seconds=config.save_seconds,
        clock=time.monotonic,
        resumed=start.checkpoint,
    )
    supervisor = Supervisor(
        config=config,
        rewarded=task.spec.rewarded(config.reward),
        keeper=keeper,
        snapshot=start.snapshot,
        progress=progress,
        reporter=reporter,
        trackers=copies,
        measure=measure,
        interruption=(interruption := Interruption()),
        clock=time.monotonic,
    )
    fresh = start.checkpoint is None
    with (
        closing(reporter),
        explained(directory, lambda: model.num_timesteps, lambda: keeper.saved),
        interruption,
        closed(copies),
    ):
        model.learn(config.steps - done, callback=supervisor, reset_num_timesteps=fresh)
        path = supervisor.save() if supervisor.stopped else None
    if path is not None:
        raise TrainingStopped(
            f"training stopped after {model.num_timesteps:,} of {config.steps:,} steps; saved"
            f" {path}. Go on with: falsebeacon train --resume {directory}"
        )
