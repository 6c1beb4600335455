"""Learning curves of a study: success on held-out levels over training, by condition.

Only progress.csv files are read. Held-out levels show the training distribution in other layouts,
so a choice by them is no choice on judging levels.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ticker import EngFormatter, PercentFormatter

from evaluation.style.palette import OKABE_ITO
from evaluation.style.svg import FAINT, canvas
from minecraft_tasks.core.errors import FalseBeaconError, lookup
from minecraft_tasks.core.files import atomic_write
from policies.runs.progress import ProgressRow, read_rows

REACHED = 0.9
"""Success on held-out levels that counts as having learnt a task."""


class Curve(NamedTuple):
    """Held-out success of one run, where it was measured.

    Attributes:
        steps: int64[K], decisions.
        success: float64[K], 0 to 1.
        cpu_seconds: float64[K], processor time of training; NaN where it was not measured.
    """

    steps: np.ndarray
    success: np.ndarray
    cpu_seconds: np.ndarray

    @property
    def mean(self) -> float:
        """Mean success over all of training: the area under the curve from step 0 on."""
        steps, success = np.append(0, self.steps), np.append(0.0, self.success)
        return float(np.trapezoid(success, steps) / steps[-1])

    @property
    def reached(self) -> str:
        """Decisions, and minutes of processor time, until `REACHED` was first measured."""
        at = np.flatnonzero(self.success >= REACHED)
        if not len(at):
            return "never"
        minutes = self.cpu_seconds[at[0]] / 60
        return f"{self.steps[at[0]]:,}" + (f" ({minutes:.1f} CPU-min)" if minutes >= 0 else "")


_Curves = Mapping[str, Mapping[str, Curve]]
"""Condition -> seed directory -> curve."""


def curve(rows: Sequence[ProgressRow]) -> Curve | None:
    """The curve of a run, or None where nothing was measured."""
    measured = [row for row in rows if row.heldout_success == row.heldout_success]
    if not measured:
        return None
    steps = np.array([row.steps for row in measured], np.int64)
    success = np.array([row.heldout_success for row in measured])
    return Curve(steps, success, np.array([row.cpu_seconds for row in measured]))


def read_curves(study: Path, task: str | None = None) -> dict[str, _Curves]:
    """Curves of every run below a study's directory, by task.

    Raises:
        UnknownNameError: If the study has no such task.
        FalseBeaconError: If no run has measured anything yet.
    """
    found: dict[str, dict[str, dict[str, Curve]]] = {}
    for path in sorted(study.glob("*/*/seed*/progress.csv")):
        run = path.parent
        read = curve(read_rows(path))
        if read is not None:
            conditions = found.setdefault(run.parent.parent.name, {})
            conditions.setdefault(run.parent.name, {})[run.name] = read
    if not found:
        raise FalseBeaconError(
            f"no learning curve below {study}: it needs <task>/<condition>/seed<n>/progress.csv"
            " with held-out success, as `falsebeacon study` leaves them."
        )
    return dict(found) if task is None else {task: lookup("task", task, found, str(study))}


def curves_table(curves: _Curves) -> str:
    """One line per condition, the best mean first."""
    width = max(map(len, curves))
    head = f"{'condition':{width}}  mean held-out success   last  "
    lines = [f"{head}steps to {REACHED:.0%} (each seed)"]
    ranked = sorted(
        curves.items(), key=lambda item: -statistics.mean(each.mean for each in item[1].values())
    )
    for name, runs in ranked:
        means = [each.mean for each in runs.values()]
        spread = f"{min(means):.3f} to {max(means):.3f}"
        last = statistics.mean(float(each.success[-1]) for each in runs.values())
        steps = ", ".join(each.reached for each in runs.values())
        mean = statistics.mean(means)
        lines.append(f"{name:{width}}  {mean:.3f} ({spread}){last:>7.2f}  {steps}")
    ends = {int(each.steps[-1]) for runs in curves.values() for each in runs.values()}
    if len(ends) > 1:
        lines.append(
            f"The last measurement of a run is after {min(ends):,} to {max(ends):,} decisions: "
            "means over unequal training do not compare."
        )
    return "\n".join(lines)


def draw_curves(curves: _Curves, conditions: Sequence[str], path: Path, title: str) -> None:
    """Draws some conditions into one picture: every run thin, their mean bold.

    The legend says when a single run reached `REACHED`.

    Args:
        curves: Of one task.
        conditions: At most six, in the order of the legend.
        path: Of the picture, a PNG or an SVG by its suffix.
        title: Of the picture.

    Raises:
        FalseBeaconError: If a condition is unknown, there are more conditions than colours, runs
            were measured at different steps, or the suffix is another one.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("png", "svg"):
        raise FalseBeaconError(f"{path} is no name of a picture: let it end in .png or .svg.")
    if len(conditions) > len(OKABE_ITO):
        raise FalseBeaconError(
            f"{len(conditions)} conditions are more than {len(OKABE_ITO)} colours: name fewer."
        )
    with canvas(6.6, 3.4) as figure:
        figure.set_facecolor("white")
        axes = figure.add_subplot(title=title, xlabel="decisions", ylim=(0, 1.02))
        axes.set_ylabel("success on held-out levels")
        for name, colour in zip(conditions, (*OKABE_ITO[1:], OKABE_ITO[0]), strict=False):
            runs = list(lookup("condition", name, dict(curves)).values())
            for run in runs:
                axes.plot(run.steps, run.success, color=colour, lw=0.8, alpha=0.5)
            length = min(len(run.steps) for run in runs)
            if any((run.steps[:length] != runs[0].steps[:length]).any() for run in runs):
                raise FalseBeaconError(
                    f"runs of {name} were measured at different steps: they are no one condition."
                )
            mean = np.mean([run.success[:length] for run in runs], axis=0)
            label = f"{name}, mean of {len(runs)} seeds"
            if len(runs) == 1:
                label = f"{name}, to {REACHED:.0%}: {runs[0].reached}"
            axes.plot(runs[0].steps[:length], mean, color=colour, lw=2.5, label=label)
        axes.axhline(REACHED, color=FAINT, lw=0.8, zorder=0)
        axes.xaxis.set_major_formatter(EngFormatter())
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.legend(frameon=False)
        FigureCanvasAgg(figure)
        with atomic_write(path) as temporary, temporary.open("wb") as handle:
            figure.savefig(handle, format=kind, dpi=130, facecolor="white")
