"""What every task family is: its specification and the function that builds its worlds."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from minecraft_tasks.spec import Split, TaskSpec
from minecraft_tasks.world import World

Build = Callable[[Split, np.random.Generator, bool], World]


class LayoutRejected(Exception):
    """This draw of random numbers leaves no room for everything: draw again."""


@dataclass(frozen=True)
class Task:
    """A task family.

    Attributes:
        spec: What the task is, as data.
        build: Draws one level of a split; with the last argument true, its twin. The twin
            takes the same draws from the generator and raises `LayoutRejected` for the same.
    """

    spec: TaskSpec
    build: Build


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
