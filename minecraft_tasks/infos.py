"""Infos of batched environments, as gymnasium defines them: arrays, each with a mask.

Every key has a mask bool[N] under the same name after an underscore, True in the slots where it
holds (`gymnasium.vector.VectorEnv`). Where episodes ended and others began in the same step,
``final_obs`` and ``final_info`` are the last ones of the episodes that ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np

from minecraft_tasks.core.errors import lookup


def check_options(options: Mapping[str, Any] | None, known: Sequence[str]) -> None:
    """Refuses an option of a reset that the environment does not have.

    Raises:
        UnknownNameError: With the nearest known one.
    """
    for name in options or {}:
        lookup("reset option", name, dict.fromkeys(known))


def masked(values: Mapping[str, Any], mask: np.ndarray) -> dict[str, Any]:
    """Values, each with a mask bool[N]."""
    return {**values, **{f"_{key}": mask for key in values}}


def failures(broken: Mapping[int, str], given_up: Set[int], num_envs: int) -> dict[str, Any]:
    """Info of the slots whose engine failed in a step; empty where none did."""
    if not broken:
        return {}
    slots = np.arange(num_envs)
    reasons = np.array([broken.get(slot) for slot in range(num_envs)], object)
    lost_for_good = np.isin(slots, list(given_up))
    return masked({"broken": reasons, "given_up": lost_for_good}, np.isin(slots, list(broken)))


def with_final(
    info: Mapping[str, Any], final: Mapping[str, Any], frames: np.ndarray, ended: np.ndarray
) -> dict[str, Any]:
    """Info of a step in which episodes ended and others began.

    The arrays of ``final_info`` hold the whole step in every slot, and their masks the slots where
    it was the last one, so that `played` costs nothing.

    Args:
        info: Of the episodes that are played now.
        final: Of the step, before any began.
        frames: uint8[N, H, W, C], the last ones of the episodes that ended.
        ended: bool[N].
    """
    kept = ("_broken", "_given_up")
    left = {
        key: ended if key[0] == "_" and key not in kept else values for key, values in final.items()
    }
    return {**info, **masked({"final_obs": frames, "final_info": left}, ended)}


def played(info: Mapping[str, Any]) -> Mapping[str, Any]:
    """Info of a step in every slot, before any took its next level."""
    return info.get("final_info", info)


def broken_slots(info: Mapping[str, Any]) -> dict[int, str]:
    """Slot -> reason of its engine's failure in the step of this info; most often empty."""
    if "broken" not in info:
        return {}
    return {int(slot): info["broken"][slot] for slot in np.flatnonzero(info["_broken"])}
