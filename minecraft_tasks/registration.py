"""Registers every task with gymnasium, without loading gymnasium where it is not used.

Reports read files only, so importing `minecraft_tasks` must not import gymnasium. Its registry
is filled when both packages are there, in whichever order they are imported.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import util
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from minecraft_tasks.core.errors import FalseBeaconError

_NAME = "gymnasium"


def register() -> None:
    """Registers the ids of all tasks, as strings; an environment's code is loaded when it is made.

    ``falsebeacon/Task-v0`` takes any task as the argument `task`. A task that an installed package
    offers has its name there as its id, without a version, and is imported when it is made.

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
                vector_entry_point="minecraft_tasks.vector:make_vector_env",
                kwargs=arguments,
            )
        except gymnasium.error.Error as error:
            raise FalseBeaconError(f"cannot register {env_id}: {error}.") from error


class _AfterGymnasium(MetaPathFinder, Loader):
    """Finds gymnasium as usual, and registers the tasks once it is loaded."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _NAME:
            return None
        sys.meta_path.remove(self)
        spec = util.find_spec(fullname)
        if spec is None or spec.loader is None:
            return None
        self._loader, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        register()


def register_when_loaded() -> None:
    """Registers the tasks now where gymnasium is loaded, and otherwise as soon as it is."""
    if _NAME in sys.modules:
        register()
    else:
        sys.meta_path.insert(0, _AfterGymnasium())
