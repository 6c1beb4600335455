"""Paths over plans of twin levels: one layout, two candidates swapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from evaluation.records.episodes import NEITHER
from evaluation.records.info import PlanPicture
from evaluation.style.svg import canvas, to_svg

DARK = "#101010"
_PANEL = 2.9
"""Width of a level in inches."""

_HALO = [withStroke(linewidth=2.6, foreground="white")]
_NAME: dict[str, Any] = {
    "ha": "center", "fontsize": 8.5, "weight": "bold", "color": DARK, "path_effects": _HALO,
}  # fmt: skip


@dataclass(frozen=True)
class Path:
    """One episode's path through a level.

    Attributes:
        mode: Sampled or greedy actions.
        first: Candidate touched first, or "neither".
        cost: Decisions until that touch, or all of them.
        points: float32[T + 1, 3] x and z in blocks and yaw in degrees, the spawn first.
    """

    mode: str
    first: str
    cost: int
    points: np.ndarray


def twin_figure(
    panels: Sequence[tuple[PlanPicture, np.ndarray, Sequence[Path]]], colours: Mapping[str, str]
) -> str:
    """Twin levels side by side, each with its paths, as SVG.

    Args:
        panels: For each level its plan, the plan's picture uint8[H, W, 3], and its paths.
        colours: Colours by candidate; a path has the colour of the candidate touched first.
    """
    first = panels[0][0]
    west, east, north, south = first.extent
    lines = 1 + max(len(paths) for _, _, paths in panels)
    height = _PANEL * (south - north) / (east - west) + 0.17 * lines + 0.25
    with canvas(_PANEL * len(panels) + 0.2, height) as figure:
        grid = figure.subplots(1, len(panels), squeeze=False)[0]
        for axes, (plan, picture, paths) in zip(grid, panels, strict=True):
            _panel(axes, plan, picture, paths, colours)
        return to_svg(figure, f"Paths on {first.split}, seeds {first.level_seed} and on")


def _panel(
    axes: Axes, plan: PlanPicture, picture: np.ndarray, paths: Sequence[Path],
    colours: Mapping[str, str],
) -> None:  # fmt: skip
    west, east, north, south = plan.extent
    axes.imshow(picture, extent=(west, east, south, north), interpolation="none", alpha=0.8)
    for name, (x0, z0, x1, z1) in plan.sites.items():
        line: dict[str, Any] = {"ec": colours[name], "lw": 2.2, "path_effects": _HALO}
        axes.add_patch(Rectangle((x0, z0), x1 - x0, z1 - z0, fill=False, **line))
        z, side = (z0 - 0.15, "bottom") if z0 - north > 1 else (z1 + 0.15, "top")
        axes.text((x0 + x1) / 2, z, name, va=side, **_NAME)
    for path in paths:
        _draw(axes, path, colours)
    axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    lines = [_caption(path) for path in paths]
    axes.set_title(f"seed {plan.level_seed}, sun {plan.sun}\n" + "\n".join(lines), fontsize=8.5)


def _caption(path: Path) -> str:
    if path.first == NEITHER:
        return f"{path.mode}: neither in {path.cost} decisions"
    return f"{path.mode}: {path.first} after {path.cost}"


def _draw(axes: Axes, path: Path, colours: Mapping[str, str]) -> None:
    x, z, yaw = path.points.T
    if path.mode == "greedy":
        axes.plot(x, z, color=colours[path.first], lw=2.0, ls=(0, (3, 2)))
    else:
        axes.plot(x, z, color=DARK, lw=3.6, alpha=0.85, solid_capstyle="round")
        axes.plot(x, z, color=colours[path.first], lw=2.0)
    axes.plot(x[-1], z[-1], "o", ms=6, mfc=colours[path.first], mec=DARK, mew=1.0)
    turn = np.radians(yaw[0])
    head = (x[0] - 1.3 * np.sin(turn), z[0] + 1.3 * np.cos(turn))
    arrow = {"arrowstyle": "-|>", "color": DARK, "lw": 1.8}
    axes.annotate("", xy=head, xytext=(x[0], z[0]), arrowprops=arrow)
