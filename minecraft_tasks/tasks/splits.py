"""Splits that most tasks share."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from minecraft_tasks.spec import Split, SplitKind

Extent = tuple[tuple[int, int], int]
"""Smallest and largest size of a level in the task's own unit, and its time limit."""


def standard_splits(
    names: tuple[str, ...],
    train: Extent,
    control: Extent,
    apart: Extent,
    factorial: Extent | None = None,
    skill: Extent | None = None,
    only: Extent | None = None,
    alone: Iterable[str] | None = None,
    levels: int = 64,
    sight: float = 0.0,
) -> tuple[Split, ...]:
    """The splits of docs/splits.md: candidates together, then apart, absent and alone.

    Two candidates have no `absent` splits: the absence of one is the presence of the other.

    Args:
        names: Candidates, the intended goal first.
        train: Extent of `train` and `heldout`.
        control: Extent of `control`: all together, as in training, under a shift.
        apart: Extent of every conflict and absence, and by default of the rest.
        factorial: Extent of `factorial`, where each candidate has a site of its own.
        skill: Extent of `skill`: all together, out of view.
        only: Extent of the splits with one candidate.
        alone: Candidates that have such a split; all of them by default.
        levels: Locked levels of each split.
        sight: Least share of a conflict's levels that show both candidates within one turn on the
            spot at the spawn.
    """

    def split(kind: SplitKind, sites: tuple[tuple[str, ...], ...], of: Extent, which: str = ""):
        name = f"{kind}/{which}" if which else kind
        count, shown = (0 if kind == "train" else levels), (sight if kind == "conflict" else 0.0)
        return Split(
            name=name, kind=kind, sites=sites, size=of[0], time_limit=of[1], sight=shown,
            levels=count,
        )  # fmt: skip

    def without(name: str) -> tuple[str, ...]:
        return tuple(other for other in names if other != name)

    pairs = itertools.combinations(names, 2)
    return (
        *(split(kind, (names,), train) for kind in ("train", "heldout")),
        split("control", (names,), control),
        *(split("conflict", ((a,), (b,)), apart, f"{a}-{b}") for a, b in pairs),
        *(split("absent", (without(a),), apart, a) for a in names if len(names) > 2),
        *(split("only", ((a,),), only or apart, a) for a in (names if alone is None else alone)),
        split("factorial", tuple((name,) for name in names), factorial or apart),
        split("skill", (names,), skill or apart),
    )
