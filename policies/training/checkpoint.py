"""Checkpoints: the model and all state that a resumed run needs, written atomically."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

from safetensors.torch import save
from stable_baselines3.common.save_util import load_from_zip_file

from minecraft_tasks.core.errors import CorruptFileError, StaleError
from minecraft_tasks.core.files import atomic_write
from policies.networks.weights import SUFFIX, named_weights
from policies.ppo.recurrent_ppo import RecurrentPPO
from policies.runs.checkpoints import checkpoint_path
from policies.training.snapshot import Snapshot, append, put_back, read_snapshot


def save_checkpoint(model: RecurrentPPO, directory: Path, snapshot: Snapshot | None = None) -> Path:
    """Writes the model with its optimiser, and its weights by name in a second file.

    The zip loads with the stock `sb3_contrib.RecurrentPPO.load`; the `.safetensors` beside it
    needs no unpickling. With a snapshot, a resumed run equals one that was not interrupted.

    Raises:
        FalseBeaconError: If the disk is full; earlier checkpoints are not touched.
    """
    path = checkpoint_path(directory, model.num_timesteps)
    weights = named_weights(model.policy)
    content = save(weights, metadata={"steps": str(model.num_timesteps)})
    with atomic_write(path.with_suffix(SUFFIX)) as temporary:
        temporary.write_bytes(content)
    with atomic_write(path) as temporary, temporary.open("w+b") as handle:
        model.save(handle)
        if snapshot is not None:
            append(handle, snapshot)
        handle.flush()
        # Some file systems report only here that they are full, before the rename.
        os.fsync(handle.fileno())
    return path


def remove_checkpoint(path: Path) -> None:
    """Deletes a checkpoint that a later one replaces."""
    path.unlink(missing_ok=True)
    path.with_suffix(SUFFIX).unlink(missing_ok=True)


def restore_checkpoint(path: Path, model: RecurrentPPO, whole: bool = True) -> Snapshot | None:
    """Puts a new model into the state in which a checkpoint was saved, in the middle of episodes.

    The objects that Stable-Baselines3 pickles into the zip are not read: the model has them from
    its configuration, and nothing that could run code is loaded.

    Returns:
        The snapshot that was restored into the model and its environments; None if the
        checkpoint has none, or the engine cannot resume episodes (`whole`): then only what its
        sampler knows of the levels is restored.

    Raises:
        CorruptFileError: If the file cannot be read.
        StaleError: If its snapshot has another schema.
    """
    try:
        _, parameters, _ = load_from_zip_file(path, load_data=False, device="cpu")
        model.set_parameters(parameters, device="cpu")
        with zipfile.ZipFile(path) as archive:
            counts = json.loads(archive.read("data"))
        model.num_timesteps, model._n_updates = (
            int(counts[name]) for name in ("num_timesteps", "_n_updates")
        )
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
    return snapshot if whole else None
