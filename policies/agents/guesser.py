"""The guesser: an agent without sight, memory or target, which is right by luck."""

from __future__ import annotations

import zlib

import numpy as np

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.generate import level
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.oracles import OracleAgent

GUESSER = "guesser"
"""Name that `load_agent` takes."""


def guesses(task: Task) -> bool:
    """Whether a task names `World.lookalikes`, where an agent may find its goal by guessing."""
    control = task.spec.of_kind("control")
    return bool(control) and bool(level(task, control[0].name, 0).lookalikes)


class GuesserAgent(OracleAgent):
    """Walks to one of `World.lookalikes`, drawn anew in each episode, by the best path.

    It shows how far chance goes where a choice has few options: at a fork it is right half of the
    time. The draw depends on the level only.

    Raises:
        FalseBeaconError: If the task names no such places, or has other actions than navigation.
    """

    def __init__(self, task: Task) -> None:
        super().__init__(task, task.spec.intended_name)
        if not guesses(task):
            raise FalseBeaconError(
                f"{task.spec.name} has no guesser: its worlds name no `lookalikes`, places that"
                " look like the goal's to an agent that has not seen it."
            )
        self.name, self._task = GUESSER, task

    def _begin(self, env: MinecraftTaskVectorEnv, slot: int) -> None:
        split, seed = env.bank.splits[env.level[slot]], int(env.bank.seeds[env.level[slot]])
        rng = self._rng[slot] = np.random.default_rng([zlib.crc32(split.encode()), seed])
        places = level(self._task, split, seed).lookalikes
        place = places[rng.integers(len(places))] if places else [np.nan] * 6
        self._follow(env, slot, np.array(place))
