"""Conditional logit (McFadden 1974): features that decide which alternative is chosen.

An alternative with features x is chosen with probability exp(x θ) / Σ exp(x' θ), the sum going
over all available alternatives. A weak ridge keeps θ finite where choices are perfectly separated;
no estimate is taken from it there: `separating_direction` tests whether the likelihood has a
maximum at all, and `bound` gives the one end of the interval that exists.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from scipy.linalg import null_space
from scipy.optimize import linprog, root_scalar
from scipy.stats import chi2

from evaluation.statistics.estimates import CONFIDENCE

RIDGE = 1e-3
"""Weight of θ² / 2, about a thousandth of the weight of a few hundred choices."""

_SETTLED = 1e-11
"""Gain in log-likelihood below which Newton's method ends."""

_NEGLIGIBLE = 1e-7
_FARTHEST = 64.0
"""Largest log-odds at which a bound is searched."""

Direction = Literal["finite", "above", "below", "undetermined", "not identified"]


class Choices(NamedTuple):
    """C choices among at most J alternatives with K features.

    Attributes:
        features: float64[C, J, K].
        available: bool[C, J].
        chosen: int64[C].
        cluster: int64[C]; choices of one number are not independent observations.
    """

    features: np.ndarray
    available: np.ndarray
    chosen: np.ndarray
    cluster: np.ndarray

    def differences(self) -> np.ndarray:
        """Distinct features of the chosen less those of a rejected alternative: float64[M, K]."""
        rows = np.arange(len(self.chosen))
        over = self.features[rows, self.chosen][:, None] - self.features
        left = self.available.copy()
        left[rows, self.chosen] = False
        return np.unique(over[left], axis=0)

    def even_weights(self) -> np.ndarray:
        """Weights float64[C] with which every cluster counts as one choice."""
        _, index, counts = np.unique(self.cluster, return_inverse=True, return_counts=True)
        return 1.0 / counts[index]


class LogitFit(NamedTuple):
    """A maximum θ, float64[K], of the penalised likelihood.

    Attributes:
        log_likelihood: Without the penalty.
        scores: float64[C, K] gradient of each choice.
        information: float64[K, K] minus the Hessian, with the ridge.
    """

    theta: np.ndarray
    log_likelihood: float
    scores: np.ndarray
    information: np.ndarray


def fit_logit(
    choices: Choices,
    weights: np.ndarray | None = None,
    start: np.ndarray | None = None,
    offset: np.ndarray | float = 0.0,
) -> LogitFit:
    """Fits θ by Newton's method with step halving; the penalised problem is strictly concave.

    Args:
        choices: C choices with K features.
        weights: float64[C] of the choices; 1 by default.
        start: float64[K] first θ; 0 by default.
        offset: float64[C, J] added to the utilities.
    """
    features = choices.features
    weights = np.ones(len(features)) if weights is None else weights
    theta = np.zeros(features.shape[2]) if start is None else start
    fit = _at(choices, theta, weights, offset)
    for _ in range(100):
        gradient = fit.scores.sum(axis=0) - RIDGE * fit.theta
        step = np.linalg.solve(fit.information, gradient)
        if gradient @ step < _SETTLED:
            break
        better = _at(choices, fit.theta + step, weights, offset)
        while _penalised(better) < _penalised(fit) and gradient @ step > _SETTLED:
            step = step / 2
            better = _at(choices, fit.theta + step, weights, offset)
        fit = better
    return fit


def _at(
    choices: Choices, theta: np.ndarray, weights: np.ndarray, offset: np.ndarray | float
) -> LogitFit:
    features, rows = choices.features, np.arange(len(choices.chosen))
    utility = np.where(choices.available, features @ theta + offset, -np.inf)
    utility -= utility.max(axis=1, keepdims=True)
    p = np.exp(utility)
    total = p.sum(axis=1, keepdims=True)
    p, log_p = p / total, utility - np.log(total)
    mean = np.einsum("cj,cjk->ck", p, features)
    flat = features.reshape(p.size, len(theta))
    spread = ((weights[:, None] * p).reshape(-1, 1) * flat).T @ flat
    spread -= (weights[:, None] * mean).T @ mean
    return LogitFit(
        theta,
        float(weights @ log_p[rows, choices.chosen]),
        weights[:, None] * (features[rows, choices.chosen] - mean),
        spread + RIDGE * np.eye(len(theta)),
    )


def _penalised(fit: LogitFit) -> float:
    return fit.log_likelihood - RIDGE / 2 * float(fit.theta @ fit.theta)


def covariance(choices: Choices, fit: LogitFit) -> np.ndarray:
    """float64[K, K] of θ, robust to dependence within clusters (Liang and Zeger 1986)."""
    _, index = np.unique(choices.cluster, return_inverse=True)
    sums = np.zeros((index.max() + 1, len(fit.theta)))
    np.add.at(sums, index, fit.scores)
    bread = np.linalg.inv(fit.information)
    return bread @ (sums.T @ sums) @ bread * len(sums) / max(len(sums) - 1, 1)


def separating_direction(differences: np.ndarray, contrast: np.ndarray) -> Direction:
    """Tests whether the likelihood has its maximum at a finite value of a contrast of θ.

    If D d >= 0 for some d, the likelihood rises without end along d (Albert and Anderson 1984);
    linear programs search for such a d that changes the contrast (Konis 2007).

    Args:
        differences: float64[M, K] D, of `Choices.differences`.
        contrast: float64[K].

    Returns:
        ``above`` or ``below`` if the contrast diverges to plus or minus infinity,
        ``undetermined`` if both fit equally well, ``not identified`` if no choice depends on it.
    """
    unseen = null_space(differences.T @ differences, rcond=1e-10)
    if np.abs(contrast @ unseen).max(initial=0.0) > _NEGLIGIBLE:
        return "not identified"
    up, down = (_diverges(differences, sign * contrast) for sign in (1.0, -1.0))
    if up and down:
        return "undetermined"
    return "above" if up else "below" if down else "finite"


def _diverges(differences: np.ndarray, contrast: np.ndarray) -> bool:
    answer = linprog(-contrast, A_ub=-differences, b_ub=np.zeros(len(differences)), bounds=(-1, 1))
    return bool(-answer.fun > _NEGLIGIBLE)


def deviance(choices: Choices, best: LogitFit, contrast: np.ndarray, value: float) -> float:
    """Twice the log-likelihood that is lost if contrast · θ, with contrast float64[K], is fixed.

    `best` is the fit with `Choices.even_weights`: every cluster counts as one choice, so the loss
    is a cautious one.
    """
    held = contrast * value / (contrast @ contrast)
    free = choices._replace(features=choices.features @ null_space(contrast[None]))
    fit = fit_logit(free, choices.even_weights(), offset=choices.features @ held)
    return 2.0 * (best.log_likelihood - fit.log_likelihood)


def bound(choices: Choices, contrast: np.ndarray) -> float | None:
    """Lower end of the profile-likelihood interval of a contrast that is unbounded above.

    Minus the contrast gives minus the upper end of one that is unbounded below. None if even -64
    is not rejected.
    """
    best, limit = fit_logit(choices, choices.even_weights()), float(chi2.ppf(CONFIDENCE, 1))
    high = float(contrast @ best.theta)
    if deviance(choices, best, contrast, -_FARTHEST) <= limit or high <= -_FARTHEST:
        return None

    def excess(value: float) -> float:
        return deviance(choices, best, contrast, value) - limit

    return float(root_scalar(excess, bracket=(-_FARTHEST, high), xtol=1e-3).root)
