"""Registers every task with gymnasium, without loading gymnasium where it is not used.

Reports read files only, so importing `minecraft_tasks` must not import gymnasium. Its registry
is filled once both packages are loaded, in either order.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import util
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from minecraft_tasks.core.errors import FalseBeaconError

_NAME = "gymnasium"


def register() -> None:
    """Registers the ids of all tasks, as strings; an environment's code is loaded when it is made.

    ``falsebeacon/Task-v0`` takes any task as the argument `task`. A task that an installed package
    offers has its name as its id, without a version.

    Raises:
        FalseBeaconError: If gymnasium refuses an id.
    """
    import gymnasium

    from minecraft_tasks.tasks import TASKS, offered

    ids = {task.spec.env_id: {"task": name} for name, task in TASKS.items()}
    ids |= {f"falsebeacon/{name}": {"task": name} for name in offered() if name not in TASKS}
    for env_id, arguments in (ids | {"falsebeacon/Task-v0": {}}).items():
        try:
            gymnasium.register(
                id=env_id,
                entry_point="minecraft_tasks.env:MinecraftTaskEnv",
                vector_entry_point="minecraft_tasks.env:make_vector_env",
                kwargs=arguments,
            )
        except gymnasium.error.Error as error:
            raise FalseBeaconError(f"cannot register {env_id}: {error}.") from error


class _AfterGymnasium(MetaPathFinder):
    """Finds gymnasium as usual, and registers the tasks once it is loaded."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _NAME:
            return None
        sys.meta_path.remove(self)
        spec = util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_register(module: ModuleType) -> None:
                load(module)
                register()

            spec.loader.exec_module = load_and_register
        return spec


def register_when_loaded() -> None:
    """Registers the tasks now where gymnasium is loaded, and otherwise as soon as it is."""
    if _NAME in sys.modules:
        register()
    else:
        sys.meta_path.insert(0, _AfterGymnasium())
