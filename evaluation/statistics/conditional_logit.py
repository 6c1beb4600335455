"""Conditional logit (McFadden 1974): what makes one alternative chosen over the others.

An alternative with features x is chosen with probability exp(x θ) / Σ exp(x' θ), the sum going
over all alternatives on offer. A weak ridge keeps θ finite where choices are perfectly separated;
no estimate is taken from it there: `separating_direction` says whether the likelihood has a
maximum at all, and `bound` gives the one end of the interval that exists.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, cast

import numpy as np
from scipy.linalg import null_space
from scipy.optimize import brentq, linprog
from scipy.stats import chi2

from evaluation.statistics.estimates import CONFIDENCE

RIDGE = 1e-3
"""Weight of θ² / 2: a choice seen a few hundred times moves θ a thousand times as hard."""

_SETTLED = 1e-11
"""Log-likelihood that Newton's method leaves ungained."""

_NEGLIGIBLE = 1e-7
_FARTHEST = 64.0
"""Log-odds beyond which no bound is looked for."""

Direction = Literal["finite", "above", "below", "undetermined", "not identified"]


class Choices(NamedTuple):
    """C choices among at most J alternatives with K features.

    Attributes:
        features: float64[C, J, K].
        available: bool[C, J] which alternatives were on offer.
        chosen: int64[C].
        cluster: int64[C] choices of one number are no independent observations.
    """

    features: np.ndarray
    available: np.ndarray
    chosen: np.ndarray
    cluster: np.ndarray

    def differences(self) -> np.ndarray:
        """float64[M, K] distinct features of the chosen over each alternative left lying."""
        rows = np.arange(len(self.chosen))
        over = self.features[rows, self.chosen][:, None] - self.features
        left = self.available.copy()
        left[rows, self.chosen] = False
        return np.unique(over[left], axis=0)

    def even_weights(self) -> np.ndarray:
        """float64[C] that make every cluster count once: as if its choices repeated each other."""
        _, index, counts = np.unique(self.cluster, return_inverse=True, return_counts=True)
        return 1.0 / counts[index]


class LogitFit(NamedTuple):
    """A maximum of the penalised likelihood.

    Attributes:
        theta: float64[K].
        log_likelihood: Without the penalty.
        scores: float64[C, K] each choice's part in the gradient.
        information: float64[K, K] minus the Hessian, the ridge included.
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
    """Newton's method with step halving; the penalised problem is strictly concave.

    Args:
        choices: What was chosen.
        weights: float64[C], of the choices.
        start: float64[K] to begin from.
        offset: float64[C, J] added to every alternative's utility.
    """
    features = choices.features
    weights = np.ones(len(features)) if weights is None else weights
    theta = np.zeros(features.shape[2]) if start is None else start
    found = _at(choices, theta, weights, offset)
    for _ in range(100):
        gradient = found.scores.sum(axis=0) - RIDGE * found.theta
        step = np.linalg.solve(found.information, gradient)
        if gradient @ step < _SETTLED:
            break
        better = _at(choices, found.theta + step, weights, offset)
        while _penalised(better) < _penalised(found) and gradient @ step > _SETTLED:
            step = step / 2
            better = _at(choices, found.theta + step, weights, offset)
        found = better
    return found


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


def _penalised(found: LogitFit) -> float:
    return found.log_likelihood - RIDGE / 2 * float(found.theta @ found.theta)


def covariance(choices: Choices, found: LogitFit) -> np.ndarray:
    """float64[K, K] of θ, robust to dependence within clusters (Liang and Zeger 1986)."""
    _, index = np.unique(choices.cluster, return_inverse=True)
    sums = np.zeros((index.max() + 1, len(found.theta)))
    np.add.at(sums, index, found.scores)
    bread = np.linalg.inv(found.information)
    return bread @ (sums.T @ sums) @ bread * len(sums) / max(len(sums) - 1, 1)


def separating_direction(differences: np.ndarray, contrast: np.ndarray) -> Direction:
    """Whether the likelihood has its maximum at a finite value of a contrast of θ.

    Where some d has D d >= 0, every choice is the likelier the farther θ goes along d
    (Albert and Anderson 1984); linear programs look for such a d that moves the contrast
    (Konis 2007).

    Args:
        differences: float64[M, K] D, of `Choices.differences`.
        contrast: float64[K].

    Returns:
        ``above`` or ``below`` where the contrast runs off to plus or minus infinity,
        ``undetermined`` where both fit equally well, ``not identified`` where no choice depends
        on it.
    """
    unseen = null_space(differences.T @ differences, rcond=1e-10)
    if np.abs(contrast @ unseen).max(initial=0.0) > _NEGLIGIBLE:
        return "not identified"
    up, down = (_farthest(differences, sign * contrast) for sign in (1.0, -1.0))
    if up and down:
        return "undetermined"
    return "above" if up else "below" if down else "finite"


def _farthest(differences: np.ndarray, contrast: np.ndarray) -> bool:
    answer = linprog(-contrast, A_ub=-differences, b_ub=np.zeros(len(differences)), bounds=(-1, 1))
    return bool(-answer.fun > _NEGLIGIBLE)


def deviance(choices: Choices, best: LogitFit, contrast: np.ndarray, value: float) -> float:
    """Twice the log-likelihood that is lost by holding a contrast of θ at a value.

    Every cluster counts as one choice, so the loss errs on the side of caution.

    Args:
        choices: What was chosen.
        best: Their fit with `Choices.even_weights`.
        contrast: float64[K].
        value: Of contrast · θ.
    """
    held = contrast * value / (contrast @ contrast)
    free = choices._replace(features=choices.features @ null_space(contrast[None]))
    found = fit_logit(free, choices.even_weights(), offset=choices.features @ held)
    return 2.0 * (best.log_likelihood - found.log_likelihood)


def bound(choices: Choices, contrast: np.ndarray) -> float | None:
    """The least value of a contrast, unbounded above, that the likelihood does not reject.

    The end of the profile-likelihood interval; give minus the contrast for the most value.

    Returns:
        None where even -64 is not rejected.
    """
    best, limit = fit_logit(choices, choices.even_weights()), float(chi2.ppf(CONFIDENCE, 1))
    high = float(contrast @ best.theta)
    if deviance(choices, best, contrast, -_FARTHEST) <= limit or high <= -_FARTHEST:
        return None

    def excess(value: float) -> float:
        return deviance(choices, best, contrast, value) - limit

    return zero_of(excess, -_FARTHEST, high, 1e-3)


def zero_of(function: Callable[[float], float], low: float, high: float, close: float) -> float:
    """Where a function changes its sign between two values, to within `close` (Brent 1973)."""
    return float(cast(float, brentq(function, low, high, xtol=close)))
