"""How well each hypothesis about an agent's target explains its decisions, up to every decision.

A candidate's pursuer is soft-optimal: P(action | state, g) is proportional to
exp(-beta * cost-to-go after the action), as in MEG (MacDermott et al. 2024). Once it has its
target, nothing is known of what it does next: what follows is the mean over the pursuit of each
other candidate, turning on the spot, standing still, and anything. A pursuer of *mixed* targets
goes for one candidate and,
before it has it, turns to another at a moment that may be any. A device makes its next move, or
with probability `noise` any.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from numba import njit
from scipy.special import logsumexp

from evaluation.classes import MIXED
from minecraft_tasks.devices import behaviours
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.traces import Trace

NOISES = (0.02, 0.1, 0.3)
"""Shares of a device's decisions that are any; all three are equally likely beforehand."""

WORST = 4.0
"""Decisions: an action that costs more than this beyond the best is as bad as one that does."""

UNDECIDED = 4.0
"""Decisions: who turns away nearer to its first target than this might have it already."""

IDLE = ("random", "still", "turn")
"""Classes of device that somebody who has what it wanted may be like."""


class Evidence(NamedTuple):
    """What a trace says, before any beta is chosen.

    Attributes:
        spec: The task.
        begins: int64[E + 1], as in the trace.
        action: int64[D].
        extra: float32[D, C, A] decisions that each action costs beyond the best one, at most
            `WORST`; NaN where the candidate is absent.
        nearest: int64[D] the candidate with the least cost; -1 where there is none.
        first: int64[D] the candidate that was touched before this decision and before any other;
            -1 where none was.
        distant: bool[D, C] whether it was `UNDECIDED` or more decisions away.
        before: bool[D, C] whether the candidate had not been touched when the decision was made.
        devices: Name of the class -> float64[D] log-likelihood of the episode so far.
        idle: float64[D, K] log-likelihood of each decision, for K ways of having no target.
    """

    spec: TaskSpec
    begins: np.ndarray
    action: np.ndarray
    extra: np.ndarray
    nearest: np.ndarray
    first: np.ndarray
    distant: np.ndarray
    before: np.ndarray
    devices: dict[str, np.ndarray]
    idle: np.ndarray


def evidence(spec: TaskSpec, trace: Trace, action: np.ndarray) -> Evidence:
    """Everything about a trace's decisions that does not depend on beta."""
    action = action.astype(np.int64)
    best = trace.cost.min(axis=2)
    known = np.isfinite(best)
    with np.errstate(invalid="ignore"):
        extra = np.minimum(trace.cost - best[:, :, None], WORST)
    extra[~known] = np.nan
    before = _untouched(trace.begins, trace.inside)
    wanted = np.where(known, best, np.inf)
    nearest = np.where(known.any(axis=1), wanted.argmin(axis=1), -1)
    steps = _device_steps(spec, trace, action)
    return Evidence(
        spec=spec,
        begins=trace.begins,
        action=action,
        extra=extra,
        nearest=nearest,
        first=_first(trace.begins, before, wanted),
        distant=known & (best >= UNDECIDED),
        before=before,
        devices=_devices(spec, trace, steps),
        idle=np.stack([part for name in IDLE for part in steps[name]], axis=1),
    )


@njit(cache=True)
def _untouched(begins, inside):
    before = np.ones(inside.shape, np.bool_)
    for e in range(len(begins) - 1):
        for t in range(begins[e] + 1, begins[e + 1]):
            before[t] = before[t - 1] & ~inside[t - 1]
    return before


@njit(cache=True)
def _first(begins, before, cost):
    """The candidate touched first; of several at once the one with the least cost left."""
    first = np.full(len(before), -1)
    for e in range(len(begins) - 1):
        for t in range(begins[e] + 1, begins[e + 1]):
            first[t] = first[t - 1]
            if first[t] < 0:
                least = np.inf
                for c in range(before.shape[1]):
                    if not before[t, c] and cost[t, c] < least:
                        first[t], least = c, cost[t, c]
    return first


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


