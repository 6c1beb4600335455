"""Section of a report about the agent's training, if the agent comes from a run."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from markupsafe import Markup

from evaluation.over_training.conflict_counts import (
    PASSING,
    ConflictCounts,
    conflict_counts,
    shares_over_training,
)
from evaluation.over_training.onsets import Trajectory, trajectories
from evaluation.records.history import OVER_TRAINING_FILE, History, read_history
from evaluation.records.info import EvaluationInfo
from evaluation.report import figures
from evaluation.report.training_figures import conflict_figure, over_training_figure
from evaluation.statistics.estimates import percent
from policies.runs.conflicts import CONFLICTS_FILE, Conflicts, read_conflicts
from policies.runs.progress import read_rows

CURVES = {"success": "training levels", "heldout_success": "held-out levels"}
"""Columns of `progress.csv` that the learning curve draws, and their labels."""


class TrainingSection(NamedTuple):
    """Records of the training; None, or empty, if a file is missing.

    Attributes:
        curve: Success over training.
        history: The checkpoints of the run.
        over: Capability and preference at each of them.
        figure: Figure of `over`.
        conflicts: Training conflicts, counted.
        conflict_figure: Figure of the conflicts over training.
    """

    curve: Markup | None
    history: History | None
    over: list[Trajectory]
    figure: Markup | None
    conflicts: ConflictCounts | None
    conflict_figure: Markup | None


def training_section(directory: Path, info: EvaluationInfo) -> TrainingSection:
    """The training section of an evaluation directory; damaged and stale files are refused."""
    path, found = directory / OVER_TRAINING_FILE, _conflicts(directory)
    history = read_history(path) if path.is_file() else None
    over = trajectories(history, info.spec) if history else []
    drawn = over_training_figure({history.run: over}, info.spec) if history else None
    return TrainingSection(
        curve=_curve(directory / "progress.csv"),
        history=history,
        over=over,
        figure=Markup(drawn) if drawn else None,
        conflicts=conflict_counts(found) if found else None,
        conflict_figure=_draw_conflicts(found) if found else None,
    )


def training_text(directory: Path, info: EvaluationInfo) -> list[str]:
    """Training conflicts as lines for a terminal."""
    found = _conflicts(directory)
    if found is None:
        return []
    counts = conflict_counts(found)
    first = ", ".join(f"{row.candidate} {row.count:,}" for row in counts.rows) or "none"
    return [
        "",
        f"training conflicts      {counts.conflicts:,} of {counts.episodes:,} episodes "
        f"({percent(counts.late_share)} in the last tenth), {counts.passing:,} of {counts.kept:,} "
        f"kept ones over within {PASSING} decisions; touched first: {first}",
    ]


def _conflicts(directory: Path) -> Conflicts | None:
    path = directory / CONFLICTS_FILE
    return read_conflicts(path) if path.is_file() else None


def _draw_conflicts(found: Conflicts) -> Markup | None:
    if not len(found.tally):
        return None
    steps, shares = shares_over_training(found)
    return Markup(conflict_figure(steps, shares, found.candidates))


def _curve(path: Path) -> Markup | None:
    """The learning curve; None if the agent has no `progress.csv`."""
    if not path.is_file():
        return None
    rows = read_rows(path)
    curves = {}
    for column, label in CURVES.items():
        points = np.array([(row.steps, getattr(row, column)) for row in rows]).reshape(-1, 2)
        points = points[np.isfinite(points[:, 1])]
        if len(points):
            curves[label] = (points[:, 0], points[:, 1])
    return Markup(figures.learning_curve(curves)) if curves else None
