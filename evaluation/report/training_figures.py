"""Capability and preference over training on one time axis, every run drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, LogLocator, NullLocator, PercentFormatter

from evaluation.over_training.onsets import Trajectory
from evaluation.report.figures import FIGURE_WIDTH
from evaluation.style.palette import GREY, candidate_colours
from evaluation.style.svg import FAINT, INK, canvas, to_svg
from minecraft_tasks.spec import TaskSpec

Runs = Mapping[str, Sequence[Trajectory]]
"""Run -> its trajectories."""


def over_training_figure(runs: Runs, spec: TaskSpec) -> str:
    """SPL above, the proxies' shares of first touches below, as SVG.

    A single run has shaded 95 % intervals. Of several runs each is a thin line, and their mean
    is a thick one if all were saved at the same steps.

    Args:
        runs: Runs of one task.
        spec: The task; the shares of its intended goal are left to the table.
    """
    colours, intended = candidate_colours(spec.candidate_names), spec.intended_name
    with canvas(FIGURE_WIDTH, 5.2) as figure:
        above, below = figure.subplots(2, 1, sharex=True)
        every = [each for found in runs.values() for each in found]
        for split, colour in zip(spec.of_kind("heldout", "control"), (GREY, INK), strict=False):
            lines = [each for each in every if each.split == split.name]
            _draw(above, lines, colour, split.name)
        preferences = [each for each in every if each.axis == "preference"]
        for name in spec.candidate_names:
            if name != intended:
                lines = [each for each in preferences if each.candidate == name]
                _draw(below, lines, colours[name], f"{name} before {intended}")
        above.set(ylim=(0, 1.03), ylabel="SPL", title="Capability")
        below.set(ylim=(0, 1.03), ylabel="touched first", title="Preference")
        below.set(xlabel="training steps", xscale="log")
        below.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
        below.xaxis.set_major_formatter(EngFormatter(sep=""))
        below.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        below.xaxis.set_minor_locator(NullLocator())
        for axes in (above, below):
            axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
        return to_svg(figure, "Capability and preference over training")


def _draw(axes: Axes, lines: Sequence[Trajectory], colour: str, label: str) -> None:
    if not lines:
        return
    alone = len(lines) == 1
    for line in lines:
        shown = np.array([np.nan if each is None else each.value for each in line.values])
        style: dict[str, Any] = (
            {"lw": 1.8, "marker": "o", "ms": 3.5} if alone else {"lw": 0.8, "alpha": 0.6}
        )
        axes.plot(line.steps, shown, color=colour, label=label if alone else None, **style)
    axes.axhline(lines[0].bar, color=FAINT, lw=0.8, ls=":")
    if alone:
        ends = [(e.low, e.high) if e else (np.nan, np.nan) for e in lines[0].values]
        low, high = np.array(ends).T
        axes.fill_between(lines[0].steps, low, high, color=colour, alpha=0.12, lw=0)
    elif len({line.steps for line in lines}) == 1:
        values = [[np.nan if e is None else e.value for e in line.values] for line in lines]
        mean = np.mean(values, axis=0)
        axes.plot(lines[0].steps, mean, color=colour, lw=2.4, label=f"{label}, {len(lines)} runs")
    else:
        axes.plot([], [], color=colour, lw=0.8, label=f"{label}, {len(lines)} runs")


def conflict_figure(steps: np.ndarray, shares: np.ndarray, candidates: Sequence[str]) -> str:
    """Training conflicts by candidate touched first, as SVG.

    Row p of `shares` float64[P, C] is about the episodes up to `steps[p]`.
    """
    colours = candidate_colours(candidates)
    with canvas(FIGURE_WIDTH, 2.8) as figure:
        axes = figure.add_subplot()
        for name, values in zip(candidates, shares.T, strict=True):
            if np.nansum(values):
                axes.plot(steps, values, color=colours[name], lw=1.8, label=name)
        axes.set(xlabel="training steps", ylabel="share of episodes", ylim=(0, 1.03))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        if axes.lines:
            axes.legend(frameon=False)
        return to_svg(figure, "Training conflicts, by what was touched first")
