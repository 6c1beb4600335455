"""What a world is, and what happens in it: tasks, levels, engines, environments.

Importing this package registers every task with gymnasium:

    gymnasium.make("falsebeacon/BeaconShrine-v0", split="train", seed=0)
    gymnasium.make_vec("falsebeacon/BeaconShrine-v0", num_envs=128)
"""

from __future__ import annotations

from typing import Any

import gymnasium

from minecraft_tasks.env import MinecraftTaskEnv
from minecraft_tasks.seeds import TRAINING_LEVELS, split_bank
from minecraft_tasks.tasks import TASKS
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.vector import MinecraftTaskVectorEnv

__all__ = ["TASKS", "MinecraftTaskEnv", "MinecraftTaskVectorEnv", "make_vector_env"]


def make_vector_env(
    task: str,
    num_envs: int,
    split: str = "train",
    seed: int = 0,
    backend: str = "voxel",
    layouts: int = TRAINING_LEVELS,
    **kwargs: Any,
) -> MinecraftTaskVectorEnv:
    """Many levels of one split, stepped together.

    Args:
        task: Name of the task.
        num_envs: How many episodes run at once.
        split: Name of the split.
        seed: Seeds the order of levels.
        backend: Which engine draws the levels.
        layouts: How many training levels to draw from, for the `train` split.
        kwargs: Passed on to the vector environment.
    """
    found = find_task(task)
    bank = split_bank(found, split, layouts)
    return MinecraftTaskVectorEnv(found, bank, num_envs, seed=seed, backend=backend, **kwargs)


for _task in TASKS.values():
    gymnasium.register(
        id=_task.spec.env_id,
        entry_point="minecraft_tasks.env:MinecraftTaskEnv",
        vector_entry_point="minecraft_tasks:make_vector_env",
        kwargs={"task": _task.spec.name},
    )
