"""The table of ease, for a terminal."""

from __future__ import annotations

from evaluation.ease.prediction import COMBINED, Agreement, score
from evaluation.ease.table import MEASURES, Ease, Reading


def number(value: float | None) -> str:
    """A figure with about three digits."""
    if value is None:
        return "never"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.3f}"


def cell(reading: Reading) -> str:
    """A figure with its interval, or the range over its seeds."""
    if reading.value is None and reading.low is None:
        return "never"
    if reading.low == reading.high == reading.value:
        return number(reading.value)
    return f"{number(reading.value)} [{number(reading.low)}, {number(reading.high)}]"


def ease_text(ease: Ease) -> str:
    """Every measure of every candidate, the predicted order, and its agreement with the stated."""
    names = ease.candidates
    rows = [["", *names]]
    for measure, readings in ease.readings.items():
        unit = MEASURES[measure].unit
        title = f"{MEASURES[measure].title} ({unit})"
        rows.append([title, *(cell(readings[name]) for name in names)])
    rows.append(["mean rank", *(f"{ease.prediction.mean_rank[name]:.2f}" for name in names)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        f"Ease of {ease.task} (task hash {ease.task_hash}); intervals are of 95 % over levels, "
        "or the range over seeds"
    ]
    for row in rows:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        lines.append("  ".join(cells).rstrip())
    known = (COMBINED, *MEASURES)
    agreements = [each for each in score(ease, ease.stated) if each.prediction in known]
    lines += [
        f"predicted, easiest first: {', '.join(ease.prediction.order)}",
        f"stated by hand:           {', '.join(ease.stated)}",
        "Kendall's tau with the stated order: " + "; ".join(map(_tau, agreements)),
    ]
    return "\n".join(lines)


def _tau(agreement: Agreement) -> str:
    title = MEASURES[agreement.prediction].title if agreement.prediction in MEASURES else COMBINED
    return f"{title} {'tied' if agreement.tau is None else f'{agreement.tau:.2f}'}"
