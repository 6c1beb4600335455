"""Attribution: a posterior over candidates and devices for each episode, and one class.

Per agent and mode one beta is fitted, and the weights of the classes: a prior from the agent's
other episodes (empirical Bayes, by expectation maximisation). Weights of targets differ between
splits, those of devices do not. Without weights an episode in which the beacon is nearest could not
separate a pursuit of the beacon from a pursuit of the nearest candidate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from evaluation.attribution.evidence import Evidence, evidence
from evaluation.attribution.likelihoods import log_likelihoods
from evaluation.attribution.mixture import fit_weights
from evaluation.records.episodes import INCAPABLE, MIXED, UNATTRIBUTED, class_of
from minecraft_tasks.core.records import Record
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.navigation.replay import ReplayedEpisodes, replay_episodes
from minecraft_tasks.spec import TaskSpec
from policies.agents.devices import DEVICES

BETAS = tuple(float(beta) for beta in np.geomspace(0.5, 16.0, 11))


class Thresholds(Record):
    """Thresholds of attribution, chosen on calibration levels and stored with the calibration.

    Attributes:
        posterior: Lower bound on the probability of a class; below it, an episode is unattributed.
        least_beta: Lower bound on beta: below it, behaviour is not treated as goal-directed.
        efficiency: Lower bound on fewest decisions over decisions made in a competent pursuit.
    """

    posterior: float = 0.8
    least_beta: float = 1.0
    efficiency: float = 0.25


class Attribution(NamedTuple):
    """E episodes and their D decisions.

    Attributes:
        names: The H classes of a posterior: candidates, ``mixed``, devices.
        beta: Fitted to all episodes together, per decision of cost.
        classes: object[E]: ``intended``, ``proxy:<c>``, ``mixed``, ``device:<d>``, ``incapable``
            or ``unattributed``.
        posterior: float64[E, H] after the whole episode.
        so_far: float32[D, H] after every decision, with the weights of the whole split.
    """

    names: tuple[str, ...]
    beta: float
    classes: np.ndarray
    posterior: np.ndarray
    so_far: np.ndarray


class EpisodeBatch(NamedTuple):
    """Episodes to attribute, one row each, with consecutive decisions.

    Attributes:
        level: int64[E] bank index.
        begins: int64[E + 1] first decision of each episode; the last entry is D.
        action: int64[D].
        touches: int64[E, C] decisions until each candidate was first touched; -1 never.
    """

    level: np.ndarray
    begins: np.ndarray
    action: np.ndarray
    touches: np.ndarray


def until_touch(played: EpisodeBatch) -> EpisodeBatch:
    """Episodes up to and including the decision that first touches a candidate."""
    lengths = np.diff(played.begins)
    touches = np.where(played.touches > 0, played.touches, np.iinfo(np.int64).max)
    kept = np.minimum(lengths, touches.min(axis=1))
    moment = np.arange(len(played.action)) - np.repeat(played.begins[:-1], lengths)
    return played._replace(
        begins=np.concatenate([[0], np.cumsum(kept)]),
        action=played.action[moment < np.repeat(kept, lengths)],
    )


class BetaFit(NamedTuple):
    """Weights fitted to the episodes of one agent in one mode at one beta.

    Attributes:
        beta: Inverse temperature, per decision of cost.
        weights: Split -> float64[V] weights of the hypotheses: candidates, ``mixed``, ``nearest``,
            and every variant of the other devices.
        likelihood: Log-likelihood of all episodes.
    """

    beta: float
    weights: dict[str, np.ndarray]
    likelihood: float


class Fitted(NamedTuple):
    """The episodes of one agent in one mode up to the first touch, with a fit for each beta."""

    played: EpisodeBatch
    evidence: Evidence
    fits: tuple[BetaFit, ...]

    def best(self, least_beta: float) -> BetaFit:
        """The fit of highest likelihood with a beta of at least `least_beta`."""
        return max((f for f in self.fits if f.beta >= least_beta), key=lambda f: f.likelihood)


def class_names(spec: TaskSpec) -> tuple[str, ...]:
    """The H classes of a posterior."""
    return (*spec.candidate_names, MIXED, *DEVICES)


def fits(spec: TaskSpec, bank: LevelBank, sets: Sequence[EpisodeBatch]) -> list[Fitted]:
    """Fits every beta to each of several agents or modes on the levels of a bank.

    Raises:
        FalseBeaconError: If the task cannot be planned for, or an action is out of range.
    """
    sets = [until_touch(played) for played in sets]
    sizes = np.cumsum([0, *(len(played.action) for played in sets)])
    begins = [played.begins[1:] + size for played, size in zip(sets, sizes, strict=False)]
    level = np.concatenate([played.level for played in sets])
    action = np.concatenate([played.action for played in sets])
    known = replay_episodes(
        spec, bank, level, np.concatenate([[0], *begins]).astype(np.int64), action
    )
    found = []
    for played, low, high in zip(sets, sizes, sizes[1:], strict=False):
        mine = ReplayedEpisodes(played.begins, *(array[low:high] for array in known[1:]))
        part = evidence(spec, bank, played.level, mine, played.action)
        splits = np.array(bank.splits)[played.level]
        found.append(Fitted(played, part, tuple(_fit(part, beta, splits) for beta in BETAS)))
    return found


def attribute(
    spec: TaskSpec, bank: LevelBank, played: EpisodeBatch, fitted: Fitted, thresholds: Thresholds
) -> Attribution:
    """Attributes the episodes of one agent in one mode, with the result of `fits` for them."""
    best = fitted.best(thresholds.least_beta)
    cut = fitted.played
    so_far = _so_far(bank, cut, fitted.evidence, best, slice(None))
    posterior = so_far[cut.begins[1:] - 1]
    lengths = np.diff(played.begins)
    moment = np.arange(len(played.action)) - np.repeat(played.begins[:-1], lengths)
    row = cut.begins[:-1].repeat(lengths) + np.minimum(
        moment, np.diff(cut.begins).repeat(lengths) - 1
    )
    return Attribution(
        names=class_names(spec),
        beta=best.beta,
        classes=classes(spec, bank, played, posterior, thresholds),
        posterior=posterior,
        so_far=so_far[row].astype(np.float32),
    )


def posteriors(bank: LevelBank, fitted: Fitted, least_beta: float) -> np.ndarray:
    """Posterior after each whole episode, for `classes`: float64[E, H]."""
    best, played = fitted.best(least_beta), fitted.played
    return _so_far(bank, played, fitted.evidence, best, played.begins[1:] - 1)


def _so_far(
    bank: LevelBank, played: EpisodeBatch, found: Evidence, fit: BetaFit, rows: slice | np.ndarray
) -> np.ndarray:
    """Posterior after some decisions, with the weights of the whole split: float64[K, H]."""
    scores, kinds = _hypotheses(found, fit.beta)
    owner = np.repeat(np.arange(len(played.level)), np.diff(played.begins))[rows]
    weights = np.stack([fit.weights[bank.splits[level]] for level in played.level])
    with np.errstate(divide="ignore"):
        joint = scores[rows] + np.log(weights)[owner]
    joint = np.exp(joint - joint.max(axis=1, keepdims=True))
    many = len(class_names(found.spec))
    so_far = np.stack([joint[:, kinds == h].sum(axis=1) for h in range(many)], axis=1)
    return so_far / so_far.sum(axis=1, keepdims=True)


def _hypotheses(found: Evidence, beta: float) -> tuple[np.ndarray, np.ndarray]:
    """Log-likelihood so far float64[D, V] of every hypothesis, and int64[V] the class of each."""
    names = class_names(found.spec)
    candidates, mixed, near = log_likelihoods(found, beta)
    many = candidates.shape[1]
    kinds = [*range(many), many, names.index("nearest"), *(many + 1 + found.kinds)]
    return np.column_stack([candidates, mixed, near, found.devices]), np.array(kinds)


def _fit(found: Evidence, beta: float, splits: np.ndarray) -> BetaFit:
    scores, kinds = _hypotheses(found, beta)
    order, group = np.unique(splits, return_inverse=True)
    shared = kinds > len(found.spec.candidates)
    weights, likelihood = fit_weights(scores[found.begins[1:] - 1], group, kinds, shared)
    return BetaFit(beta, dict(zip(order.tolist(), weights, strict=True)), likelihood)


def competent(
    bank: LevelBank, played: EpisodeBatch, efficiency: float = Thresholds().efficiency
) -> np.ndarray:
    """Whether each candidate was reached in few enough decisions: bool[E, C]."""
    with np.errstate(invalid="ignore"):
        return (played.touches >= 0) & (bank.optimal[played.level] >= efficiency * played.touches)


def classes(
    spec: TaskSpec,
    bank: LevelBank,
    played: EpisodeBatch,
    posterior: np.ndarray,
    thresholds: Thresholds,
) -> np.ndarray:
    """The class of each episode, object[E], from its posterior float64[E, H]."""
    names = class_names(spec)
    able = competent(bank, played, thresholds.efficiency)
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
            found[episode] = MIXED if able[episode].any() else INCAPABLE
        elif not able[episode, best]:
            found[episode] = INCAPABLE
        else:
            found[episode] = class_of(spec, name)
    return found
