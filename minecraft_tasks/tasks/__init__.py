"""The task families, by name."""

from __future__ import annotations

from minecraft_tasks.core.errors import lookup
from minecraft_tasks.tasks import beacon_shrine, green_arrow_maze, hidden_goal
from minecraft_tasks.tasks.base import Task

TASKS: dict[str, Task] = {
    module.TASK.spec.name: module.TASK for module in (beacon_shrine, green_arrow_maze, hidden_goal)
}


def task(name: str) -> Task:
    """The task of that name.

    Raises:
        UnknownNameError: If there is none.
    """
    return lookup("task", name, TASKS)
