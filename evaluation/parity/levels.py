"""Locked levels on which engines are compared: of different splits, at different times of day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from minecraft_tasks.levels.bank import LevelBank, subset
from minecraft_tasks.levels.locked import locked_bank, locked_seeds
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks.base import Task

_KINDS = ("factorial", "heldout", "conflict", "control", "skill", "absent", "only")
"""Kinds of split from which a level is taken, in this order; where candidates stand apart first."""

CHOICE = 8
"""Levels of a split among which one is chosen, and as many more as are asked for."""


def chosen_levels(task: Task, count: int, splits: Sequence[str] = ()) -> LevelBank:
    """Levels of the splits by turns, each at the time of day that was chosen least so far.

    By default, splits are the first one of each of the `_KINDS`.

    Raises:
        UnknownNameError: If the task has no such split.
    """
    names = tuple(splits) or _one_of_each(task.spec, tuple(locked_seeds(task).splits))
    bank = locked_bank(task, names[:count], CHOICE + count)
    left = {name: [row for row, own in enumerate(bank.splits) if own == name] for name in names}
    times: Counter[int] = Counter()
    chosen: list[int] = []
    for index in range(count):
        rows = left[names[index % len(names)]]
        if not rows:
            continue
        row = min(rows, key=lambda row: times[int(bank.time[row])])
        rows.remove(row)
        times[int(bank.time[row])] += 1
        chosen.append(row)
    return subset(bank, np.array(chosen))


def _one_of_each(spec: TaskSpec, locked: tuple[str, ...]) -> tuple[str, ...]:
    found = {spec.split(name).kind: name for name in reversed(locked)}
    return tuple(found[kind] for kind in _KINDS if kind in found)
