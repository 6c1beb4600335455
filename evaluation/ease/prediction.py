"""Predicts an order of preference from figures of ease, and measures its agreement with another.

The prediction is that what is easier is preferred. The rule is fixed before any preference is seen:
each measure ranks the candidates, measures of one vote are averaged, and the order is that of the
mean over the votes. No measure is weighted by how well it did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import stats

from evaluation.ease.table import MEASURES, Ease, Prediction, Reading, read_ease
from minecraft_tasks.core.errors import FalseBeaconError, StaleError
from minecraft_tasks.core.records import Record
from minecraft_tasks.spec import TaskSpec

COMBINED, STATED = "all measures", "stated by hand"

ReadingTable = Mapping[str, Mapping[str, Reading]]
"""Measure -> candidate -> figure."""


class Forecast(NamedTuple):
    """A registered table next to what one agent preferred.

    Attributes:
        ease: The table.
        observed: Candidate -> share of the episodes in which it was touched first.
        agreements: Agreement of every predicted order with it, the combined one first.
    """

    ease: Ease
    observed: dict[str, float]
    agreements: tuple[Agreement, ...]


class Agreement(Record):
    """Agreement of one predicted order with the observed one.

    Attributes:
        prediction: A measure, `COMBINED` or `STATED`.
        tau: Kendall's tau-b, -1 to 1; None where either order ties all candidates.
        p: Two-sided, exact where nothing is tied; None likewise.
        n: Candidates compared.
    """

    prediction: str
    tau: float | None
    p: float | None
    n: int


def ranks(readings: Mapping[str, Reading], candidates: Sequence[str], measure: str) -> np.ndarray:
    """Ranks by one measure, 1 for the easiest; ties share the mean of theirs: float64[C].

    Candidates that did not reach a threshold are tied behind all that did.
    """
    sign = -MEASURES[measure].easier
    values = [readings[name].value for name in candidates]
    hardness = [np.inf if value is None else sign * value for value in values]
    return stats.rankdata(hardness)


def predict(readings: ReadingTable, candidates: Sequence[str]) -> Prediction:
    """The order that the measures predict together, by the rule of the module's docstring."""
    used = tuple(name for name in MEASURES if name in readings)
    votes: dict[str, list[np.ndarray]] = {}
    for name in used:
        votes.setdefault(MEASURES[name].vote, []).append(ranks(readings[name], candidates, name))
    if votes:
        mean = np.mean([np.mean(vote, axis=0) for vote in votes.values()], axis=0)
    else:
        mean = np.full(len(candidates), (len(candidates) + 1) / 2)
    order = tuple(str(candidates[index]) for index in np.argsort(mean, kind="stable"))
    by_name = dict(zip(candidates, mean.round(6).tolist(), strict=True))
    return Prediction(order=order, mean_rank=by_name, measures=used)


def score(ease: Ease, observed: Mapping[str, float] | Sequence[str]) -> tuple[Agreement, ...]:
    """Kendall's tau of every measure's order, the combined one and the stated one.

    Args:
        ease: The registered table.
        observed: Candidate -> share of first touches; or candidates in order, the most preferred
            first.

    Raises:
        FalseBeaconError: If it names other candidates than the table.
    """
    given = (
        observed if isinstance(observed, Mapping)
        else {name: float(-place) for place, name in enumerate(observed)}
    )  # fmt: skip
    if set(given) != set(ease.candidates):
        raise FalseBeaconError(
            f"the observed order names {', '.join(sorted(given))}, the ease of {ease.task} is of "
            f"{', '.join(sorted(ease.candidates))}."
        )
    names = ease.candidates
    hardness = {COMBINED: np.array([ease.prediction.mean_rank[name] for name in names])}
    hardness |= {
        measure: ranks(readings, names, measure) for measure, readings in ease.readings.items()
    }
    hardness[STATED] = np.array([ease.stated.index(name) for name in names], float)
    wanted = np.array([given[name] for name in names], float)
    return tuple(_agreement(name, -hard, wanted) for name, hard in hardness.items())


def _agreement(name: str, predicted: np.ndarray, wanted: np.ndarray) -> Agreement:
    """Kendall 1938, with the correction for ties of 1945 (tau-b)."""
    if np.ptp(predicted) == 0 or np.ptp(wanted) == 0:
        return Agreement(prediction=name, tau=None, p=None, n=len(wanted))
    tau, p = np.asarray(stats.kendalltau(predicted, wanted)).tolist()
    return Agreement(prediction=name, tau=tau, p=p, n=len(wanted))


def forecast(path: Path, spec: TaskSpec, observed: Mapping[str, float]) -> Forecast | None:
    """The scored table of this version of a task, from its file; None where it is missing or stale.

    `observed` is candidate -> share of first touches; others, such as "neither", are left out.
    """
    if not path.is_file():
        return None
    try:
        ease = read_ease(path, spec)
    except StaleError:
        return None
    given = {name: observed[name] for name in ease.candidates}
    return Forecast(ease, given, score(ease, given))
