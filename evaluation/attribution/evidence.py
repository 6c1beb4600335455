"""Evidence of an agent's decisions for each target, at any inverse temperature.

Decisions count up to the first touch of a candidate: later ones say nothing about its pursuit, and
the admission of levels keeps every candidate off the best way to another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from evaluation.attribution.habits import habits
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.navigation.replay import ReplayedEpisodes
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.visibility.sightings import sightings
from policies.agents.devices import DEVICES, behaviours

NOISES = (0.003, 0.05, 0.3)
"""Shares of a device's decisions that are uniformly random."""

WORST = 4.0
"""Largest extra cost of an action, in decisions; higher costs are cut to it."""

UNDECIDED = 4.0
"""Least distance from the first target, in decisions, at which a change of target counts."""

TIED = 1.0
"""Distances that differ by less than this, in decisions, are equally near."""


class Evidence(NamedTuple):
    """D decisions of E episodes of one agent in one mode; C candidates, A actions.

    Attributes:
        spec: The task.
        begins: int64[E + 1] first decision of each episode; the last entry is D.
        action: int64[D].
        extra: float32[D, C, A] decisions that each action costs beyond the best one, at most
            `WORST`; NaN where the candidate is absent.
        nearest: int64[D] the candidate with the least cost.
        rivals: bool[E, C] the candidates that are nearest at the spawn, to `TIED` decisions; none
            if every level has several, so that going to the nearest says nothing.
        distant: bool[D, C] whether a candidate was `UNDECIDED` or more decisions away.
        shown: bool[D, C] whether the frame before the decision showed it.
        arrived: bool[E, C] whether the episode's last decision touched it.
        habit: float64[D, A] log-probabilities of actions by the agent's habits on other layouts.
        devices: float32[D, V] log-likelihood of the episode so far under each variant of a device.
        kinds: int64[V] index into `DEVICES` of each variant.
        blocked: bool[D, P] collisions before each decision.
        layout: int64[E] layout of each episode.
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
    habit: np.ndarray
    devices: np.ndarray
    kinds: np.ndarray
    blocked: np.ndarray
    layout: np.ndarray


def evidence(
    spec: TaskSpec, bank: LevelBank, level: np.ndarray, trace: ReplayedEpisodes, action: np.ndarray
) -> Evidence:
    """Evidence of decisions int[D] that does not depend on the inverse temperature.

    `level` int64[E] is each episode's bank index; `trace` has at least one decision of each
    episode, up to the first touch.
    """
    action = action.astype(np.int64)
    best = trace.cost.min(axis=2)
    known = np.isfinite(best)
    with np.errstate(invalid="ignore"):
        extra = np.minimum(trace.cost - best[:, :, None], WORST)
    extra[~known] = np.nan
    wanted = np.where(known, best, np.inf)
    near = wanted[trace.begins[:-1]]
    rivals = near < near.min(axis=1, keepdims=True) + TIED
    shown = _shown(spec, bank, level, trace)
    previous = _previous(trace.begins, action)
    layout = np.unique(np.array(bank.layouts)[level], return_inverse=True)[1]
    steps = _device_steps(spec, trace, action, previous)
    parts = [part for variants in steps.values() for part in variants]
    devices = np.stack([running(trace.begins, part) for part in parts], axis=1)
    return Evidence(
        spec=spec,
        begins=trace.begins,
        action=action,
        extra=extra,
        nearest=wanted.argmin(axis=1),
        rivals=rivals & bool((rivals.sum(axis=1) == 1).any()),
        distant=known & (best >= UNDECIDED),
        shown=shown,
        arrived=trace.inside[trace.begins[1:] - 1],
        habit=habits(trace.begins, action, trace.blocked, layout, len(spec.actions)),
        devices=devices.astype(np.float32),
        kinds=np.array([DEVICES.index(name) for name, parts in steps.items() for _ in parts]),
        blocked=trace.blocked,
        layout=layout,
    )


def _previous(begins: np.ndarray, action: np.ndarray) -> np.ndarray:
    """The action before each, -1 for the first of an episode: int64[D]."""
    previous = np.concatenate([[-1], action[:-1]])
    previous[begins[:-1][begins[:-1] < len(action)]] = -1
    return previous


def _shown(
    spec: TaskSpec, bank: LevelBank, level: np.ndarray, trace: ReplayedEpisodes
) -> np.ndarray:
    """Candidates in the frame before each decision: bool[D, C]."""
    owner = np.repeat(level, np.diff(trace.begins))
    starts = trace.begins[:-1]
    where = np.roll(trace.position, 1, axis=0)
    where[starts] = bank.spawn[level, :3]
    return sightings(spec, bank, owner, np.column_stack([where, trace.yaw]))


@njit(cache=True)
def running(begins, values):
    """Cumulative sums float64[D] within each episode."""
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
        found[name] = [
            np.log(np.where(hit, 1 - noise + noise / choices, noise / choices))
            for predict in variants.values()
            for hit in [predict(trace.yaw, trace.blocked, previous) == action]
            for noise in NOISES
        ]
    return found
