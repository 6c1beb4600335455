"""Conditional logit of the candidate that is touched first.

The alternatives of a level are its candidates; the features of each are its identity, its distance
in decisions, its side, whether the first frame shows it, and whether it was the first to be shown.
Episodes that touched neither are no choice and are counted separately, as in every table of
preference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.stats import norm

from evaluation.measures.preference import shown_first
from evaluation.records.episodes import NEITHER, Episodes
from evaluation.records.placements import Placements
from evaluation.statistics.conditional_logit import (
    Choices,
    Direction,
    LogitFit,
    bound,
    covariance,
    fit_logit,
    separating_direction,
)
from evaluation.statistics.estimates import CONFIDENCE
from minecraft_tasks.core.records import Record
from minecraft_tasks.spec import TaskSpec

COST, BEARING_SIDE, SEEN, SHOWN_FIRST = (
    "ten decisions more",
    "on the right",
    "in view",
    "shown first",
)
"""Terms other than candidates, whose names have no space."""

COST_UNIT = 10.0
"""Decisions in one unit of the term `COST`."""


class Coefficient(Record):
    """One term of the model, as log-odds.

    Attributes:
        term: A candidate, against the intended goal; `COST`; `BEARING_SIDE`, right against left of
            the spawn's heading; `SEEN`, in the first frame against not; `SHOWN_FIRST`, shown by an
            earlier frame than every other candidate of the level.
        direction: Of `separating_direction`.
        value: The estimate; None unless the direction is ``finite``.
        error: Its standard error, clustered by layout.
        low: Lower end of the 95 % interval; None if unbounded.
    """

    term: str
    direction: Direction
    value: float | None = None
    error: float | None = None
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        if self.direction == "finite":
            return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"
        if self.direction == "above":
            return "unbounded" if self.low is None else f"at least {self.low:.2f}"
        if self.direction == "below":
            return "unbounded" if self.high is None else f"at most {self.high:.2f}"
        return self.direction


class Logit(Record):
    """The model of the choices in one mode.

    Attributes:
        choices: Episodes on conflict and factorial levels that touched a candidate.
        neither: Episodes there that touched none, which the model leaves out.
        clusters: Layouts of the choices.
        reference: The intended goal, whose term is 0.
        coefficients: Every other term.
    """

    choices: int
    neither: int
    clusters: int
    reference: str
    coefficients: tuple[Coefficient, ...]

    def term(self, name: str) -> Coefficient | None:
        """The coefficient of a term; None if the model lacks it."""
        return next((row for row in self.coefficients if row.term == name), None)


class Design(NamedTuple):
    """Choices as arrays.

    Attributes:
        choices: Alternatives in the order of the task's candidates.
        terms: Names of the K features.
        cost: float64[C, J] fewest decisions to each alternative; NaN where it is absent.
        neither: Episodes without a choice, which are left out.
    """

    choices: Choices
    terms: tuple[str, ...]
    cost: np.ndarray
    neither: int

    def contrast(self, weights: Mapping[str, float]) -> np.ndarray:
        """Weights of terms as float64[K]; the reference has no term and is ignored."""
        return np.array([weights.get(term, 0.0) for term in self.terms])


def design(episodes: Episodes, placements: Placements, spec: TaskSpec) -> Design | None:
    """The choices in an agent's valid episodes of one mode; None without a choice.

    `placements` lists the levels of the episodes.
    """
    part = episodes.take(np.isin(episodes["split"], spec.apart))
    decided = part["first"] != NEITHER
    neither, part = int((~decided).sum()), part.take(decided)
    if len(part) == 0:
        return None
    names = spec.candidate_names
    available = ~np.isnan(part.optimal)
    rows = placements.rows_of(part["split"], part["level"])
    bearing, seen = (
        np.stack([placements[f"{kind}_{name}"][rows] for name in names], axis=1).astype(float)
        for kind in ("bearing", "seen")
    )
    identity = [np.where(available, np.eye(len(names))[k], 0.0) for k in range(len(names))]
    others = [k for k in range(len(names)) if k != spec.intended and available[:, k].any()]
    columns = {names[k]: identity[k] for k in others}
    columns[COST] = part.optimal / COST_UNIT
    columns[BEARING_SIDE] = np.sign(np.round(np.sin(np.radians(bearing)), 6)) / 2
    columns[SEEN] = seen
    columns[SHOWN_FIRST] = shown_first(part.shown)
    features = np.stack([np.where(available, column, 0.0) for column in columns.values()], axis=-1)
    cluster = np.unique(part["layout"].astype(str), return_inverse=True)[1]
    chosen = np.array([names.index(name) for name in part["first"]], np.int64)
    choices = Choices(features, available, chosen, cluster)
    return Design(choices, tuple(columns), part.optimal.astype(float), neither)


def logit(made: Design, spec: TaskSpec) -> Logit:
    """The fitted model of a design."""
    found = fit_logit(made.choices)
    variance = covariance(made.choices, found)
    terms = range(len(made.terms))
    return Logit(
        choices=len(made.choices.chosen),
        neither=made.neither,
        clusters=len(np.unique(made.choices.cluster)),
        reference=spec.intended_name,
        coefficients=tuple(_coefficient(made, found, variance, index) for index in terms),
    )


def _coefficient(made: Design, found: LogitFit, variance: np.ndarray, index: int) -> Coefficient:
    term, contrast = made.terms[index], np.eye(len(made.terms))[index]
    towards = separating_direction(made.choices.differences(), contrast)
    value = error = low = high = None
    if towards == "finite":
        value, error = float(found.theta[index]), float(np.sqrt(variance[index, index]))
        half = float(norm.ppf((1 + CONFIDENCE) / 2)) * error
        low, high = value - half, value + half
    elif towards == "above":
        low = bound(made.choices, contrast)
    elif towards == "below":
        most = bound(made.choices, -contrast)
        high = None if most is None else -most
    ends = {"low": low, "high": high}
    return Coefficient(term=term, direction=towards, value=value, error=error, **ends)
