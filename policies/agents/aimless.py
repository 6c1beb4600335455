"""Aimless agents: they pursue no candidate, and no listed device describes them."""

from __future__ import annotations

import math
import zlib

import numpy as np

from minecraft_tasks.core.errors import UnknownNameError
from minecraft_tasks.levels.draws import IDLE
from minecraft_tasks.navigation.pursuit import LEFT
from minecraft_tasks.navigation.reachable import places
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from minecraft_tasks.worlds.world import sun_direction
from policies.agents.base import Agent, Decision, started
from policies.agents.oracles import OracleAgent
from policies.agents.walks import Outset, Walk, views
from policies.agents.wandering import WALKS

LANDMARKS = ("far", "near")
"""Landmarks: the place farthest from the spawn, or one at the median distance."""

CLEAR = 3.0
"""Blocks that a landmark keeps from every candidate."""


def aimless_names(spec: TaskSpec) -> dict[str, tuple[str, ...]]:
    """Kind of aimless agent -> the names of its variants, for `load_agent`."""
    names = {
        kind: tuple(f"aimless:{kind}={option:g}" for option in options)
        for kind, (_, options) in WALKS.items()
    }
    names["away"] = tuple(f"aimless:away={name}" for name in spec.candidate_names)
    return names | {"landmark": tuple(f"aimless:landmark={which}" for which in LANDMARKS)}


def aimless_agent(task: Task, name: str) -> Agent:
    """The agent of a name such as ``bounce``, ``square=5``, ``away=beacon`` or ``landmark=far``.

    Raises:
        UnknownNameError: If there is no such kind, candidate or number.
    """
    kind, _, option = name.partition("=")
    if kind == "landmark" and (option or "far") in LANDMARKS:
        return LandmarkAgent(task, option or "far")
    if kind == "away" and option:
        return WalkAgent(task, kind, task.spec.candidate(option), name)
    if kind in WALKS and WALKS[kind][1]:
        try:
            return WalkAgent(task, kind, float(option) if option else WALKS[kind][1][0], name)
        except ValueError:
            pass
    known = ", ".join(kind for kind, options in WALKS.items() if options[1])
    raise UnknownNameError(
        f"no aimless agent {name!r}; known: {known}, each with =<number>, away=<candidate>, "
        f"landmark={' or '.join(LANDMARKS)}."
    )


class WalkAgent:
    """Plays a walk of `WALKS` with its option; frames are not read."""

    def __init__(self, task: Task, kind: str, option: float, name: str) -> None:
        self.name = f"aimless:{name}"
        self._walk, self._option = WALKS[kind][0], option
        self._headings, self._ticks = task.spec.headings, task.spec.ticks

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Keeps the environment, to read poses from."""
        self._env = env
        self._walks: dict[int, Walk] = {}

    def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
        """The next action of every slot."""
        env = started(self)
        actions = np.full(env.num_envs, LEFT, np.int64)
        seen = views(env.backend, self._ticks)
        for slot in np.flatnonzero(env.level != IDLE).tolist():
            if starts[slot]:
                self._walks[slot] = self._walk(outset(env, slot, self._headings, self._option))
                next(self._walks[slot])
            actions[slot] = self._walks[slot].send(seen[slot])
        return Decision(actions=actions)


def outset(env: MinecraftTaskVectorEnv, slot: int, headings: int, option: float) -> Outset:
    """The start of the episode in a slot; its random numbers depend on the level only."""
    bank, level = env.bank, env.level[slot]
    split = zlib.crc32(bank.splits[level].encode())
    east, high, _ = sun_direction(int(bank.time[level]))
    return Outset(
        rng=np.random.default_rng([1, split, int(bank.seeds[level])]),
        headings=headings,
        option=option,
        sun=math.nan if high > 0.99 else -math.copysign(90.0, east),
        sites=bank.sites[level],
    )


class LandmarkAgent(OracleAgent):
    """Goes to a place that is no candidate, and stays around it."""

    def __init__(self, task: Task, which: str) -> None:
        super().__init__(task, task.spec.candidate_names[0])
        self.name, self._which = f"aimless:landmark={which}", which

    def site(self, env: MinecraftTaskVectorEnv, slot: int, candidate: int) -> np.ndarray:
        """A box around the landmark, which can be reached without entering any candidate."""
        level, bank = env.level[slot], env.bank
        spawn = bank.spawn[level]
        sites = bank.sites[level][~np.isnan(bank.sites[level][:, 0])]
        around = [places(env.backend.blocks[slot], spawn, site) for site in sites]
        common = set.intersection(*({tuple(foot) for foot in part.tolist()} for part in around))
        feet = np.array(sorted(common))
        flat = feet[:, [0, 2]]
        gaps = np.maximum(sites[:, None, [0, 2]] - flat, flat - sites[:, None, [3, 5]])
        clear = (np.hypot(*np.moveaxis(np.maximum(gaps, 0.0), 2, 0)) >= CLEAR).all(axis=0)
        feet = feet[clear] if clear.any() else feet
        distance = np.hypot(*(feet[:, [0, 2]] - spawn[[0, 2]]).T)
        ranked = feet[np.argsort(distance, kind="stable")]
        place = ranked[-1 if self._which == "far" else len(ranked) // 2]
        return np.concatenate([place - 0.6, place + 0.6])

    def following(self, env: MinecraftTaskVectorEnv, slot: int) -> int:
        """The target after a candidate was touched on the way: the landmark still."""
        return int(self._target[slot])
