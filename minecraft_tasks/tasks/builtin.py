"""The built-in tasks, and the task that a name means."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from minecraft_tasks.core.errors import FalseBeaconError, lookup
from minecraft_tasks.core.importing import is_reference
from minecraft_tasks.tasks.plugins import foreign_task, offered

if TYPE_CHECKING:
    from minecraft_tasks.tasks.base import Task


class _BuiltIn(Mapping[str, "Task"]):
    """Name -> task of every module of this folder that has a `TASK`.

    The module of HiddenGoal is hidden_goal.py, so names are known before any module is loaded.
    """

    @cached_property
    def _modules(self) -> dict[str, str]:
        files = sorted(Path(__file__).parent.glob("*.py"))
        return {
            file.stem.title().replace("_", ""): file.stem
            for file in files
            if re.search(r"^TASK\b", file.read_text(encoding="utf-8"), re.MULTILINE)
        }

    def __getitem__(self, name: str) -> Task:
        module = self._modules[name]
        task: Task = import_module(f"{__package__}.{module}").TASK
        if task.spec.name != name:
            raise FalseBeaconError(
                f"task {task.spec.name!r} stands in {module}.py, whose name is that of a task"
                f" {name!r}: rename one of them."
            )
        return task

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __contains__(self, name: object) -> bool:
        return name in self._modules


TASKS: Mapping[str, Task] = _BuiltIn()
"""The built-in tasks. Looking a name up loads the module of that task."""


def task(name: str) -> Task:
    """The task of that name.

    Args:
        name: Of a built-in task or of one that an installed package offers, or
            ``package.module:TASK``.

    Raises:
        UnknownNameError: If there is none.
        FalseBeaconError: If its module does not load.
    """
    if name in TASKS:
        return TASKS[name]
    if is_reference(name):
        return foreign_task(name)
    known = {**dict.fromkeys(TASKS), **offered(), "package.module:TASK": None}
    point = lookup("task", name, known)
    assert point is not None
    return foreign_task(point.value)


def recorded_task(name: str, where: Path) -> Task:
    """The task that the record of a run or an evaluation names.

    Args:
        name: As in `task`.
        where: File or directory of the record, for the error.

    Raises:
        FalseBeaconError: If a module would be imported for no other reason than that the record
            names it; else as in `task`.
    """
    if is_reference(name) and name.partition(":")[0] not in sys.modules:
        raise FalseBeaconError(
            f"{where} is of the task {name}, whose module would run code on this machine. Add"
            " --trust if you know where it comes from, or import the module first."
        )
    return task(name)
