"""Checks of training for NaN and infinity, and a dump of the batch that caused them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import atomic_write
from policies.networks.step import States, step


class NotFiniteError(FalseBeaconError):
    """Numbers of training that are NaN or infinite.

    Attributes:
        what: The numbers, in words.
        batch: Their inputs: arrays and tensors, or tuples of them, by name.
    """

    def __init__(self, what: str, batch: Mapping[str, Any]) -> None:
        super().__init__(f"{what}: not all of them are finite numbers.")
        self.what, self.batch = what, batch


def require_finite(
    what: str, numbers: torch.Tensor | np.ndarray, batch: Callable[[], Mapping[str, Any]]
) -> None:
    """Raises NotFiniteError if there is a NaN or infinity among some numbers.

    Args:
        what: The numbers, in words.
        numbers: Of any shape and dtype.
        batch: Gathers the error's `batch`; called only for an error.
    """
    if not torch.isfinite(torch.as_tensor(numbers)).all():
        raise NotFiniteError(what, batch())


def require_sound(model: Any) -> None:
    """Checks that a `RecurrentPPO` may be saved.

    Raises:
        NotFiniteError: If a weight, or the output for the current frames, is not finite.
    """
    starts = torch.as_tensor(model._last_episode_starts, device=model.device)
    frames = torch.as_tensor(model._last_obs, device=model.device)
    states: States = model._last_lstm_states
    batch = {"frames": frames, "starts": starts, "states": states}
    for name, weight in model.policy.named_parameters():
        inputs = partial(dict, batch, weights=weight)
        require_finite(f"the weights {name}", weight.detach(), inputs)
    model.policy.set_training_mode(False)
    log_probs, values, _ = step(model.policy, frames, states, starts, model.precision)
    batch |= {"log_probs": log_probs, "values": values}
    require_finite("the policy's log-probabilities", log_probs, lambda: batch)
    require_finite("the policy's values", values, lambda: batch)


def write_dump(directory: Path, error: NotFiniteError, steps: int) -> Path:
    """Writes `nan-<steps>.npz` into a run directory: the batch, in arrays by name."""
    path = directory / f"nan-{steps:09d}.npz"
    arrays = dict(_arrays("", error.batch))
    with atomic_write(path) as temporary, temporary.open("wb") as handle:
        np.savez_compressed(
            handle, allow_pickle=False, what=np.array(error.what), steps=np.array(steps), **arrays
        )
    return path


def _arrays(name: str, value: Any) -> Iterator[tuple[str, np.ndarray]]:
    """Every array in nested tuples, by the names that lead to it, such as ``states.pi.0``."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    elif isinstance(value, tuple):
        value = dict(enumerate(value))
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _arrays(f"{name}.{key}" if name else str(key), part)
    else:
        yield name, torch.as_tensor(value).detach().cpu().numpy()
