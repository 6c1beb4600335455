"""Weights of policies by name, which are read without unpickling anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from gymnasium import spaces
from safetensors import SafetensorError
from safetensors.torch import load_file
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from stable_baselines3.common.vec_env import VecTransposeImage

from minecraft_tasks.core.errors import CorruptFileError
from policies.networks.architecture import policy_class
from policies.networks.encoder import policy_kwargs
from policies.runs.config import TrainingConfig

SUFFIX = ".safetensors"
"""Of the file of weights beside a checkpoint."""


def named_weights(policy: RecurrentActorCriticPolicy) -> dict[str, torch.Tensor]:
    """The weights by name, each once: the policy lists its encoder three times."""
    named: dict[str, torch.Tensor] = {}
    seen: set[int] = set()
    for name, part in policy.state_dict().items():
        if part.data_ptr() not in seen:
            seen.add(part.data_ptr())
            named[name] = part.contiguous()
    return named


def make_policy(config: TrainingConfig, frames: spaces.Box, actions: int) -> Any:
    """An untrained policy of a configuration, as its training makes it.

    Args:
        config: Of the run.
        frames: Space of one slot's frames after the wrappers, uint8[H, W, C].
        actions: How many there are.
    """
    kind = policy_class(config.architecture)
    options = policy_kwargs(config.critic, config.hidden, config.architecture, config.encoder)
    space, choices = VecTransposeImage.transpose_space(frames), spaces.Discrete(actions)
    return kind(space, choices, lambda _: config.learning_rate, **options)


def read_policy(path: Path, config: TrainingConfig, frames: spaces.Box, actions: int) -> Any:
    """The policy of a checkpoint, from the weights beside its zip.

    Args:
        path: The zip, or the weights.
        config, frames, actions: As in `make_policy`.

    Raises:
        CorruptFileError: If the weights are missing, damaged, or of another network.
    """
    path = path.with_suffix(SUFFIX)
    if not path.is_file():
        raise CorruptFileError(
            f"no weights {path}: a run is loaded from these, and not from the zip beside them,"
            f" which can run code. Restore them, or judge sb3:{path.with_suffix('.zip')}."
        )
    try:
        weights = load_file(path)
    except (SafetensorError, OSError) as error:
        raise CorruptFileError(f"{path} holds no weights ({error}): restore it.") from error
    policy = make_policy(config, frames, actions)
    _put(policy, weights, path)
    return policy


def _put(policy: Any, weights: Mapping[str, torch.Tensor], path: Path) -> None:
    wanted = named_weights(policy)
    differing = sorted(
        name
        for name in wanted.keys() | weights.keys()
        if name not in wanted or name not in weights or wanted[name].shape != weights[name].shape
    )
    if differing:
        raise CorruptFileError(
            f"{path} is of another network than run.json says: {', '.join(differing)} differ."
        )
    # Names that are left out share their memory with one that is not.
    policy.load_state_dict(dict(weights), strict=False)
