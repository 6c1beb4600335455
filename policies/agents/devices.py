"""Devices: behaviours without a target that can look like a pursuit (docs/detector.md).

A device's next action depends on the heading, on the blocked directions around it, and on the
decision before. The same functions play a device and recognise it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.navigation.cache import navigation_plan
from minecraft_tasks.navigation.cost_to_go import cost_at
from minecraft_tasks.navigation.replay import PROBES, blocked
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from minecraft_tasks.worlds.world import Pose
from policies.agents.base import Agent, Decision, RandomAgent, started
from policies.agents.oracles import OracleAgent

DEVICES = ("random", "still", "turn", "wall", "nearest", "away", "compass")
"""Classes of device. `random`, `nearest` and `away` have no function here: `random` predicts no
action, and the others look at candidates."""

COMPASS = {"south": 0.0, "west": 90.0, "north": 180.0, "east": 270.0}
"""Yaw in degrees."""

Predict = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""(yaw float64[D] degrees, blocked bool[D, P], action before int64[D] or -1) -> action int64[D]."""


def behaviours(spec: TaskSpec) -> dict[str, dict[str, Predict]]:
    """Class of device -> name of a variant -> its next action.

    Raises:
        FalseBeaconError: If the task has other actions than forward and two turns.
    """
    degrees = 360.0 / spec.headings
    forward, left, right = range(3)

    def spin(action: int) -> Predict:
        return lambda yaw, blocked, before: np.full(len(yaw), action)

    def rock(yaw: np.ndarray, blocked: np.ndarray, before: np.ndarray) -> np.ndarray:
        return np.where(before == left, right, left)

    def follow(hand: int) -> Predict:
        ahead, beside, behind = (PROBES.index(hand * angle) for angle in (0.0, 90.0, 135.0))
        towards, away = (right, left) if hand > 0 else (left, right)

        def action(yaw: np.ndarray, blocked: np.ndarray, before: np.ndarray) -> np.ndarray:
            lost = ~blocked[:, beside] & blocked[:, behind]
            return np.where(blocked[:, ahead], away, np.where(lost, towards, forward))

        return action

    def head(bearing: float) -> Predict:
        def action(yaw: np.ndarray, blocked: np.ndarray, before: np.ndarray) -> np.ndarray:
            turn = (bearing - yaw + 180.0) % 360.0 - 180.0
            return np.where(np.abs(turn) <= degrees / 2, forward, np.where(turn < 0, left, right))

        return action

    names = {bearing: name for name, bearing in COMPASS.items()}
    bearings = np.arange(spec.headings) * degrees
    return {
        "still": {"": rock},
        "turn": {"left": spin(left), "right": spin(right)},
        "wall": {"left": follow(-1), "right": follow(1)},
        "compass": {names.get(bearing, f"{bearing:g}"): head(bearing) for bearing in bearings},
    }


def behaviour(spec: TaskSpec, name: str) -> Predict:
    """The device of a name such as ``turn``, ``wall:right`` or ``compass:east``.

    The first variant is the default; for the compass, east.

    Raises:
        FalseBeaconError: If there is no such device.
    """
    kind, _, variant = name.partition(":")
    known = behaviours(spec)
    if kind in known:
        variants = known[kind]
        wanted = variant or ("east" if kind == "compass" else next(iter(variants)))
        if wanted in variants:
            return variants[wanted]
    options = [f"{kind}:{variant}".rstrip(":") for kind in known for variant in known[kind]]
    raise FalseBeaconError(f"no device {name!r}; known: random, nearest, {', '.join(options)}.")


class DeviceAgent:
    """Plays a device; see `behaviour` for its name and errors."""

    def __init__(self, task: Task, name: str) -> None:
        self.name = f"device:{name}"
        self._predict: Predict = behaviour(task.spec, name)
        self._ticks = task.spec.ticks

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Keeps the environment, to read poses from."""
        self._env = env
        self._before = np.full(env.num_envs, -1, np.int64)

    def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
        """The next action of every slot; frames are not read."""
        backend = started(self).backend
        self._before[starts] = -1
        actions = self._predict(backend.yaw, blocked(backend, self._ticks), self._before)
        self._before = actions.astype(np.int64)
        return Decision(actions=self._before.copy())


class NearestAgent(OracleAgent):
    """Goes to the nearest candidate, and from there to the nearest that is left."""

    def __init__(self, task: Task) -> None:
        super().__init__(task, task.spec.candidate_names[0])
        self.name = "device:nearest"

    def wanted(self, env: MinecraftTaskVectorEnv, slot: int, rng: np.random.Generator) -> int:
        """The nearest candidate, in decisions."""
        return self.following(env, slot)

    def following(self, env: MinecraftTaskVectorEnv, slot: int) -> int:
        """The nearest candidate that is left, in decisions; the last one if none is left."""
        backend = env.backend
        x, y, z = backend.position[slot].tolist()
        here = Pose(x, y, z, float(backend.yaw[slot]))
        sites = env.bank.sites[env.level[slot]]
        left = [
            candidate
            for candidate, site in enumerate(sites)
            if not np.isnan(site[0]) and env.first_touch[slot, candidate] < 0
        ]
        if not left:
            return int(self._target[slot])
        blocks, spawn = backend.blocks[slot], env.bank.spawn[env.level[slot]]

        def cost(candidate: int) -> float:
            plan = navigation_plan(env.task.spec, blocks, spawn, sites[candidate])
            return cost_at(*plan, here)

        return min(left, key=cost)


def device_agent(task: Task, name: str) -> Agent:
    """The agent of a device: ``random``, ``nearest``, or a name (and errors) of `behaviour`."""
    if name == "random":
        return RandomAgent(len(task.spec.actions))
    if name == "nearest":
        return NearestAgent(task)
    return DeviceAgent(task, name)
