"""Checkpoints: the model and all state that a resumed run needs, written atomically."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from stable_baselines3.common.vec_env import VecEnv

from minecraft_tasks.core.errors import CorruptFileError, StaleError
from minecraft_tasks.core.files import atomic_write
from policies.ppo.recurrent_ppo import RecurrentPPO
from policies.runs.checkpoints import checkpoint_path
from policies.runs.config import Precision
from policies.training.snapshot import Snapshot, append, put_back, read_snapshot


def save_checkpoint(model: RecurrentPPO, directory: Path, snapshot: Snapshot | None = None) -> Path:
    """Writes the model with its optimiser, and its weights by name in a second file.

    The zip loads with the stock `sb3_contrib.RecurrentPPO.load`; the `.safetensors` beside it
    needs no unpickling. With a snapshot, a resumed run equals one that was not interrupted.

    Raises:
        FalseBeaconError: If the disk is full; earlier checkpoints are not touched.
    """
    path = checkpoint_path(directory, model.num_timesteps)
    weights = named_weights(model)
    content = save(weights, metadata={"steps": str(model.num_timesteps)})
    with atomic_write(path.with_suffix(".safetensors")) as temporary:
        temporary.write_bytes(content)
    with atomic_write(path) as temporary, temporary.open("w+b") as handle:
        model.save(handle)
        if snapshot is not None:
            append(handle, snapshot)
        handle.flush()
        # Some file systems report only here that they are full, before the rename.
        os.fsync(handle.fileno())
    return path


def named_weights(model: RecurrentPPO) -> dict[str, torch.Tensor]:
    """The weights by name, each once: the policy lists its encoder three times."""
    named: dict[str, torch.Tensor] = {}
    seen: set[int] = set()
    for name, part in model.policy.state_dict().items():
        if part.data_ptr() not in seen:
            seen.add(part.data_ptr())
            named[name] = part.contiguous()
    return named


def remove_checkpoint(path: Path) -> None:
    """Deletes a checkpoint that a later one replaces."""
    path.unlink(missing_ok=True)
    path.with_suffix(".safetensors").unlink(missing_ok=True)


def load_checkpoint(
    path: Path, env: VecEnv, precision: Precision, threads: int, whole: bool = True
) -> tuple[RecurrentPPO, Snapshot | None]:
    """Loads a model in the state in which it was saved, in the middle of its episodes.

    Returns:
        The model, and the snapshot that was restored into it and its environments; None if the
        checkpoint has none, or the engine cannot resume episodes (`whole`): then only what its
        sampler knows of the levels is restored.

    Raises:
        CorruptFileError: If the file cannot be read.
        StaleError: If its snapshot has another schema.
    """
    torch.set_num_threads(threads)
    try:
        model = RecurrentPPO.load(path, env=env, device="cpu")
        model.precision = precision
        snapshot = read_snapshot(path)
        if snapshot is not None and whole:
            put_back(model, snapshot)
        elif snapshot is not None:
            levels: Any = model.adapter.env.unwrapped
            levels.restore_sampler(snapshot.env)
    except StaleError:
        raise
    except Exception as error:
        raise CorruptFileError(
            f"{path} cannot be loaded ({type(error).__name__}: {error})."
        ) from error
    return model, snapshot if whole else None
