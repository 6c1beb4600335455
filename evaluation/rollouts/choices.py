"""Choice of the played action from an agent's decision.

The judge draws the action, not the agent, so that a sampled episode is independent of the episodes
played beside it.
"""

from __future__ import annotations

import hashlib

import numpy as np

from evaluation.records.placements import level_indices
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.spec import Mode
from policies.agents.base import Decision


class AgentError(FalseBeaconError):
    """An agent that gave no playable decision for a whole batch."""


class Noise:
    """Gumbel noise for every decision of the episodes in their slots.

    An episode's noise depends on the evaluation's seed and the level's split and index only, not
    on the batch or on the other splits.
    """

    def __init__(self, bank: LevelBank, num_envs: int, num_actions: int, seed: int) -> None:
        self._bank, self._seed = bank, seed
        self._indices = level_indices(bank.splits)
        self._noise = np.zeros((num_envs, int(bank.time_limits.max()), num_actions), np.float32)

    def start(self, slots: np.ndarray, levels: np.ndarray) -> None:
        """Draws the noise of the episodes that begin in some slots."""
        for slot, level in zip(slots, levels, strict=True):
            name = f"{self._bank.splits[level]}/{self._indices[level]}".encode()
            key = int.from_bytes(hashlib.sha256(name).digest()[:8], "little")
            generator = np.random.Generator(np.random.Philox(key=[self._seed, key]))
            self._noise[slot] = generator.gumbel(size=self._noise.shape[1:])

    def at(self, elapsed: np.ndarray) -> np.ndarray:
        """float32[N, A] noise for each slot's next decision, after `elapsed` int64[N]."""
        return self._noise[np.arange(len(elapsed)), elapsed]


def check_shapes(name: str, decision: Decision, num_envs: int, num_actions: int) -> None:
    """Raises AgentError for a decision that is not one row of numbers per environment."""
    shapes = {"log_probs": (num_envs, num_actions), "actions": (num_envs,), "values": (num_envs,)}
    for field, shape in shapes.items():
        given = getattr(decision, field)
        if given is None:
            continue
        if np.shape(given) != shape:
            raise AgentError(
                f"agent {name!r} returned {field} of shape {np.shape(given)}, expected {shape}"
            )
        if np.asarray(given).dtype.kind not in "iuf":
            raise AgentError(
                f"agent {name!r} returned {field} of type {np.asarray(given).dtype}, not numbers"
            )
    if decision.log_probs is None and decision.actions is None:
        raise AgentError(f"agent {name!r} returned neither log_probs nor actions")


def choose(
    decision: Decision, num_actions: int, mode: Mode, noise: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Picks every slot's action.

    Args:
        decision: The agent's decision, of checked shapes.
        num_actions: A.
        mode: ``greedy`` takes the likeliest action, ``sampled`` adds the noise first
            (Gumbel-max). Actions that an agent gives itself are played in both modes.
        noise: float32[N, A].

    Returns:
        Actions int64[N], and bool[N] for slots without a playable action: these hold action 0.
    """
    if decision.log_probs is None:
        given = np.asarray(decision.actions, float)
        faulty = ~np.isfinite(given) | (given != np.floor(given))
        faulty |= (given < 0) | (given >= num_actions)
        return np.where(faulty, 0, given).astype(np.int64), faulty
    scores = np.asarray(decision.log_probs, np.float32)
    faulty = np.isnan(scores).any(axis=1) | ~np.isfinite(scores).any(axis=1)
    faulty |= (scores == np.inf).any(axis=1)
    picked = scores if mode == "greedy" else scores + noise
    return np.where(faulty, 0, np.nan_to_num(picked, neginf=-1e30).argmax(axis=1)), faulty


def complaint(name: str, decision: Decision, slot: int, num_actions: int) -> str:
    """The reason why a slot's decision cannot be played, in one line."""
    if decision.log_probs is not None:
        row = np.asarray(decision.log_probs)[slot].tolist()
        return f"agent {name!r} gave log-probabilities {row}"
    given = np.asarray(decision.actions)[slot]
    return f"agent {name!r} gave action {given}; actions are 0 to {num_actions - 1}"
