"""The conditional logit on choices whose coefficients are known, and where they have no bound."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax

from evaluation.statistics.conditional_logit import (
    Choices,
    bound,
    covariance,
    deviance,
    fit_logit,
    separating_direction,
)

TRUTH = np.array([1.2, -0.8, 0.5])


def choices(count: int, seed: int, theta: np.ndarray = TRUTH, alternatives: int = 3) -> Choices:
    """Choices as the model says, some alternatives missing."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, alternatives, len(theta)))
    available = rng.random((count, alternatives)) < 0.7
    available[:, :2] = True
    utility = features @ theta + rng.gumbel(size=(count, alternatives))
    chosen = np.where(available, utility, -np.inf).argmax(axis=1)
    return Choices(features, available, chosen, np.arange(count))


def always_first(count: int) -> Choices:
    """Two alternatives, one of which is always taken; each choice a cluster of its own."""
    features = np.zeros((count, 2, 1))
    features[:, 0, 0] = 1.0
    return Choices(features, np.ones((count, 2), bool), np.zeros(count, np.int64), np.arange(count))


def test_known_coefficients_are_recovered() -> None:
    made = choices(2000, seed=0)
    found = fit_logit(made)
    error = np.sqrt(np.diag(covariance(made, found)))
    assert (error < 0.1).all()
    assert (np.abs(found.theta - TRUTH) < 3 * error).all()


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    inside = []
    for seed in range(100):
        made = choices(150, seed)
        found = fit_logit(made)
        error = np.sqrt(np.diag(covariance(made, found)))
        inside.append(np.abs(found.theta - TRUTH) <= 1.96 * error)
    assert 0.90 <= np.mean(inside) <= 0.99


def test_the_maximum_is_that_of_a_general_optimiser() -> None:
    made = choices(300, seed=1)

    def loss(theta: np.ndarray) -> float:
        utility = np.where(made.available, made.features @ theta, -1e9)
        rows = np.arange(len(utility))
        return -float(log_softmax(utility, axis=1)[rows, made.chosen].sum())

    other = minimize(loss, np.zeros(3), method="BFGS")
    assert fit_logit(made).theta == pytest.approx(other.x, abs=1e-3)
    assert fit_logit(made).log_likelihood == pytest.approx(-other.fun, abs=1e-4)


def test_repeated_choices_count_once_in_clustered_errors() -> None:
    made = choices(400, seed=2)
    twice = Choices(*(np.concatenate([part, part]) for part in made))
    apart = twice._replace(cluster=np.arange(800))
    alone, together, naive = (
        np.sqrt(np.diag(covariance(each, fit_logit(each)))) for each in (made, twice, apart)
    )
    assert together == pytest.approx(alone, rel=0.01)
    assert naive == pytest.approx(alone / np.sqrt(2), rel=0.01)


def test_what_is_always_chosen_has_no_upper_bound() -> None:
    made = always_first(40)
    one = np.ones(1)
    assert separating_direction(made.differences(), one) == "above"
    assert separating_direction(made.differences(), -one) == "below"
    # 2 · 40 · log(1 + exp(-bound)) is the 95 % point of a chi-squared, 3.84.
    expected = -np.log(np.expm1(3.841 / 80))
    assert bound(made, one) == pytest.approx(expected, abs=0.02)


def test_twins_that_repeat_each_other_give_a_wider_bound() -> None:
    made = always_first(40)
    twins = made._replace(cluster=np.arange(40) // 2)
    assert bound(twins, np.ones(1)) == pytest.approx(bound(always_first(20), np.ones(1)), abs=0.01)


def test_one_choice_against_the_rest_makes_it_finite() -> None:
    made = always_first(40)
    made.chosen[0] = 1
    assert separating_direction(made.differences(), np.ones(1)) == "finite"
    assert fit_logit(made).theta == pytest.approx(np.log(39), abs=0.01)


def test_separation_in_one_feature_leaves_the_others_finite() -> None:
    made = choices(200, seed=3)
    extra = np.zeros((200, 3, 1))
    extra[np.arange(50), made.chosen[:50], 0] = 1.0
    wide = made._replace(features=np.concatenate([made.features, extra], axis=2))
    towards = [separating_direction(wide.differences(), row) for row in np.eye(4)]
    assert towards == ["finite", "finite", "finite", "above"]


def test_a_feature_that_never_differs_is_not_identified() -> None:
    made = choices(50, seed=4)
    flat = np.concatenate([made.features, np.ones((50, 3, 1))], axis=2)
    differences = made._replace(features=flat).differences()
    assert separating_direction(differences, np.eye(4)[3]) == "not identified"
    assert separating_direction(differences, np.eye(4)[0]) == "finite"


def test_choices_that_fit_any_value_are_undetermined() -> None:
    rng = np.random.default_rng(5)
    features = np.concatenate([always_first(20).features, rng.normal(size=(20, 2, 1))], axis=2)
    made = always_first(20)._replace(features=features)
    assert separating_direction(made.differences(), np.array([0.0, 1.0])) == "undetermined"


def test_holding_the_estimate_itself_loses_nothing() -> None:
    made = choices(100, seed=6)
    best, contrast = fit_logit(made), np.array([1.0, -1.0, 0.0])
    assert deviance(made, best, contrast, float(contrast @ best.theta)) == pytest.approx(
        0, abs=1e-3
    )
    assert deviance(made, best, contrast, 0.0) > 3.84
