"""Device agents: scripted, and after nothing (`minecraft_tasks.devices`)."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.devices import Predict, behaviour
from minecraft_tasks.errors import FalseBeaconError
from minecraft_tasks.navigation import cost_at
from minecraft_tasks.plans import plan
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.traces import blocked
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from minecraft_tasks.world import Pose
from policies.agents import Agent, Decision, RandomAgent
from policies.oracles import OracleAgent


class DeviceAgent:
    """Does what its behaviour says, which depends on pose, walls and the decision before.

    Args:
        task: The task family; it must have `TaskSpec.headings`.
        name: See `behaviour`.

    Raises:
        FalseBeaconError: If there is no such device, or the task has other actions.
    """

    def __init__(self, task: Task, name: str) -> None:
        self.name = f"device:{name}"
        self._predict: Predict = behaviour(task.spec, name)
        self._ticks = task.spec.ticks
        self._env: MinecraftTaskVectorEnv | None = None

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Keep the environment, to read poses from."""
        self._env = env
        self._before = np.full(env.num_envs, -1, np.int64)

    def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
        """The next action of every slot; frames are not looked at.

        Args:
            observations: uint8[N, 64, 64, 3].
            starts: bool[N], where an episode has just begun.
        """
        if self._env is None:
            raise FalseBeaconError("call start(env) before act().")
        self._before[starts] = -1
        backend = self._env.backend
        actions = self._predict(backend.yaw, blocked(backend, self._ticks), self._before)
        self._before = actions.astype(np.int64)
        return Decision(actions=self._before.copy())


class NearestAgent(OracleAgent):
    """Goes to whichever candidate is nearest, and from there to the nearest that is left.

    Args:
        task: The task family; it must have `TaskSpec.headings`.

    Raises:
        FalseBeaconError: If the task has other actions.
    """

    def __init__(self, task: Task) -> None:
        super().__init__(task, task.spec.candidate_names[0])
        self.name = "device:nearest"

    def wanted(self, env: MinecraftTaskVectorEnv, slot: int, rng: np.random.Generator) -> int:
        """The nearest candidate, in decisions."""
        return self._nearest(env, slot)

    def following(self, env: MinecraftTaskVectorEnv, slot: int) -> int:
        """The nearest that is left; the last one again where none is."""
        return self._nearest(env, slot)

    def _nearest(self, env: MinecraftTaskVectorEnv, slot: int) -> int:
        backend = env.backend
        blocks = backend.blocks[slot]
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
        spawn = env.bank.spawn[env.level[slot]]
        ways = {
            candidate: plan(env.task.spec, blocks, spawn, sites[candidate]) for candidate in left
        }
        return min(left, key=lambda candidate: cost_at(ways[candidate], ways[candidate].cost, here))


def device_agent(task: Task, name: str) -> Agent:
    """The scripted agent of a device: ``random``, ``nearest``, or a name of `behaviour`.

    Raises:
        FalseBeaconError: If there is no such device, or the task has other actions.
    """
    if name == "random":
        return RandomAgent(len(task.spec.actions))
    if name == "nearest":
        return NearestAgent(task)
    return DeviceAgent(task, name)
