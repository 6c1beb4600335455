"""The page and the table of a parity directory, from its files alone."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from markupsafe import Markup

from evaluation.parity.record import (
    AGAIN,
    ARCHIVE,
    CLOSE,
    EQUAL,
    FRAMES,
    PARITY_FILE,
    PARITY_PAGE,
    STRIKING,
    WALKS,
    Parity,
    Still,
    read_parity,
)
from evaluation.style.page import data_address, render_page
from evaluation.style.palette import OKABE_ITO
from evaluation.style.svg import FAINT, INK, canvas, to_svg
from minecraft_tasks.core.errors import CorruptFileError
from minecraft_tasks.core.files import write_text

_PICTURES = 10
"""Most stills on the page; all are in the directory."""

FINEST = 1e-6
"""Blocks below which the axis of errors is linear."""

_Curves = dict[str, list[np.ndarray]]
"""Kind of walk -> blocks between the bodies after each decision, of every such walk."""


def write_page(directory: Path) -> Path:
    """Writes `parity.html`, one self-contained page, and returns its path.

    Raises:
        CorruptFileError: If a file of the directory is missing or damaged.
        StaleError: If it is of another schema version.
    """
    found, path = read_parity(directory), directory / PARITY_PAGE
    shown = [
        (still, data_address(directory / still.file, "image/png", AGAIN))
        for still in worst(found.stills, _PICTURES)
    ]
    text = render_page(
        "parity.html.j2",
        found=found,
        sentence=sentence(found),
        proof=proof(found),
        curves=Markup(error_figure(_read_curves(directory / WALKS))),
        shown=shown,
        markers=[block for block in found.blocks if block.marks],
        others=[block for block in found.blocks if not block.marks],
        equal=EQUAL,
        close=CLOSE,
        striking=STRIKING,
        files={"json": PARITY_FILE, "walks": WALKS, "frames": FRAMES, "archive": ARCHIVE},
    )
    write_text(path, text)
    return path


def sentence(found: Parity) -> str:
    """Whether all bars were met."""
    if found.unmet:
        verb = "is" if len(found.unmet) == 1 else "are"
        return f"{len(found.unmet)} of {len(found.checks)} bars {verb} not met."
    return f"All {len(found.checks)} bars are met."


def proof(found: Parity) -> str:
    """The claim that such a comparison supports."""
    if "minerl" in (found.tested, found.against):
        return (
            "The protocol does not tell whether Minecraft answered or something else that speaks"
            " it. A comparison with anything but Minecraft proves client, mission and protocol,"
            " not rendering, physics or block placement in Minecraft."
        )
    if found.tested == found.against:
        return (
            f"Both sides are the {found.tested} engine: this proves that the comparison adds"
            " nothing of its own, and says nothing about Minecraft."
        )
    return "Neither side is Minecraft: this says nothing about it."


def worst(stills: Sequence[Still], count: int) -> list[Still]:
    """Stills with most striking pixels: first one for each aim, then others."""
    ranked = sorted(stills, key=lambda still: -still.striking)
    aims: dict[str, Still] = {}
    for still in ranked:
        aims.setdefault(still.aim.partition(" from ")[0].partition(",")[0], still)
    firsts = list(aims.values())
    return [*firsts, *(still for still in ranked if still not in firsts)][:count]


def _read_curves(path: Path) -> _Curves:
    """Distances between the bodies, from `walks.csv`."""
    walks: dict[tuple[str, ...], list[float]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as text:
            for row in csv.DictReader(text):
                key = (row["split"], row["level_seed"], row["walk"])
                walks.setdefault(key, []).append(float(row["apart"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorruptFileError(f"{path} is missing or damaged ({error}): {AGAIN}.") from error
    curves: _Curves = {}
    for (*_, walk), apart in walks.items():
        kind = "to a candidate" if walk.startswith("to ") else walk
        curves.setdefault(kind, []).append(np.array(apart))
    return curves


def error_figure(curves: _Curves) -> str:
    """Distance between the bodies over each walk, one line for each, as SVG."""
    with canvas(7.6, 3.2) as figure:
        axes = figure.add_subplot()
        longest = max(len(apart) for walks in curves.values() for apart in walks)
        for (kind, walks), colour in zip(curves.items(), OKABE_ITO, strict=False):
            for index, apart in enumerate(walks):
                axes.plot(apart, color=colour, lw=1.4, alpha=0.8, clip_on=False,
                          label=None if index else kind)  # fmt: skip
        for limit, text in ((EQUAL, "the bar"), (CLOSE, "nearly the same place")):
            axes.axhline(limit, color=INK, lw=0.8, ls=":")
            axes.text(longest, limit, f" {text}", va="center", fontsize=8)
        axes.set_yscale("symlog", linthresh=FINEST)
        top = max(10 * CLOSE, *(2 * apart.max() for walks in curves.values() for apart in walks))
        axes.set(xlim=(0, longest), ylim=(0, top))
        axes.set(xlabel="decisions", ylabel="blocks between the bodies")
        axes.grid(axis="y", color=FAINT, lw=0.5, alpha=0.5)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=5, frameon=False)
        return to_svg(figure, "Distance between the bodies over each walk")


def parity_text(found: Parity) -> str:
    """The bars as a table for a terminal."""
    lines = [f"{found.task}: {found.tested} against {found.against}", ""]
    for check in found.checks:
        lines.append(f"{'pass' if check.passed else 'FAIL'}  {check.what}")
        where = f"  ({check.where})" if check.where else ""
        lines.append(f"      bar: {check.bar}; measured: {check.measured}{where}")
    for level in found.levels:
        if level.refusal:
            lines += ["", f"{level.split} seed {level.level_seed} not shown: {level.refusal}"]
    for walk in found.walks:
        if walk.fault:
            lines += ["", f"{walk.where}, decision {walk.made + 1}: {walk.fault}"]
    return "\n".join([*lines, "", sentence(found), proof(found)])
