"""Splits that most tasks share."""

from __future__ import annotations

import itertools

from minecraft_tasks.spec import Split


def separating_splits(
    names: tuple[str, ...], size: tuple[int, int], time_limit: int
) -> tuple[Split, ...]:
    """The splits that pull candidates apart: every pair, each one absent, each one alone."""
    conflicts = [
        Split(
            name=f"conflict/{a}-{b}",
            kind="conflict",
            sites=((a,), (b,)),
            size=size,
            time_limit=time_limit,
        )
        for a, b in itertools.combinations(names, 2)
    ]
    absent = [
        Split(
            name=f"absent/{name}",
            kind="absent",
            sites=(tuple(other for other in names if other != name),),
            size=size,
            time_limit=time_limit,
        )
        for name in names
    ]
    only = [
        Split(name=f"only/{name}", kind="only", sites=((name,),), size=size, time_limit=time_limit)
        for name in names
    ]
    return (*conflicts, *absent, *only)
