"""Bars that two engines must meet. Provisional: set before the first run on Minecraft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from evaluation.parity.record import EQUAL, STRIKING, BlockRow, Check, LevelShown, Still, WalkRow

_SEEN = 40
"""Pixels inside a marker over all stills from which on it counts as looked at."""


class Bar(NamedTuple):
    """A quantity, the limit that it must not exceed, its unit (``%`` for shares) and the reason."""

    what: str
    limit: float
    unit: str
    reason: str


SHOWN = Bar(
    "levels that were not shown to the end, or not with the blocks that were meant", 0, "levels",
    "a level with a wrong block is another level",
)  # fmt: skip
CARRIED_OUT = Bar(
    "decisions that were not carried out", 0, "decisions",
    "an episode with one is invalid; turning to a wrong yaw is one, for the minerl backend"
    " gives up where Minecraft looks more than 0.01 degrees beside what was asked",
)  # fmt: skip
PUT = Bar(
    "distance from where a body was put", EQUAL, "blocks",
    "from elsewhere, pictures and walks do not compare",
)  # fmt: skip
POSITION = Bar(
    "distance between the bodies along a walk", EQUAL, "blocks",
    "what the embedded physics is allowed in its own tests; errors add up along a walk, and the"
    " embedded engine has no table of sines, whose steps in Minecraft may turn a walk by up to"
    " 1e-4 blocks for each block walked",
)  # fmt: skip
_YAW = Bar(
    "difference of yaw along a walk", 0.01, "degrees", "less than a hundredth of a pixel",
)  # fmt: skip
LOOKED_AT = Bar(
    f"markers of candidates with fewer than {_SEEN} pixels inside over all stills", 0, "markers",
    "what was not looked at was not compared; more --levels or --poses show it",
)  # fmt: skip
SILHOUETTES = Bar(
    f"pixels inside a candidate's marker that differ by more than {STRIKING} of 255", 0.05, "%",
    f"textures are our own and differ by less than {STRIKING} from Minecraft's in most texels;"
    " a marker that is missing, moved or of another colour differs everywhere",
)  # fmt: skip
_COLOURS = Bar(
    "difference of a candidate's marker in mean colour", 24, "of 255",
    "half of what strikes in a single pixel: texels of our own average out, and colours are what"
    " candidates are told apart by",
)  # fmt: skip
_PICTURES = Bar(
    f"pixels of all stills, edges included, that differ by more than {STRIKING} of 255", 0.1, "%",
    "what a network sees besides the candidates; a tenth leaves room for edges that fall on"
    " neighbouring pixels and for a sky that fades towards the horizon",
)  # fmt: skip


def checks(
    levels: Sequence[LevelShown],
    walks: Sequence[WalkRow],
    stills: Sequence[Still],
    blocks: Sequence[BlockRow],
    names_compared: bool | None,
) -> tuple[Check, ...]:
    """Checks every bar.

    Args:
        levels: All levels, shown or refused.
        walks: Walks on those that were shown.
        stills: Stills of those that were shown.
        blocks: All blocks that stills show, and markers that none shows.
        names_compared: As in `Parity`.
    """
    refused = [f"{level.split} seed {level.level_seed}" for level in levels if level.refusal]
    faults = [walk for walk in walks if walk.fault]
    markers = [block for block in blocks if block.marks]
    unseen = [block.name for block in markers if block.inside.pixels < _SEEN]
    seen = [block for block in markers if block.inside.pixels]
    starts = [(walk.start, walk.where) for walk in walks]
    return (
        _names(_check(SHOWN, [(len(refused), ", ".join(refused))]), names_compared),
        _check(CARRIED_OUT, [(len(faults), "; ".join(walk.where for walk in faults))]),
        _check(PUT, [*starts, *((still.apart, still.where) for still in stills)]),
        _check(POSITION, [(walk.farthest, walk.where) for walk in walks]),
        _check(_YAW, [(walk.yaw, walk.where) for walk in walks]),
        _check(LOOKED_AT, [(len(unseen), ", ".join(unseen))]),
        _check(SILHOUETTES, [(block.inside.striking, block.name) for block in seen]),
        _check(_COLOURS, [(block.off, block.name) for block in seen]),
        _check(_PICTURES, _overall(stills)),
    )


def _overall(stills: Sequence[Still]) -> list[tuple[float, str]]:
    """The mean over all stills, and where it is largest."""
    if not stills:
        return []
    worst = max(stills, key=lambda still: still.striking)
    mean = sum(still.striking for still in stills) / len(stills)
    return [(mean, f"most in {worst.where}" if worst.striking else "")]


def _check(bar: Bar, found: Iterable[tuple[float, str]]) -> Check:
    """The check of the largest value; without values it fails."""
    value, where = max(found, key=lambda each: each[0], default=(None, ""))
    asked = "none" if bar.limit == 0 else f"at most {_said(bar.limit, bar.unit)}"
    return Check(
        what=bar.what,
        bar=asked,
        measured="not measured" if value is None else _said(value, bar.unit),
        value=value,
        limit=bar.limit,
        where=where if value else "",
        reason=bar.reason,
        passed=value is not None and value <= bar.limit,
    )


def _names(check: Check, compared: bool | None) -> Check:
    """Adds whether names were read back; a Minecraft whose names were not does not pass."""
    if compared is None:
        return check.model_copy(update={"measured": f"{check.measured}; drawn from the array"})
    said = "names of all blocks read back" if compared else "names were not read back"
    passed = check.passed and compared
    return check.model_copy(update={"measured": f"{check.measured}; {said}", "passed": passed})


def _said(value: float, unit: str) -> str:
    return f"{100 * value:.3g} %" if unit == "%" else f"{value:.3g} {unit}"
