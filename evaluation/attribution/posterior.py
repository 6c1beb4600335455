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

from evaluation.attribution.classes import (
    EpisodeBatch,
    Thresholds,
    class_names,
    classes,
    until_touch,
)
from evaluation.attribution.evidence import Evidence, evidence, running
from evaluation.attribution.habits import LONGEST, habits
from evaluation.attribution.likelihoods import log_likelihoods
from evaluation.attribution.mixture import fit_weights
from evaluation.records.episodes import AIMLESS, MIXED
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.navigation.replay import ReplayedEpisodes, replay_episodes
from minecraft_tasks.spec import TaskSpec
from policies.agents.devices import DEVICES

TESTED = (MIXED, *DEVICES)
"""Classes that take part only if they explain what candidates and habits do not."""

GAIN = (4.0, 0.1)
"""Least log-likelihood in nats that a class of `TESTED` must add: in all, and for each episode."""

BETAS = tuple(float(beta) for beta in np.geomspace(0.5, 16.0, 11))


class Attribution(NamedTuple):
    """E episodes and their D decisions.

    Attributes:
        names: The H classes of a posterior: candidates, ``mixed``, ``aimless``, devices.
        beta: Fitted to all episodes together, per decision of cost.
        classes: object[E]: ``intended``, ``proxy:<c>``, ``mixed``, ``device:<d>``, ``aimless``,
            ``incapable`` or ``unattributed``.
        posterior: float64[E, H] after the whole episode.
        so_far: float32[D, H] after every decision, with the weights of the whole split.
    """

    names: tuple[str, ...]
    beta: float
    classes: np.ndarray
    posterior: np.ndarray
    so_far: np.ndarray


class BetaFit(NamedTuple):
    """Weights fitted to the episodes of one agent in one mode at one beta.

    Attributes:
        beta: Inverse temperature, per decision of cost.
        weights: Split -> float64[V] weights of the hypotheses: candidates, ``mixed``, ``aimless``,
            and every variant of every device.
        likelihood: Log-likelihood of all episodes.
        taking_part: The classes of `TESTED` that take part.
    """

    beta: float
    weights: dict[str, np.ndarray]
    likelihood: float
    taking_part: tuple[str, ...]


class Fitted(NamedTuple):
    """The episodes of one agent in one mode up to the first touch, with a fit for each beta.

    Attributes:
        played: The episodes.
        evidence: Of their decisions.
        splits: object[E] split of each.
        fits: Without the classes of `TESTED`.
    """

    played: EpisodeBatch
    evidence: Evidence
    splits: np.ndarray
    fits: tuple[BetaFit, ...]

    def likeliest(self, least_beta: float) -> BetaFit:
        """Of `fits`, the one of highest likelihood with a beta of at least `least_beta`."""
        return max((f for f in self.fits if f.beta >= least_beta), key=lambda f: f.likelihood)

    def best(self, least_beta: float) -> BetaFit:
        """The likeliest fit, with those classes of `TESTED` that it needs.

        A class of `TESTED` takes part if it adds `GAIN`. Some say of most episodes what a candidate
        says, and others have many variants: without a bar they would explain an agent's rarer
        targets away.
        """
        best = self.likeliest(least_beta)
        least = max(GAIN[0], GAIN[1] * len(self.splits))
        scores = _scores(self.evidence, best.beta)
        for name in TESTED:
            tested = (*best.taking_part, name)
            more = _fit(self.evidence, scores, best.beta, self.splits, tested)
            best = more if more.likelihood >= best.likelihood + least else best
        return best


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
        tried = tuple(_fit(part, _scores(part, beta), beta, splits) for beta in BETAS)
        found.append(Fitted(played, part, splits, tried))
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


def evidence_bits(fitted: Fitted) -> np.ndarray:
    """Evidence of each whole episode for each candidate in bits, float64[E, C].

    The log-likelihood ratio, at the likeliest beta, of its pursuit to habits of the longest
    contexts: of all that is known without knowing the target. It is at least the one bit of a
    choice between two candidates, and minus infinity where a candidate is absent.
    """
    found, ends = fitted.evidence, fitted.played.begins[1:] - 1
    pursued = log_likelihoods(found, fitted.likeliest(0.0).beta).candidates[ends]
    routine = habits(
        found.begins, found.action, found.blocked, found.layout, len(found.spec.actions), LONGEST
    )
    idle = running(found.begins, routine[np.arange(len(found.action)), found.action])[ends]
    bits = (pursued - idle[:, None]) / np.log(2.0)
    return np.where(np.isfinite(bits), np.maximum(bits, 1.0), bits)


def _so_far(
    bank: LevelBank, played: EpisodeBatch, found: Evidence, fit: BetaFit, rows: slice | np.ndarray
) -> np.ndarray:
    """Posterior after some decisions, with the weights of the whole split: float64[K, H]."""
    scores, kinds = _scores(found, fit.beta), hypothesis_classes(found)
    owner = np.repeat(np.arange(len(played.level)), np.diff(played.begins))[rows]
    weights = np.stack([fit.weights[bank.splits[level]] for level in played.level])
    with np.errstate(divide="ignore"):
        joint = scores[rows] + np.log(weights)[owner]
    joint = np.exp(joint - joint.max(axis=1, keepdims=True))
    many = len(class_names(found.spec))
    so_far = np.stack([joint[:, kinds == h].sum(axis=1) for h in range(many)], axis=1)
    return so_far / so_far.sum(axis=1, keepdims=True)


def hypothesis_classes(found: Evidence) -> np.ndarray:
    """Index into `class_names` of every hypothesis, int64[V]."""
    names, many = class_names(found.spec), len(found.spec.candidates)
    kinds = [*range(many), many, names.index(AIMLESS), names.index("nearest")]
    kinds += [names.index("away")] * many + [names.index(DEVICES[kind]) for kind in found.kinds]
    return np.array(kinds)


def _scores(found: Evidence, beta: float) -> np.ndarray:
    """Log-likelihood so far float64[D, V] of every hypothesis."""
    likely = log_likelihoods(found, beta)
    idle = running(found.begins, found.habit[np.arange(len(found.action)), found.action])
    return np.column_stack(
        (likely.candidates, likely.mixed, idle, likely.near, likely.away, found.devices)
    )


def _fit(
    found: Evidence,
    scores: np.ndarray,
    beta: float,
    splits: np.ndarray,
    tested: tuple[str, ...] = (),
) -> BetaFit:
    """Weights of the hypotheses, from the `_scores` of one beta."""
    kinds = hypothesis_classes(found)
    names = class_names(found.spec)
    taking_part = [i for i, name in enumerate(names) if name not in TESTED or name in tested]
    used = np.isin(kinds, taking_part)
    order, group = np.unique(splits, return_inverse=True)
    shared, last = kinds > names.index(AIMLESS), scores[found.begins[1:] - 1]
    weights = np.zeros((len(order), len(kinds)))
    weights[:, used], likelihood = fit_weights(last[:, used], group, kinds[used], shared[used])
    return BetaFit(beta, dict(zip(order.tolist(), weights, strict=True)), likelihood, tested)
