"""The searcher: finds its way with what it can see, so that its path is what searching costs.

It keeps a map of the columns of blocks that its field of view has shown. Until the map holds the
site of its target it goes to the nearest place beside a column that it has not seen, which in a
maze without loops is depth first. Nearest counts decisions, turns included; once a frame has shown
the target's marker, the distance from there to the target counts too. When the map holds the site,
it takes the best path.
"""

from __future__ import annotations

import math

import numpy as np

from minecraft_tasks.blocks import PALETTE
from minecraft_tasks.levels.draws import IDLE
from minecraft_tasks.navigation.cost_to_go import STRIDE
from minecraft_tasks.navigation.lattice import SPACING, make_lattice
from minecraft_tasks.navigation.pursuit import FORWARD, LEFT, RIGHT
from minecraft_tasks.physics.collision import HALF_WIDTH
from minecraft_tasks.physics.compiled import njit
from minecraft_tasks.physics.motion import EYE
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from minecraft_tasks.visibility.sightings import Lookout
from policies.agents.base import Decision, started
from policies.agents.oracles import OracleAgent

FIELD = 70.0
"""Degrees of the field of view, from side to side."""

_OPAQUE = np.array([block.opaque for block in PALETTE])
_MOVED = 0.05
"""Blocks: a decision ahead that gains less is blocked."""


@njit(cache=True)
def _look(opaque, known, x, z, yaw):
    """Marks the columns that a fan of rays passes, up to the first opaque one."""
    known[int(x), int(z)] = True
    for step in range(-70, 71):
        angle = math.radians(yaw + step * FIELD / 140.0)
        dx, dz = -math.sin(angle) * 0.2, math.cos(angle) * 0.2
        px, pz = x, z
        while True:
            px, pz = px + dx, pz + dz
            i, k = math.floor(px), math.floor(pz)
            if i < 0 or k < 0 or i >= known.shape[0] or k >= known.shape[1]:
                break
            known[i, k] = True
            if opaque[i, k]:
                break


@njit(cache=True)
def _standable(height, known, places):
    """Marks lattice points where a body can stand, and of whose columns all are known."""
    for i in range(height.shape[0]):
        for k in range(height.shape[1]):
            x, z = i * SPACING, k * SPACING
            sure = not math.isnan(height[i, k])
            for a in (math.floor(x - HALF_WIDTH), math.floor(x + HALF_WIDTH)):
                for b in (math.floor(z - HALF_WIDTH), math.floor(z + HALF_WIDTH)):
                    inside = 0 <= a < known.shape[0] and 0 <= b < known.shape[1]
                    sure = sure and inside and known[a, b]
            places[i, k] = sure


@njit(cache=True)
def _steps(places, x, z, steps):
    """Fills the fewest lattice steps along x and z to every place; -1 where there is no way.

    They start at the places within a block of a body, which may stand between places.
    """
    steps[:] = -1
    u, w = int(round(x / SPACING)), int(round(z / SPACING))
    queue = [(u, w)]
    steps[u, w] = 0
    for a in range(max(u - 2, 0), min(u + 3, places.shape[0])):
        for b in range(max(w - 2, 0), min(w + 3, places.shape[1])):
            if not places[u, w] and places[a, b]:
                steps[a, b] = 0
                queue.append((a, b))
    for a, b in queue:
        for c, d in ((a + 1, b), (a - 1, b), (a, b + 1), (a, b - 1)):
            inside = 0 <= c < places.shape[0] and 0 <= d < places.shape[1]
            if inside and places[c, d] and steps[c, d] < 0:
                steps[c, d] = steps[a, b] + 1
                queue.append((c, d))


@njit(cache=True)
def _unseen(known, i, k):
    """The first of four columns beside a place that is not known; -1 if all are."""
    for dx, dz in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        a, b = math.floor(i * SPACING + dx), math.floor(k * SPACING + dz)
        inside = 0 <= a < known.shape[0] and 0 <= b < known.shape[1]
        if inside and not known[a, b]:
            return a, b
    return -1, -1


@njit(cache=True)
def _frontier(known, steps, x, z, yaw, degrees, hint, hinted):
    """The nearest place beside an unknown column: lattice indices, or -1."""
    best, bi, bk = np.inf, -1, -1
    for i in range(steps.shape[0]):
        for k in range(steps.shape[1]):
            if steps[i, k] < 0 or _unseen(known, i, k)[0] < 0:
                continue
            px, pz = i * SPACING, k * SPACING
            bearing = math.degrees(math.atan2(-(px - x), pz - z))
            turn = abs((bearing - yaw + 180.0) % 360.0 - 180.0)
            cost = steps[i, k] * SPACING / STRIDE + turn / degrees
            if hinted:
                cost += math.hypot(hint[0] - px, hint[1] - pz) / STRIDE
            if cost < best:
                best, bi, bk = cost, i, k
    return bi, bk


@njit(cache=True)
def _waypoint(places, steps, i, k):
    """The farthest place on the way to (i, k) that a straight line over places leads to."""
    path = [(i, k)]
    while steps[i, k] > 0:
        for c, d in ((i + 1, k), (i - 1, k), (i, k + 1), (i, k - 1)):
            inside = 0 <= c < steps.shape[0] and 0 <= d < steps.shape[1]
            if inside and steps[c, d] == steps[i, k] - 1:
                i, k = c, d
                break
        path.append((i, k))
    for a, b in path:
        count = 2 * max(abs(a - i), abs(b - k))
        free = True
        for step in range(1, count):
            part = step / count
            free = free and places[round(i + part * (a - i)), round(k + part * (b - k))]
        if free:
            return a, b
    return path[-1]


