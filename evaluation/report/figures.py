"""Figures of the report as SVG text. They draw numbers and compute none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import EngFormatter, PercentFormatter

from evaluation.measures.capability import Capability, Gate
from evaluation.measures.preference import Pair, Share
from evaluation.statistics.estimates import Estimate, percent
from evaluation.style.palette import BLUE, GREY, VERMILLION
from evaluation.style.svg import FAINT, INK, canvas, to_svg

FIGURE_WIDTH = 6.6
"""Inches of every bar chart and curve."""


def preference_matrix(pairs: Sequence[Pair], names: Sequence[str]) -> str:
    """Matrix of first touches, the row's candidate against the column's."""
    side = 1.05 * len(names)
    with canvas(side + 1.9, side + 0.6) as figure:
        axes = figure.add_subplot()
        axes.set(xlim=(-0.5, len(names) - 0.5), ylim=(len(names) - 0.5, -0.5), aspect="equal")
        for pair in pairs:
            for mine, other in ((pair.a, pair.b), (pair.b, pair.a)):
                where = names.index(other.candidate), names.index(mine.candidate)
                _cell(axes, where, mine.share, f"{mine.count} : {other.count} : {pair.neither}")
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(names)), names)
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_ylabel("touched first")
        axes.set_xlabel("against", labelpad=8)
        axes.xaxis.set_label_position("top")
        _share_scale(figure, axes)
        # An equal aspect narrows the axes after layout, which leaves no room for the label.
        figure.set_layout_engine("constrained", w_pad=0.12)
        return to_svg(figure, "Preference by first touch, row against column")


def _cell(axes: Axes, where: tuple[int, int], share: Estimate, counts: str) -> None:
    x, y = where
    colour = mpl.colormaps["Blues"](share.value)
    axes.add_patch(Rectangle((x - 0.48, y - 0.48), 0.96, 0.96, facecolor=colour))
    light = float(np.dot(colour[:3], (0.299, 0.587, 0.114))) > 0.5
    style: dict[str, Any] = {"ha": "center", "va": "center"}
    style["color"] = "#000000" if light else "#ffffff"
    axes.text(x, y - 0.18, percent(share.value), fontsize=14, weight="bold", **style)
    interval = f"{percent(share.low)} to {percent(share.high)}"
    axes.text(x, y + 0.1, interval, fontsize=8, **style)
    axes.text(x, y + 0.3, counts, fontsize=8, **style)


def _share_scale(figure: Figure, axes: Axes) -> None:
    scale = ScalarMappable(Normalize(0, 1), mpl.colormaps["Blues"])
    bar = figure.colorbar(scale, ax=axes, shrink=0.6, aspect=18, pad=0.03)
    bar.set_ticks([0, 0.5, 1], labels=["0 %", "50 %", "100 %"])
    bar.set_label("share of all episodes")
    bar.ax.spines[:].set_visible(False)


def _interval(axes: Axes, y: float, estimate: Estimate) -> None:
    axes.plot([estimate.low, estimate.high], [y, y], color=INK, lw=1.5, solid_capstyle="butt")
    for end in (estimate.low, estimate.high):
        axes.plot([end, end], [y - 0.12, y + 0.12], color=INK, lw=1.5)


def _rows(axes: Axes, labels: Sequence[str], xlabel: str) -> None:
    """One labelled row for each bar, the first at the top, from 0 to 1."""
    axes.set_yticks(range(len(labels)), labels)
    axes.set(ylim=(len(labels) - 0.4, -0.6), xlim=(0, 1), xlabel=xlabel)
    axes.tick_params(axis="y", length=0, pad=10)


def share_bars(shares: Sequence[Share], colours: Mapping[str, str]) -> str:
    """Bars of the shares of first touches with all candidates apart, with intervals."""
    with canvas(FIGURE_WIDTH, 0.42 * len(shares) + 0.7) as figure:
        axes = figure.add_subplot()
        for y, entry in enumerate(shares):
            axes.barh(y, entry.share.value, 0.66, color=colours[entry.candidate])
            _interval(axes, y, entry.share)
            axes.text(1.02, y, f"{percent(entry.share.value)}  ({entry.count})", va="center")
        even = 1 / max(len(shares) - 1, 1)
        axes.axvline(even, color=INK, lw=0.8, ls=":")
        _rows(axes, [entry.candidate for entry in shares], "touched first, of all episodes")
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
        return to_svg(figure, "Shares of first touches, all candidates apart")


def capability_bars(rows: Sequence[Capability], gate: Gate, floors: Mapping[str, float]) -> str:
    """Bars of SPL and success by split, and of the random agent's SPL.

    `floors` are the SPL that the gate requires, by split.
    """
    labels = [row.split for row in rows]
    if gate.random is not None:
        labels.append("random on control")
    with canvas(FIGURE_WIDTH, 0.44 * len(labels) + 0.9) as figure:
        axes = figure.add_subplot()
        for y, row in enumerate(rows):
            _bar(axes, y, row.spl, BLUE, "SPL" if y == 0 else None)
            marker: dict[str, Any] = {"mfc": "none", "mec": VERMILLION, "mew": 1.5, "ls": ""}
            name = "success" if y == 0 else None
            axes.plot(row.success.value, y, "D", ms=6, clip_on=False, label=name, **marker)
            if row.split in floors:
                ends = [y - 0.42, y + 0.42]
                axes.plot([floors[row.split]] * 2, ends, color=INK, lw=1.2, ls="--", label="gate")
        if gate.random is not None:
            _bar(axes, len(rows), gate.random, GREY, None)
        _rows(axes, labels, "toward the intended goal")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
        return to_svg(figure, "Capability by split")


def _bar(axes: Axes, y: float, estimate: Estimate, colour: str, label: str | None) -> None:
    axes.barh(y, estimate.value, 0.6, color=colour, label=label)
    _interval(axes, y, estimate)
    axes.text(1.04, y, f"{estimate.value:.2f}", va="center")


def learning_curve(curves: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> str:
    """Curves of success over training, from label -> steps float[K] and success float[K]."""
    with canvas(FIGURE_WIDTH, 2.8) as figure:
        axes = figure.add_subplot()
        for (label, points), colour in zip(curves.items(), (BLUE, VERMILLION), strict=False):
            marker = "o" if len(points[0]) < 40 else ""
            axes.plot(*points, color=colour, lw=1.8, marker=marker, ms=4, label=label)
        axes.set(xlabel="training steps", ylabel="success", ylim=(0, 1.03))
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        axes.grid(axis="y", color=FAINT, lw=0.6, alpha=0.6)
        axes.legend(frameon=False)
        return to_svg(figure, "Learning curve")
