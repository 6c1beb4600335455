"""Checkpoints: the model with all that training needs to go on, written at once or not at all."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save
from stable_baselines3.common.vec_env import VecEnv

from minecraft_tasks.errors import CorruptFileError
from minecraft_tasks.files import atomic_write
from policies.acting import Precision
from policies.recurrent_ppo import RecurrentPPO
from policies.runs import checkpoint_path


def save_checkpoint(model: RecurrentPPO, directory: Path) -> Path:
    """Writes the model, its optimiser and the random state, and the weights once more by name.

    The zip loads with the stock `sb3_contrib.RecurrentPPO.load`; the `.safetensors` beside it
    needs no unpickling.

    Raises:
        FalseBeaconError: If the disk is full; earlier checkpoints are not touched.
    """
    path = checkpoint_path(directory, model.num_timesteps)
    model.random_state = torch.get_rng_state().numpy()
    weights = named_weights(model)
    content = save(weights, metadata={"steps": str(model.num_timesteps)})
    with atomic_write(path.with_suffix(".safetensors")) as temporary:
        temporary.write_bytes(content)
    with atomic_write(path) as temporary, temporary.open("wb") as handle:
        model.save(handle)
    return path


def named_weights(model: RecurrentPPO) -> dict[str, torch.Tensor]:
    """Every weight once: the policy also lists its encoder as the actor's and the critic's."""
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


def load_checkpoint(path: Path, env: VecEnv, precision: Precision, threads: int) -> RecurrentPPO:
    """A model that trains on from where it was saved, with its random state.

    Raises:
        CorruptFileError: If the file cannot be read.
    """
    torch.set_num_threads(threads)
    try:
        model = RecurrentPPO.load(path, env=env, device="cpu")
    except Exception as error:
        raise CorruptFileError(
            f"{path} cannot be loaded ({type(error).__name__}: {error}): delete it, and the"
            " checkpoint before it is taken."
        ) from error
    model.precision = precision
    if model.random_state is not None:
        torch.set_rng_state(torch.from_numpy(model.random_state))
    return model