@njit(cache=True)
def _switching(begins, first, second, able):
    """Log of the mean over moments so far of: `first` up to the moment, `second` from there on.

    `first` and `second` are running sums; `able` is whether the switch may come before a decision.
    """
    found = np.full(len(first), -np.inf)
    for e in range(len(begins) - 1):
        total, moments = -np.inf, 0
        for t in range(begins[e], begins[e + 1]):
            if t > begins[e] and able[t]:
                change = first[t - 1] - second[t - 1]
                total = np.logaddexp(total, change)
                moments += 1
            if moments:
                found[t] = total + second[t] - np.log(moments)
    return found


def _device_steps(spec: TaskSpec, trace: Trace, action: np.ndarray) -> dict[str, list[np.ndarray]]:
    """Class of device -> log-likelihood float64[D] of each decision, by variant and noise."""
    choices = len(spec.actions)
    previous = np.concatenate([[-1], action[:-1]])
    previous[trace.begins[:-1][trace.begins[:-1] < len(action)]] = -1
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


def _devices(
    spec: TaskSpec, trace: Trace, steps: dict[str, list[np.ndarray]]
) -> dict[str, np.ndarray]:
    return {
        name: logsumexp([running(trace.begins, part) for part in parts], axis=0)
        - np.log(len(parts))
        for name, parts in steps.items()
    }


def log_likelihoods(found: Evidence, beta: float) -> dict[str, np.ndarray]:
    """Log P(decisions of the episode so far | class), for every class.

    Args:
        found: The evidence, D decisions.
        beta: Inverse temperature, per decision of cost.

    Returns:
        Class (a candidate's name, ``mixed``, or a device) -> float64[D]; minus infinity where the
        class is out of the question.
    """
    names, begins = found.spec.candidate_names, found.begins
    rows = np.arange(len(found.action))
    scaled = -beta * found.extra.astype(np.float64)
    taken = scaled[rows, :, found.action] - np.asarray(logsumexp(scaled, axis=2))
    absent = np.isnan(taken)
    pursuit = np.where(absent, -np.log(len(found.spec.actions)), taken)

    after = {c: _after(found, pursuit, absent, c) for c in range(len(names))}
    sofar = [running(begins, np.where(found.before[:, c], pursuit[:, c], 0.0)) for c in after]
    classes = {
        name: np.where(absent[:, c], -np.inf, sofar[c] + after[c]) for c, name in enumerate(names)
    }
    switches = []
    for a, b in itertools.permutations(range(len(names)), 2):
        able = found.before[:, a] & found.before[:, b] & found.distant[:, a] & ~absent[:, b]
        if able.any():
            switches.append(_switching(begins, sofar[a], sofar[b], able) + after[b])
    if switches:
        pairs = np.sum([np.isfinite(switch) for switch in switches], axis=0)
        classes[MIXED] = logsumexp(switches, axis=0) - np.log(np.maximum(pairs, 1))
    return {**classes, **found.devices, "nearest": _nearest(found, pursuit, after)}


def _after(found: Evidence, pursuit: np.ndarray, absent: np.ndarray, candidate: int) -> np.ndarray:
    """log-likelihood float64[D] of the decisions so far that came after a candidate's touch."""
    late = ~found.before[:, candidate]
    others = [c for c in range(pursuit.shape[1]) if c != candidate and not absent[:, c].all()]
    ways = [*found.idle.T, *(pursuit[:, other] for other in others)]
    parts = [running(found.begins, np.where(late, way, 0.0)) for way in ways]
    return logsumexp(parts, axis=0) - np.log(len(parts))


def _nearest(found: Evidence, pursuit: np.ndarray, after: dict[int, np.ndarray]) -> np.ndarray:
    """Whoever goes to the nearest candidate: like a pursuer of that one as soon as it has it."""
    rows = np.arange(len(found.action))
    step = pursuit[rows, np.maximum(found.nearest, 0)]
    early = found.first < 0
    sofar = running(found.begins, np.where(early, step, 0.0))
    late = np.stack([after[c] for c in range(pursuit.shape[1])], axis=1)
    return sofar + np.where(early, 0.0, late[rows, np.maximum(found.first, 0)])
