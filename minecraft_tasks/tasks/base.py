"""What every task family is: its specification and the function that builds its worlds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from minecraft_tasks.spec import Split, TaskSpec
from minecraft_tasks.worlds.world import World

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
