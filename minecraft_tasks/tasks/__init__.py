"""The task families: the built-in ones of this folder, and those of other packages."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from minecraft_tasks.core.errors import lookup
from minecraft_tasks.core.importing import is_reference
from minecraft_tasks.tasks.base import Recipe, Task
from minecraft_tasks.tasks.plugins import foreign_task, offered
from minecraft_tasks.tasks.splits import standard_splits

__all__ = ["TASKS", "Recipe", "Task", "offered", "standard_splits", "task"]

_MODULES = [import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
TASKS: dict[str, Task] = {
    module.TASK.spec.name: module.TASK for module in _MODULES if hasattr(module, "TASK")
}
"""The built-in tasks: every module here that has a `TASK`."""


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
    known = {**TASKS, **offered(), "package.module:TASK": ""}
    return foreign_task(lookup("task", name, known).value)
