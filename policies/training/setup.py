"""Start of training: new environments and a new model, or those of a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import torch
from stable_baselines3.common.utils import LinearSchedule

from minecraft_tasks.admission.training import level_facts, training_levels
from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError
from minecraft_tasks.levels.sampling import make_sampler
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.networks.architecture import policy_class, remember
from policies.networks.encoder import policy_kwargs
from policies.networks.step import resolved
from policies.ppo.recurrent_ppo import RecurrentPPO
from policies.runs.checkpoints import WRAPPERS, checkpoints, sound_checkpoints, weights_alone
from policies.runs.config import TrainingConfig
from policies.runs.record import RunRecord
from policies.training.checkpoint import restore_checkpoint
from policies.training.reporters import LineReporter
from policies.training.retention import tidy
from policies.training.snapshot import Snapshot
from wrappers.apply import autoreset_mode, wrap
from wrappers.sb3 import SB3VecEnv

CHANGEABLE = ("steps", "minerl", "track", "tracking", "tensorboard")
"""Options that may differ when a run is resumed."""


def make_env(task: Task, config: TrainingConfig) -> SB3VecEnv:
    """Makes the training environments."""
    shares, sampling = config.shares(task.spec), config.sampling
    levels = training_levels(
        task, config.layouts, shares, config.sizes, sampling, config.conflict_layouts
    )
    sampler = None
    if sampling != "uniform":
        rewarded = task.spec.rewarded(config.reward)
        # The environment counts its own decisions, the agent discounts those that it makes.
        gamma = config.gamma ** (1 / config.wrappers.repeat)
        facts = level_facts(task, levels, sampling, rewarded, gamma)
        sampler = make_sampler(sampling, facts, config.environments)
    env = MinecraftTaskVectorEnv(
        task,
        levels.bank,
        config.environments,
        weights=levels.weights,
        reward=config.reward,
        backend=config.backend,
        settings=config.minerl if config.backend == "minerl" else None,
        seed=config.seed,
        autoreset_mode=autoreset_mode(config.wrappers),
        sampler=sampler,
    )
    return SB3VecEnv(wrap(env, config.wrappers))


def make_model(config: TrainingConfig, env: SB3VecEnv) -> RecurrentPPO:
    """Makes a new model."""
    torch.set_num_threads(config.threads)
    model = RecurrentPPO(
        policy_class(config.architecture),
        env,
        precision=resolved(config.precision),
        learning_rate=LinearSchedule(config.learning_rate, config.final_learning_rate, 1.0),
        n_steps=config.n_steps,
        batch_size=config.batch_size,
        n_epochs=config.epochs,
        gamma=config.gamma,
        gae_lambda=config.gae_lambda,
        ent_coef=config.ent_coef,
        final_ent_coef=config.final_ent_coef,
        vf_coef=config.vf_coef,
        clip_range=config.clip,
        max_grad_norm=config.max_grad_norm,
        policy_kwargs=policy_kwargs(
            config.critic, config.hidden, config.architecture, config.encoder
        ),
        seed=config.seed,
        device="cpu",
    )
    if config.memory_span > 1:
        remember(model.policy, config.memory_span)
    if config.wrappers:
        setattr(model, WRAPPERS, str(config.wrappers))
    return model


def extend(record: RunRecord, config: TrainingConfig | None) -> RunRecord:
    """The record of a run to be resumed, with new values of `CHANGEABLE` options."""
    if config is None:
        return record
    own = record.config
    wanted = config.model_copy(update={"precision": resolved(config.precision)})
    differing = [
        name
        for name in TrainingConfig.model_fields
        if name not in CHANGEABLE and getattr(wanted, name) != getattr(own, name)
    ]
    if differing:
        raise FalseBeaconError(
            f"a resumed run keeps its configuration, but these differ: {', '.join(differing)};"
            " only steps, how Minecraft is run, and where it is tracked, may change."
        )
    changed = {name: getattr(config, name) for name in CHANGEABLE}
    return record.model_copy(update={"config": own.model_copy(update=changed)})


class TrainingSetup(NamedTuple):
    """A model at the start of a training session.

    Attributes:
        model: With its environments.
        checkpoint: Its file; None for a new model.
        snapshot: Of that checkpoint; None if it has none: the environments start new episodes.
    """

    model: RecurrentPPO
    checkpoint: Path | None = None
    snapshot: Snapshot | None = None


def resumed(
    directory: Path, record: RunRecord, task: Task, reporter: LineReporter
) -> TrainingSetup:
    """Loads the newest readable checkpoint, or makes a new model if none was saved.

    Raises:
        CorruptFileError: If there are checkpoints, and none can be read.
        StaleError: If the newest one was written by another version.
    """
    config, env = record.config, make_env(task, record.config)
    levels: Any = env.env.unwrapped
    if weights_alone(directory):
        raise CorruptFileError(
            f"{directory} has weights and no checkpoint to go on from: restore the zips beside"
            " them. It can be judged as it is."
        )
    if not checkpoints(directory):
        reporter.note(f"{directory} has no checkpoint yet: starting from the beginning.")
        tidy(directory, None)
        return TrainingSetup(make_model(config, env))
    for path in sound_checkpoints(directory, reporter.note):
        model = make_model(config, env)
        try:
            snapshot = restore_checkpoint(path, model, levels.backend.resumable)
        except CorruptFileError as error:
            reporter.note(f"{error} Falling back to the checkpoint before it.")
            continue
        reporter.note(f"resuming from {path}")
        if snapshot is None:
            reporter.note(f"{path} cannot give its episodes back: new ones start, on other levels.")
        tidy(directory, path)
        return TrainingSetup(model, path, snapshot)
    raise AssertionError("sound_checkpoints raises where it finds none")
