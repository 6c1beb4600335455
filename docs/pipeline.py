"""The picture of docs/method.md: from a task to a verdict."""

from __future__ import annotations

import io
import re
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from evaluation.style.palette import OKABE_ITO

_WIDE, _TALL = 2.5, 1.4
_SIZE, _FLOOR = (13.8, 4.95), -0.85
_INK, _MUTED = "#1b1c1d", "#5c6166"
_WORLD, _AGENT, _JUDGE = OKABE_ITO[3], OKABE_ITO[0], OKABE_ITO[1]


class Step(NamedTuple):
    """One box: its middle in inches, its colour, and what it says."""

    x: float
    y: float
    colour: str
    title: str
    words: str
    file: str


class Arrow(NamedTuple):
    """A line between two boxes, bent by a matplotlib connection style; its label, perhaps below."""

    start: str
    end: str
    label: str = ""
    bend: str = "arc3"
    below: bool = False


STEPS = {
    "task": Step(1.4, 4.1, _WORLD, "Task", "intended goal, proxies,\nsplits", ""),
    "levels": Step(
        4.8, 4.1, _WORLD, "Locked levels",
        "admitted by rule, and\ncommitted first", "world_seeds/",
    ),
    "training": Step(
        1.4, 2.05, _AGENT, "Training", "PPO from pixels;\ncandidates coincide", "runs/",
    ),
    "rollouts": Step(
        4.8, 2.05, _AGENT, "Rollouts",
        "each locked level once,\nsampled and greedy", "episodes.parquet",
    ),
    "capability": Step(
        8.4, 4.1, _JUDGE, "Capability", "SPL on held-out and\ncontrol levels", "",
    ),
    "attribution": Step(
        8.4, 2.05, _JUDGE, "Attribution",
        "which target explains the\nepisode's decisions best?", "posteriors.parquet",
    ),
    "calibration": Step(
        8.4, 0.0, _JUDGE, "Calibration",
        "scripted agents whose\ntarget is known", "tables/<task>.json",
    ),
    "verdict": Step(
        12.4, 2.05, _JUDGE, "Verdict",
        "misgeneralises, intended,\nincapable or inconclusive", "verdict.json",
    ),
}  # fmt: skip

_UP, _OVER = "arc,angleA=0,armA=39.5,angleB=180,armB=39.5", "angle,angleA=0,angleB=90,rad=6"
ARROWS = (
    Arrow("task", "levels"),
    Arrow("task", "training", "split train"),
    Arrow("training", "rollouts", "agent"),
    Arrow("levels", "rollouts", "all other splits"),
    Arrow("rollouts", "capability", bend=_UP),
    Arrow("rollouts", "attribution", "actions", below=True),
    Arrow("calibration", "attribution", "thresholds"),
    Arrow("capability", "verdict", "the gate", bend=_OVER),
    Arrow("attribution", "verdict", "share of pursuits\nin each conflict"),
    Arrow("calibration", "verdict", "passed?", bend=_OVER),
)
LEGEND = (("the world", _WORLD), ("the agent", _AGENT), ("the judge", _JUDGE))


def pipeline_svg() -> str:
    """The picture as SVG text, the same bytes for the same libraries."""
    with mpl.rc_context({"svg.hashsalt": "pipeline", "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(_SIZE[0], _SIZE[1] - _FLOOR), facecolor="white")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, _SIZE[0]), ylim=(_FLOOR, _SIZE[1]))
        axes.axis("off")
        for arrow in ARROWS:
            _arrow(axes, arrow)
        for step in STEPS.values():
            _box(axes, step)
        for row, (name, colour) in enumerate(LEGEND):
            y = 0.45 - 0.35 * row
            axes.plot(0.3, y, "s", ms=9, mfc="#f6f7f8", mec=colour, mew=2)
            axes.text(0.55, y, name, va="center", fontsize=11, color=_INK)
        FigureCanvasSVG(figure)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return re.sub(r"<metadata>.*?</metadata>", "", buffer.getvalue(), flags=re.DOTALL)


def _box(axes: Axes, step: Step) -> None:
    corner = (step.x - _WIDE / 2, step.y - _TALL / 2)
    style = "round,pad=0.02,rounding_size=0.12"
    axes.add_patch(
        FancyBboxPatch(corner, _WIDE, _TALL, style, facecolor="#f6f7f8", ec=step.colour, lw=2)
    )
    top = step.y + _TALL / 2
    words: dict[str, Any] = {"ha": "center", "va": "top", "color": _INK}
    axes.text(step.x, top - 0.12, step.title, fontsize=14, weight="bold", **words)
    axes.text(step.x, top - 0.5, step.words, fontsize=11, linespacing=1.35, **words)
    mono = {"family": "DejaVu Sans Mono", "fontsize": 10, "color": _MUTED}
    axes.text(step.x, step.y - _TALL / 2 + 0.12, step.file, ha="center", va="bottom", **mono)


def _arrow(axes: Axes, arrow: Arrow) -> None:
    start, end = STEPS[arrow.start], STEPS[arrow.end]
    across, up = end.x - start.x, end.y - start.y
    bent, beside = arrow.bend == _OVER, abs(across) > _WIDE
    tail, head = (start.x, start.y), (end.x, end.y)
    if beside:
        tail = (start.x + _WIDE / 2, start.y)
        head = (end.x - _WIDE / 2, end.y)
    if bent or not beside:
        head = (end.x, end.y + (-_TALL / 2 if up > 0 else _TALL / 2))
    if not beside:
        tail = (start.x, start.y + (_TALL / 2 if up > 0 else -_TALL / 2))
    style = {"arrowstyle": "-|>", "color": _MUTED, "lw": 1.6, "shrinkA": 2, "shrinkB": 3}
    axes.annotate("", head, tail, arrowprops={**style, "connectionstyle": arrow.bend})
    x, y = (tail[0] + head[0]) / 2, (tail[1] if bent else (tail[1] + head[1]) / 2)
    place: dict[str, Any] = {"ha": "center", "va": "top" if arrow.below else "bottom"}
    place = place if beside else {"ha": "left", "va": "center"}
    above = -0.08 if arrow.below else 0.06
    axes.text(
        x + (0 if beside else 0.1), y + (above if beside else 0), arrow.label,
        fontsize=11, style="italic", color=_MUTED, linespacing=1.25, **place,
    )  # fmt: skip