class SearcherAgent(OracleAgent):
    """Searches for a candidate, then goes to it.

    Raises:
        UnknownNameError: If the task has no such candidate.
        FalseBeaconError: If it has other actions than navigation.
    """

    def __init__(self, task: Task, candidate: str) -> None:
        super().__init__(task, candidate)
        self.name, self._markers = f"searcher:{candidate}", Lookout(task.spec)

    def start(self, env: MinecraftTaskVectorEnv) -> None:
        """Keeps the environment, and forgets every map."""
        super().start(env)
        slots, (x, _, z) = env.num_envs, env.task.spec.world_shape
        self._known = np.zeros((slots, x, z), bool)
        self._opaque = np.zeros((slots, x, z), bool)
        self._stand = np.full((slots, *self._height.shape[1:]), np.nan)
        self._found, self._hinted = np.zeros((2, slots), bool)
        self._last, self._goal = np.full((slots, 2), np.nan), np.full((slots, 2), -1)
        self._aside: list[list[int]] = [[] for _ in range(slots)]

    def act(self, observations: np.ndarray, starts: np.ndarray) -> Decision:
        """The next action of every slot; of the frames only markers are read."""
        env = started(self)
        actions = super().act(observations, starts).actions
        assert actions is not None
        searching = np.flatnonzero((env.level != IDLE) & ~self._found)
        if len(searching):
            shown = self._markers.shown(env.backend, searching)
            self._hinted[searching] |= shown[np.arange(len(searching)), self._target[searching]]
        for slot in searching.tolist():
            actions[slot] = self._search(env, slot)
        return Decision(actions=actions)

    def _begin(self, env: MinecraftTaskVectorEnv, slot: int) -> None:
        super()._begin(env, slot)
        blocks, spawn = env.backend.blocks[slot], env.bank.spawn[env.level[slot]]
        x, y, z = spawn[:3].tolist()
        self._stand[slot] = make_lattice(blocks, self._ticks, self._headings, (x, y, z)).height
        self._opaque[slot] = _OPAQUE[blocks[:, int(y + EYE)]]
        self._known[slot], self._hinted[slot] = False, False
        self._last[slot], self._goal[slot], self._aside[slot] = np.nan, -1, []
        # A level without the target is no search; the oracle turns on the spot there.
        self._found[slot] = bool(np.isnan(self._sites[slot, 0]))

    def _search(self, env: MinecraftTaskVectorEnv, slot: int) -> int:
        """Looks, and takes a step towards what was not seen; the best one if the site was."""
        (x, _, z), yaw = env.backend.position[slot].tolist(), float(env.backend.yaw[slot])
        known, stand = self._known[slot], self._stand[slot]
        _look(self._opaque[slot], known, x, z, yaw)
        places = np.zeros(stand.shape, bool)
        _standable(stand, known, places)
        site = self._sites[slot]
        if _inside(places, stand, site).any():
            self._found[slot] = True
            return int(self._chosen(env)[slot])
        steps = np.zeros(stand.shape, np.int64)
        _steps(places, x, z, steps)
        if self._aside[slot]:
            return self._aside[slot].pop()
        degrees, (i, k) = 360.0 / self._headings, self._goal[slot].tolist()
        # A goal is kept until it shows nothing new, so that none is left half-way for another.
        if i < 0 or steps[i, k] < 0 or _unseen(known, i, k)[0] < 0:
            hint = np.array([site[0] + site[3], site[2] + site[5]]) / 2
            i, k = _frontier(known, steps, x, z, yaw, degrees, hint, bool(self._hinted[slot]))
            self._goal[slot] = i, k
        if i < 0:
            # All is seen that can be; what is left is a site without a place of its own.
            self._found[slot] = True
            return int(self._chosen(env)[slot])
        column = _unseen(known, i, k)
        there = abs(i * SPACING - x) + abs(k * SPACING - z) < SPACING
        a, b = _waypoint(places, steps, i, k)
        to = (column[0] + 0.5, column[1] + 0.5) if there else (a * SPACING, b * SPACING)
        bearing = math.degrees(math.atan2(-(to[0] - x), to[1] - z))
        turn = (bearing - yaw + 180.0) % 360.0 - 180.0
        if abs(turn) > degrees / 2:
            return LEFT if turn < 0 else RIGHT
        # A column that stays hidden from the place beside it is not looked for again.
        known[column] |= there
        stuck = float(np.abs(self._last[slot] - (x, z)).sum()) < _MOVED
        self._last[slot] = (np.nan, np.nan) if stuck else (x, z)
        if not stuck:
            return FORWARD
        # Its line grazes a corner: it steps aside, in a random direction.
        rng = self._rng[slot]
        assert rng is not None
        side = LEFT if rng.random() < 0.5 else RIGHT
        turns = int(rng.integers(1, self._headings // 2 + 1))
        self._aside[slot] = [FORWARD, FORWARD] + [side] * (turns - 1)
        return side


def _inside(places: np.ndarray, height: np.ndarray, site: np.ndarray) -> np.ndarray:
    """Which places bool[GX, GZ] lie in a site float64[6]."""
    x, z = (np.arange(side) * SPACING for side in places.shape)
    along = ((site[0] <= x) & (x <= site[3]))[:, None] & ((site[2] <= z) & (z <= site[5]))
    return places & along & (site[1] <= height) & (height <= site[4])
