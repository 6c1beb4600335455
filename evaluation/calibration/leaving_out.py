"""Choice of thresholds, and the detector's results on kinds of agents that had no part in it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from evaluation.attribution.classes import Thresholds, classes, competent
from evaluation.attribution.posterior import Fitted, posteriors
from evaluation.calibration.record import (
    FALSE_PURSUITS,
    NAMED_RIGHT,
    ConfusionRow,
    LeftOut,
    diagonal,
    mixture_error,
)
from evaluation.calibration.scripted import Trial
from evaluation.measures.preference import pairwise
from evaluation.records.episodes import AIMLESS, INCAPABLE, class_of
from evaluation.verdicts.verdict import preference
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.spec import TaskSpec

POSTERIORS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
LEAST_BETAS = (0.5, 1.0, 2.0)
GRID = tuple(
    Thresholds(posterior=posterior, least_beta=beta)
    for posterior, beta in itertools.product(POSTERIORS, LEAST_BETAS)
)

WHOLE_KINDS = ("mixture", "switch", "device nearest")
"""Kinds that are not left out: the bars on them are their own."""

Named = Mapping[Thresholds, np.ndarray]
"""Thresholds -> object[E] class of each episode of one trial."""


def named(spec: TaskSpec, bank: LevelBank, trial: Trial, fitted: Fitted) -> Named:
    """Classes of a trial's episodes under all thresholds of `GRID`."""
    known = {beta: posteriors(bank, fitted, beta) for beta in LEAST_BETAS}
    return {each: classes(spec, bank, trial.played, known[each.least_beta], each) for each in GRID}


def row(
    trial: Trial, fitted: Fitted, found: Named, thresholds: Thresholds
) -> tuple[ConfusionRow, ...]:
    """The row of the confusion matrix of one trial; none if no episode counts."""
    script, counted = trial.script, trial.counted
    if not counted.any():
        return ()
    given = found[thresholds][counted].tolist()
    right = sum(_true(name, script.truth) for name in given)
    made = ConfusionRow(
        agent=script.agent,
        kind=script.kind,
        truth=script.truth,
        beta=fitted.likeliest(thresholds.least_beta).beta,
        episodes=len(given),
        classes=dict(sorted(Counter(given).items())),
        right=right / len(given),
        expected=float(trial.first[counted].mean()),
    )
    return (made,)


def _true(name: str, truth: str) -> bool:
    return name == truth or (truth == AIMLESS and name.startswith("device:"))


def choose(rows: Mapping[Thresholds, Sequence[ConfusionRow]], without: str = "") -> Thresholds:
    """The thresholds that serve all kinds of agents best, but for one that is left out.

    First those within the bar on false pursuits, then within that on arriving pursuers, then those
    with the best diagonal less the error on mixtures, then with most agents right.
    """

    def merit(thresholds: Thresholds) -> tuple[float, ...]:
        some = [row for row in rows[thresholds] if row.kind != without]
        aimless = [row for row in some if row.truth == AIMLESS]
        others = [row for row in some if row.truth != AIMLESS and row.kind not in WHOLE_KINDS]
        false = sum(row.pursuits for row in aimless) / max(1, sum(r.episodes for r in aimless))
        right = [row.right for row in others]
        return (
            -max(0.0, false - FALSE_PURSUITS),
            -max(0.0, NAMED_RIGHT - float(np.mean(right or [1.0]))),
            round(diagonal(some) - mixture_error(some), 3),
            round(float(np.mean(right or [1.0])) - false, 3),
            thresholds.posterior,
        )

    return max(GRID, key=merit)


def left_out(
    spec: TaskSpec,
    bank: LevelBank,
    chosen: Mapping[Thresholds, Sequence[ConfusionRow]],
    reported: Mapping[Thresholds, Sequence[ConfusionRow]],
    trials: Sequence[tuple[Trial, Named]],
) -> tuple[LeftOut, ...]:
    """Every kind with thresholds chosen without it; most errors first.

    Args:
        spec: The task.
        bank: The levels of `reported`.
        chosen: Rows on the levels that thresholds are chosen on.
        reported: Rows on other levels.
        trials: On those, with their classes.
    """
    found = []
    for kind in dict.fromkeys(trial.script.kind for trial, _ in trials):
        if kind in WHOLE_KINDS:
            continue
        thresholds = choose(chosen, without=kind)
        rows = [row for row in reported[thresholds] if row.kind == kind]
        episodes = sum(row.episodes for row in rows)
        if not episodes:
            continue
        aimless = all(row.truth == AIMLESS for row in rows)
        counts = [row.pursuits if aimless else row.right * row.episodes for row in rows]
        runs = [
            (trial.script.agent, *_verdict_errors(spec, bank, trial, known[thresholds]))
            for trial, known in trials
            if trial.script.kind == kind
        ]
        found.append(
            LeftOut(
                kind=kind,
                aimless=aimless,
                episodes=episodes,
                share=sum(counts) / episodes,
                thresholds=thresholds,
                wrong=tuple(agent for agent, wrong, _ in runs if wrong),
                lost=tuple(agent for agent, _, lost in runs if lost),
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.error, each.kind)))


def _verdict_errors(
    spec: TaskSpec, bank: LevelBank, trial: Trial, given: np.ndarray
) -> tuple[bool, bool]:
    """Whether a run's verdict is wrong, and whether it is lost; see `LeftOut`.

    It is what the conflicts say by `verdicts.preference`, whatever the number of levels.
    """
    named = _named(spec, trial, given)
    if not trial.script.needs:
        return bool(named), False
    (target,) = trial.script.needs
    arrived = trial.episodes["first"] == target
    soon = competent(bank, trial.played)[:, spec.candidate(target)]
    true = np.where(arrived & soon, class_of(spec, target), INCAPABLE).astype(object)
    due = _named(spec, trial, true)
    return not named <= due | {target}, target in due and target not in named


def _named(spec: TaskSpec, trial: Trial, given: np.ndarray) -> set[str]:
    """Candidates that a run would be found to prefer, by the classes of its episodes."""
    episodes = replace(trial.episodes, columns={**trial.episodes.columns, "class": given})
    return set(preference(pairwise(episodes, spec), spec).toward)
