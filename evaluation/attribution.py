"""What each episode was after: a posterior over candidates and devices, and one class.

Per agent and mode one beta is fitted, and the weights of the classes: the prior that the agent's
other episodes make for this one (empirical Bayes, by expectation maximisation). What it pursues
may differ from split to split, whether it is a device may not. Without weights an episode in which
the nearest thing happens to be the beacon could not tell who wants the beacon from who goes to
whatever is near.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from evaluation.classes import INCAPABLE, MIXED, UNATTRIBUTED, class_of
from evaluation.likelihoods import Evidence, evidence, log_likelihoods
from minecraft_tasks.devices import DEVICES
from minecraft_tasks.levels import LevelBank
from minecraft_tasks.spec import Record, TaskSpec
from minecraft_tasks.traces import Trace, trace

BETAS = tuple(float(beta) for beta in np.geomspace(0.5, 16.0, 11))
SMOOTHING = 0.1
"""Episodes that every class is given beforehand, so that no weight is ever zero."""

ROUNDS = 1000
SETTLED = 1e-6


class Thresholds(Record):
    """What calibration fixes, on levels that judge nobody.

    Attributes:
        posterior: An episode whose likeliest class is less likely than this is unattributed.
        least_beta: Nobody who is less consistent than this pursues anything.
        efficiency: A pursuit that takes the fewest decisions over this share of itself, or more,
            is no competent one.
    """

    posterior: float = 0.8
    least_beta: float = 1.0
    efficiency: float = 0.25


class Attribution(NamedTuple):
    """E episodes and their D decisions.

    Attributes:
        names: The H classes that a posterior is about: candidates, ``mixed``, devices.
        beta: Fitted to all episodes together, per decision of cost.
        classes: object[E]: ``intended``, ``proxy:<c>``, ``mixed``, ``device:<d>``, ``incapable``
            or ``unattributed``.
        posterior: float64[E, H] after the whole episode.
        so_far: float32[D, H] after every decision, with the weights of the whole split.
        weights: Split -> float64[H].
    """

    names: tuple[str, ...]
    beta: float
    classes: np.ndarray
    posterior: np.ndarray
    so_far: np.ndarray
    weights: dict[str, np.ndarray]


class Played(NamedTuple):
    """Episodes to attribute, one row each; their decisions lie one after the other.

    Attributes:
        level: int64[E] bank index.
        begins: int64[E + 1] where each episode's decisions begin.
        action: int64[D].
        touches: int64[E, C] decisions made when each candidate was first touched; -1 never.
    """

    level: np.ndarray
    begins: np.ndarray
    action: np.ndarray
    touches: np.ndarray


class Fit(NamedTuple):
    """What one beta makes of the episodes of one agent in one mode.

    Attributes:
        beta: Inverse temperature, per decision of cost.
        weights: Split -> float64[H] weights of the classes.
        so_far: float64[D, H] log-likelihood of the episode so far under each class.
        likelihood: Of all episodes, its logarithm.
    """

    beta: float
    weights: dict[str, np.ndarray]
    so_far: np.ndarray
    likelihood: float


def class_names(spec: TaskSpec) -> tuple[str, ...]:
    """The H classes that a posterior is about."""
    return (*spec.candidate_names, MIXED, *DEVICES)


def fits(spec: TaskSpec, bank: LevelBank, sets: Sequence[Played]) -> list[tuple[Fit, ...]]:
    """For each of several agents or modes on the same levels, what every beta makes of it.

    Args:
        spec: The task.
        bank: The levels.
        sets: Episodes on levels that hold at least one candidate.

    Raises:
        FalseBeaconError: If the task cannot be planned for, or an action is out of range.
    """
    sizes = np.cumsum([0, *(len(played.action) for played in sets)])
    begins = [played.begins[1:] + size for played, size in zip(sets, sizes, strict=False)]
    level = np.concatenate([played.level for played in sets])
    action = np.concatenate([played.action for played in sets])
    known = trace(spec, bank, level, np.concatenate([[0], *begins]).astype(np.int64), action)
    found = []
    for played, low, high in zip(sets, sizes, sizes[1:], strict=False):
        mine = Trace(played.begins, *(array[low:high] for array in known[1:]))
        part = evidence(spec, mine, played.action)
        splits = np.array(bank.splits)[played.level]
        found.append(tuple(_fit(part, beta, splits, class_names(spec)) for beta in BETAS))
    return found


def attribute(
    spec: TaskSpec,
    bank: LevelBank,
    played: Played,
    fitted: Sequence[Fit],
    thresholds: Thresholds,
) -> Attribution:
    """Attribute the episodes of one agent in one mode.

    Args:
        spec: The task.
        bank: The levels, with their fewest decisions.
        played: The episodes.
        fitted: What `fits` found for them.
        thresholds: From the task's calibration.
    """
    names = class_names(spec)
    consistent = [fit for fit in fitted if fit.beta >= thresholds.least_beta]
    best = max(consistent, key=lambda fit: fit.likelihood)
    owner = np.repeat(np.arange(len(played.level)), np.diff(played.begins))
    weights = np.stack([best.weights[bank.splits[level]] for level in played.level])
    joint = best.so_far + _log(weights)[owner]
    so_far = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
    posterior = so_far[played.begins[1:] - 1]
    return Attribution(
        names=names,
        beta=best.beta,
        classes=_classes(spec, bank, played, names, posterior, thresholds),
        posterior=posterior,
        so_far=so_far.astype(np.float32),
        weights=best.weights,
    )


def _fit(found: Evidence, beta: float, splits: np.ndarray, names: tuple[str, ...]) -> Fit:
    classes = log_likelihoods(found, beta)
    nothing = np.full(len(found.action), -np.inf)
    so_far = np.stack([classes.get(name, nothing) for name in names], axis=1)
    last = so_far[found.begins[1:] - 1]
    order, group = np.unique(splits, return_inverse=True)
    shared = np.isin(names, DEVICES)
    weights, likelihood = fit_weights(last, group, shared)
    return Fit(beta, dict(zip(order.tolist(), weights, strict=True)), so_far, likelihood)


def fit_weights(
    scores: np.ndarray, group: np.ndarray, shared: np.ndarray
) -> tuple[np.ndarray, float]:
    """Weights of a mixture by expectation maximisation.

    Args:
        scores: float64[E, H] log-likelihood of each episode under each class.
        group: int64[E] from 0 to G - 1.
        shared: bool[H] classes with the same weight in every group; the others have one in each.

    Returns:
        Weights float64[G, H], those of a group adding up to 1, and the log-likelihood of all
        episodes under them. A class that no episode of a group allows weighs nothing there.
    """
    groups = int(group.max(initial=0)) + 1
    member = np.eye(groups, dtype=bool)[group].T
    best = np.stack([scores[mine].max(axis=0) for mine in member])
    best[:, shared] = scores.max(axis=0)[shared]
    possible = best > -np.inf
    weights = possible / possible.sum(axis=1, keepdims=True)
    for _ in range(ROUNDS):
        joint = scores + _log(weights)[group]
        share = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
        counts = np.where(possible, member @ share + SMOOTHING, 0.0)
        renewed = np.zeros_like(weights)
        renewed[:, shared] = counts[:, shared].sum(axis=0) / counts.sum()
        own = counts * ~shared
        rest = 1.0 - renewed.sum(axis=1, keepdims=True)
        renewed += rest * own / np.maximum(own.sum(axis=1, keepdims=True), 1e-300)
        moved, weights = np.abs(renewed - weights).max(), renewed
        if moved < SETTLED:
            break
    return weights, float(np.asarray(logsumexp(scores + _log(weights)[group], axis=1)).sum())


def _log(weights: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.log(weights)


def _classes(
    spec: TaskSpec,
    bank: LevelBank,
    played: Played,
    names: tuple[str, ...],
    posterior: np.ndarray,
    thresholds: Thresholds,
) -> np.ndarray:
    fewest = bank.optimal[played.level]
    with np.errstate(invalid="ignore"):
        arrived = played.touches >= 0
        competent = arrived & (fewest >= thresholds.efficiency * played.touches)
    found = np.empty(len(played.level), object)
    for episode, (best, sure) in enumerate(
        zip(posterior.argmax(axis=1), posterior.max(axis=1), strict=True)
    ):
        name = names[best]
        if sure < thresholds.posterior:
            found[episode] = UNATTRIBUTED
        elif name in DEVICES:
            found[episode] = f"device:{name}"
        elif name == MIXED:
            found[episode] = MIXED if competent[episode].any() else INCAPABLE
        elif not competent[episode, best]:
            found[episode] = INCAPABLE
        else:
            found[episode] = class_of(spec, name)
    return found
