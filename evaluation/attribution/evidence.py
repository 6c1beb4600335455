"""What an agent's decisions say of its target, before any inverse temperature is chosen.

Decisions count up to the first touch of a candidate. What somebody does who has come to one says
nothing about whether it went there, and the admission of levels keeps every candidate off the best
way to another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.navigation.replay import ReplayedEpisodes
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.visibility.sightings import sightings
from policies.agents.devices import DEVICES, behaviours

NOISES = (0.02, 0.1, 0.3)
"""Shares of a device's decisions that are any."""

WORST = 4.0
"""Decisions: an action that costs more than this beyond the best is as bad as one that does."""

UNDECIDED = 4.0
"""Decisions: who turns away nearer to its first target than this might have it already."""

TIED = 1.0
"""Decisions between the nearest candidate and the next below which neither counts as nearest."""

HABIT = 1.0
"""Times that every action is taken to have followed every other, before anything is counted."""


class Evidence(NamedTuple):
    """D decisions of E episodes of one agent in one mode; C candidates, A actions.

    Attributes:
        spec: The task.
        begins: int64[E + 1] where each episode's decisions begin; the last entry is D.
        action: int64[D].
        extra: float32[D, C, A] decisions that each action costs beyond the best one, at most
            `WORST`; NaN where the candidate is absent.
        nearest: int64[D] the candidate with the least cost.
        rivals: bool[E, C] the candidates that are nearest at the spawn, to `TIED` decisions; none
            where there are several on every level, so that going to the nearest says nothing.
        distant: bool[D, C] whether a candidate was `UNDECIDED` or more decisions away.
        shown: bool[D, C] whether the frame before the decision showed it.
        arrived: bool[E, C] whether the episode's last decision touched it.
        search: float64[D] log-likelihood of each decision as one of somebody who looks for
            something, by this agent's own habits.
        devices: float32[D, V] log-likelihood of the episode so far under each variant of a device.
        kinds: int64[V] index into `DEVICES` of each variant.
    """

    spec: TaskSpec
    begins: np.ndarray
    action: np.ndarray
    extra: np.ndarray
    nearest: np.ndarray
    rivals: np.ndarray
    distant: np.ndarray
    shown: np.ndarray
    arrived: np.ndarray
    search: np.ndarray
    devices: np.ndarray
    kinds: np.ndarray


def evidence(
    spec: TaskSpec, bank: LevelBank, level: np.ndarray, trace: ReplayedEpisodes, action: np.ndarray
) -> Evidence:
    """Everything about decisions that does not depend on the inverse temperature.

    Args:
        spec: The task.
        bank: The levels.
        level: int64[E] bank index of each episode.
        trace: Of the episodes up to the first touch; each has at least one decision.
        action: int[D].
    """
    action = action.astype(np.int64)
    best = trace.cost.min(axis=2)
    known = np.isfinite(best)
    with np.errstate(invalid="ignore"):
        extra = np.minimum(trace.cost - best[:, :, None], WORST)
    extra[~known] = np.nan
    wanted = np.where(known, best, np.inf)
    shown = _shown(spec, bank, level, trace)
    previous = _previous(trace.begins, action)
    lost = ~(shown & known).any(axis=1)
    steps = _device_steps(spec, trace, action, previous)
    parts = [part for variants in steps.values() for part in variants]
    devices = np.stack([running(trace.begins, part) for part in parts], axis=1)
    return Evidence(
        spec=spec,
        begins=trace.begins,
        action=action,
        extra=extra,
        nearest=wanted.argmin(axis=1),
        rivals=_rivals(wanted[trace.begins[:-1]]),
        distant=known & (best >= UNDECIDED),
        shown=shown,
        arrived=trace.inside[trace.begins[1:] - 1],
        search=habits(previous, action, lost, len(spec.actions)),
        devices=devices.astype(np.float32),
        kinds=np.array([DEVICES.index(name) for name, parts in steps.items() for _ in parts]),
    )


def _rivals(wanted: np.ndarray) -> np.ndarray:
    """`Evidence.rivals` from the cost of each candidate at the spawn, float64[E, C]."""
    rivals = wanted < wanted.min(axis=1, keepdims=True) + TIED
    return rivals & bool((rivals.sum(axis=1) == 1).any())


def _previous(begins: np.ndarray, action: np.ndarray) -> np.ndarray:
    """int64[D] the action before each, -1 for the first of an episode."""
    previous = np.concatenate([[-1], action[:-1]])
    previous[begins[:-1][begins[:-1] < len(action)]] = -1
    return previous


def habits(previous: np.ndarray, action: np.ndarray, lost: np.ndarray, choices: int) -> np.ndarray:
    """How likely each action is by what an agent does while it is shown no candidate.

    Args:
        previous: int64[D] action before each, -1 for none.
        action: int64[D].
        lost: bool[D] decisions to learn the habits from.
        choices: A.

    Returns:
        float64[D] log-likelihoods, from a Markov chain of first order.
    """
    counts = np.full((choices + 1, choices), HABIT)
    np.add.at(counts, (previous[lost], action[lost]), 1.0)
    chances = np.log(counts / counts.sum(axis=1, keepdims=True))
    return chances[previous, action]


def _shown(
    spec: TaskSpec, bank: LevelBank, level: np.ndarray, trace: ReplayedEpisodes
) -> np.ndarray:
    """bool[D, C] what the frame before each decision showed."""
    owner = np.repeat(level, np.diff(trace.begins))
    starts = trace.begins[:-1]
    where = np.roll(trace.position, 1, axis=0)
    where[starts] = bank.spawn[level, :3]
    return sightings(spec, bank, owner, np.column_stack([where, trace.yaw]))


@njit(cache=True)
def running(begins, values):
    """Sums within each episode up to every decision: float64[D] of float64[D]."""
    sums = np.empty(len(values))
    for e in range(len(begins) - 1):
        total = 0.0
        for t in range(begins[e], begins[e + 1]):
            total += values[t]
            sums[t] = total
    return sums


def _device_steps(
    spec: TaskSpec, trace: ReplayedEpisodes, action: np.ndarray, previous: np.ndarray
) -> dict[str, list[np.ndarray]]:
    """Class of device -> log-likelihood float64[D] of each decision, by variant and noise."""
    choices = len(spec.actions)
    found = {"random": [np.full(len(action), -np.log(choices))]}
    for name, variants in behaviours(spec).items():
        hits = [
            predict(trace.yaw, trace.blocked, previous) == action for predict in variants.values()
        ]
        found[name] = [
            np.log(np.where(hit, 1 - noise + noise / choices, noise / choices))
            for hit in hits
            for noise in NOISES
        ]
    return found
