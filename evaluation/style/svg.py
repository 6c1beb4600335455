"""Matplotlib figures as SVG elements that take the page's colours."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

INK, FAINT = "#1b1c1d", "#b9babb"
"""`to_svg` lets a page give its own colours instead, so that dark mode works."""

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["Helvetica", "Arial", "DejaVu Sans"],
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


@contextmanager
def canvas(width: float, height: float) -> Iterator[Figure]:
    """A figure of that size in inches, in the report's style inside the block."""
    with mpl.rc_context(STYLE):
        yield Figure(figsize=(width, height), layout="constrained")


def to_svg(figure: Figure, title: str) -> str:
    """A figure as an inline SVG element.

    Args:
        figure: The figure, still inside its `canvas` block.
        title: Read out by screen readers; also keeps the ids of several figures apart.
    """
    style: dict[Any, Any] = {"svg.hashsalt": title}
    with mpl.rc_context(style):
        FigureCanvasSVG(figure)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    for name, colour in (("ink", INK), ("faint", FAINT)):
        text = text.replace(colour, f"var(--{name}, {colour})")
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower())
    text = re.sub(r'id="([^"]+)"', rf'id="{slug}-\1"', text)
    text = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{slug}-", text)
    return text.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1)
