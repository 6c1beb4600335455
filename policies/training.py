"""Training: from a configuration to a run directory, resumable from its last checkpoint."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import torch
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.utils import LinearSchedule

from minecraft_tasks.errors import FalseBeaconError
from minecraft_tasks.seeds import locked_bank, training_bank
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.vector import VoxelVectorEnv
from policies.architecture import policy_class
from policies.checkpoints import load_checkpoint, save_checkpoint
from policies.config import TrainingConfig
from policies.interruption import Interruption
from policies.measuring import measure_success
from policies.network import policy_kwargs
from policies.progress import ProgressFile, Reporter, default_reporter
from policies.recurrent_ppo import RecurrentPPO
from policies.runs import (
    RunRecord,
    create_run,
    lock,
    newest_checkpoint,
    read_run,
    write_record,
)
from policies.supervision import Supervisor
from policies.tracking import trackers
from wrappers.sb3 import SB3VecEnv

RUNS = Path("runs")


def make_env(task: Task, config: TrainingConfig) -> SB3VecEnv:
    """The training environments."""
    bank = training_bank(task, config.layouts)
    return SB3VecEnv(VoxelVectorEnv(task, bank, config.num_envs, order="random"))


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
        directory = Path(resume)
        task = find_task(read_run(directory).task)
        record = extend(read_run(directory, task.spec), config)
        with lock(directory):
            model = resumed_model(directory, record, task, reporter)
            if record.config.steps < model.num_timesteps:
                raise FalseBeaconError(
                    f"{directory} already has {model.num_timesteps:,} steps, more than the "
                    f"{record.config.steps:,} asked for: name a larger number with --steps."
                )
            write_record(directory, record)
            run(model, task, directory, record, reporter)
        return directory
    if config is None:
        raise FalseBeaconError("train needs a configuration, or a run to resume.")
    task = find_task(config.task)
    directory = Path(out) if out else free_directory(config)
    with lock(directory):
        config = config.model_copy(update={"precision": config.resolved_precision()})
        record = create_run(directory, config, task.spec)
        run(make_model(config, make_env(task, config)), task, directory, record, reporter)
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


def resumed_model(
    directory: Path, record: RunRecord, task: Task, reporter: Reporter
) -> RecurrentPPO:
    """The model of the newest sound checkpoint, or a fresh one where none was saved yet."""
    config, env = record.config, make_env(task, record.config)
    if not any((directory / "checkpoints").glob("*.zip")):
        reporter.note(f"{directory} has no checkpoint yet: starting from the beginning.")
        return make_model(config, env)
    path = newest_checkpoint(directory, reporter.note)
    reporter.note(f"resuming from {path}")
    return load_checkpoint(path, env, config.resolved_precision(), config.threads)


def run(
    model: RecurrentPPO, task: Task, directory: Path, record: RunRecord, reporter: Reporter
) -> None:
    """Trains the model up to the run's steps."""
    config = record.config
    done = model.num_timesteps
    if done >= config.steps:
        reporter.note(f"{directory} already has its {config.steps:,} steps.")
        return
    heldout = None
    if config.heldout_levels:
        heldout = locked_bank(task, ["heldout"], config.heldout_levels)
    progress = ProgressFile(directory / "progress.csv", keep_until=done)
    assert model.env is not None
    # After the model's own seeding; a resumed run draws other levels than its start did.
    model.env.seed(config.seed * 1_000_003 + done)
    model.set_logger(Logger(folder=None, output_formats=[]))

    def measure() -> float:
        if heldout is None:
            return float("nan")
        return measure_success(model.policy, task, heldout, model.precision)

    copies = trackers(directory, record)
    reporter.start(f"{record.task} seed {config.seed} in {directory}", config.steps, done)
    supervisor = Supervisor(
        config=config,
        intended=task.spec.intended,
        directory=directory,
        progress=progress,
        reporter=reporter,
        trackers=copies,
        measure=measure,
        interruption=(interruption := Interruption()),
        clock=time.monotonic,
    )
    with closing(reporter), interruption:
        try:
            model.learn(config.steps - done, callback=supervisor, reset_num_timesteps=done == 0)
        finally:
            for copy in copies:
                copy.close()
    if supervisor.stopped:
        path = save_checkpoint(model, directory)
        raise FalseBeaconError(
            f"training stopped after {model.num_timesteps:,} of {config.steps:,} steps; saved"
            f" {path}. Go on with: falsebeacon train --resume {directory}"
        )
