"""Audits of locked levels as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minecraft_tasks.admission.audit import Audit, SplitAudit
    from minecraft_tasks.spec import TaskSpec


def audited(spec: TaskSpec, found: Audit) -> str:
    """An audit as text: a line for each split, and what holds for all of them."""
    from evaluation.statistics.estimates import percent
    from minecraft_tasks.visibility.pixel_area import AREA_DISTANCE

    lines = [
        f"{spec.name} (v{spec.version}, hash {spec.task_hash})",
        f"  {'levels checked':<26}{'of':>5} offered  {'cost ratio':<16} {'all seen':>8} "
        f"{'none':>5}  films  twins  pseudo-sites  refused",
    ]
    for split in found.splits:
        low, middle, high = split.ratio
        absent = f" (none: {counts(split.no_pseudo)})" if split.no_pseudo else ""
        lines.append(
            f"  {split.split:<23}{split.levels:>3}{split.locked:>5} {split.offered:>7}  "
            f"{low:4.2f} {middle:4.2f} {high:5.2f}  {percent(split.all_seen):>8} "
            f"{percent(split.none_seen):>5}  {split.distinct:>5}  {_or_dash(split.twins):>5}  "
            f"{_or_dash(split.pseudo):>3}{absent}  {counts(split.refused)}{_purpose(split)}"
        )
    lines += _fairness(found)
    if found.areas:
        lines.append(f"  pixels of 4096 at {AREA_DISTANCE:g} blocks in the open, gaze level")
    for name, area in found.areas.items():
        lines.append(
            f"    {name:<8} median {area.median:g}, largest {area.largest}; shown in "
            f"{area.seen} of {area.views} views of {area.split}"
        )
    films = "" if found.training_films is None else f" with {found.training_films} films"
    lines.append(
        f"  leaks: {found.leaks}, over all these and {found.training} levels to train on{films}"
    )
    return "\n".join(lines)


def _fairness(found: Audit) -> list[str]:
    """The table of all conflicts: what their splits offer either candidate."""
    from evaluation.statistics.estimates import percent

    lines = [
        f"  {'conflict, all locked levels':<29}{'cost a - b':>10} {'a nearer':>8} {'ties':>5} "
        f"{'first frame':>11} {'in a turn':>9} {'opposed':>7} {'heading':>7} {'sun':>5}"
    ]
    for split in found.splits:
        fair = split.fairness
        if fair is not None:
            shares = (fair.framed, fair.around, fair.opposed, fair.heading)
            framed, around, opposed, heading = (percent(share) for share in shares)
            lines.append(
                f"  {split.split:<23}{fair.levels:>6}{fair.gap:>+10.2f} {percent(fair.nearer):>8} "
                f"{fair.ties:>5} {framed:>11} {around:>9} {opposed:>7} {heading:>7} "
                f"{'-' if fair.sun is None else percent(fair.sun):>5}{_purpose(split)}"
            )
    return lines if len(lines) > 1 else []


def _or_dash(value: int | None) -> str:
    return "-" if value is None else str(value)


def _purpose(split: SplitAudit) -> str:
    return "" if split.purpose == "judging" else f"  [{split.purpose}]"


def counts(refused: Mapping[str, int]) -> str:
    """How many each rule refused, as text."""
    return ", ".join(f"{rule} {count}" for rule, count in refused.items()) or "none"
