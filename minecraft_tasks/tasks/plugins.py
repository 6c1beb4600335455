"""Tasks of other packages, by ``package.module:TASK`` or by the name of an entry point."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.importing import load_object

if TYPE_CHECKING:
    from minecraft_tasks.tasks.base import Task

GROUP = "falsebeacon.tasks"
"""Group of entry points that name tasks: name -> ``package.module:TASK``."""

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_-]*"


def offered() -> dict[str, EntryPoint]:
    """Name -> entry point of the tasks of installed packages, which are not imported.

    Names that cannot be part of a gymnasium id are left out.
    """
    points = entry_points(group=GROUP)
    return {point.name: point for point in points if re.fullmatch(_NAME, point.name)}


@lru_cache(maxsize=64)
def foreign_task(reference: str) -> Task:
    """The task that ``package.module:TASK`` names.

    Raises:
        UnknownNameError: If there is no such module or name.
        FalseBeaconError: If it is no task, or its name cannot be the name of a folder.
    """
    from minecraft_tasks.tasks.base import Task

    found = load_object(reference, "task")
    if not isinstance(found, Task):
        raise FalseBeaconError(
            f"task {reference!r} is a {type(found).__name__}: a minecraft_tasks.tasks.base.Task"
            " is needed."
        )
    if not re.fullmatch(_NAME, found.spec.name):
        raise FalseBeaconError(
            f"task {reference!r} has the name {found.spec.name!r}: folders are called after it, so"
            " use letters, digits, - and _."
        )
    return replace(found, reference=reference)
