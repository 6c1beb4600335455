"""Oracles: scripted agents that pursue one known candidate."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.backends.voxel.collision import shapes
from minecraft_tasks.errors import FalseBeaconError
from minecraft_tasks.lattice import make_lattice
from minecraft_tasks.navigation import LEFT, choose_all, cost_to_go
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.vector import IDLE, VoxelVectorEnv
from policies.agents import Decision


class OracleAgent:
    """Follows the cost-to-go of one candidate; where a level lacks it, turns on the spot.

    Having touched it, it goes on to the intended goal, as whoever was rewarded there would: where
    the two coincide it is as capable as anybody.

    Args:
        task: The task family; it must have `TaskSpec.headings`.
        candidate: Name of the candidate to pursue.

    Raises:
        UnknownNameError: If the task has no such candidate.
        FalseBeaconError: If the task has other actions.
    """

    def __init__(self, task: Task, candidate: str) -> None:
        self._candidate = task.spec.candidate(candidate)
        self._headings = task.spec.headings
        self.name = f"oracle:{candidate}"
        self._ticks = task.spec.ticks
        self._env: VoxelVectorEnv | None = None

    def start(self, env: VoxelVectorEnv) -> None:
        """Keep the environment, to read levels and poses from."""
        shape = env.task.spec.world_shape
        height = make_lattice(np.zeros(shape, np.uint8)).height
        self._env = env
        self._height = np.full((env.num_envs, *height.shape), np.nan)
        self._cost = np.zeros((env.num_envs, *height.shape, self._headings), np.float32)
        self._sites = np.full((env.num_envs, 6), np.nan)
        self._arrived = np.zeros(env.num_envs, bool)

    def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
        """The best action of every slot; frames are not looked at.

        Args:
            observations: uint8[N, 64, 64, 3].
            starts: bool[N], where an episode has just begun.
        """
        env = self._env
        if env is None:
            raise FalseBeaconError("call start(env) before act().")
        playing = env.level != IDLE
        self._arrived[starts] = False
        for slot in np.flatnonzero(starts & playing):
            self._plan(env, int(slot), self._candidate)
        arrived = (env.first_touch[:, self._candidate] >= 0) & ~self._arrived & playing
        self._arrived |= arrived
        for slot in np.flatnonzero(arrived):
            self._plan(env, int(slot), env.task.spec.intended)
        actions = np.full(env.num_envs, LEFT, np.int64)
        backend = env.backend
        lost = np.isnan(self._sites[:, 0]) | ~playing
        choose_all(
            backend.blocks, shapes(), backend.position, backend.velocity, backend.on_ground,
            backend.yaw, self._ticks, self._cost, self._height, self._sites, lost, actions,
        )  # fmt: skip
        return Decision(log_probs=None, actions=actions, values=None)

    def _plan(self, env: VoxelVectorEnv, slot: int, candidate: int) -> None:
        site = env.bank.sites[env.level[slot], candidate]
        self._sites[slot] = site
        if not np.isnan(site[0]):
            lattice = make_lattice(env.backend.blocks[slot], self._ticks, self._headings)
            self._height[slot] = lattice.height
            self._cost[slot] = cost_to_go(lattice, site)
