"""Distance to each candidate, and the lookahead that a planner needs to get there.

**Fewest decisions** are `navigation`'s cost-to-go at the spawn.

**Planning depth** is how many decisions a planner must look ahead. Depth-limited lookahead values
what lies beyond its horizon as if nothing stood in the way: the straight line to the site, and the
turns that face it (Korf 1990, *Real-time heuristic search*). At each pose along the best path, the
depth is the last horizon at which its choice still loses `LOSS` decisions or more by the true
cost-to-go; 0 where looking at the next decision alone is enough. A level's planning depth is the
largest along its path: 0 in an empty room, more where a wall stands in the way, and the more the
farther one must walk away from the site.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minecraft_tasks.actions import ActionTable
from minecraft_tasks.admission.rules import NEAREST, REACH_SHARE
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.navigation.cost_to_go import STRIDE, UNREACHABLE, cost_at, cost_to_go
from minecraft_tasks.navigation.lattice import SPACING, Lattice, forward, make_lattice
from minecraft_tasks.navigation.pursuit import choose_all
from minecraft_tasks.physics.collision import STEP_HEIGHT, shapes
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.worlds.sites import touched
from minecraft_tasks.worlds.world import Pose

_HORIZON = 32
"""Decisions: no planner looks farther; what takes more counts as this much."""

LOSS = 0.5
"""Decisions by which a choice must be worse than the best to count as wrong."""


class Blend(NamedTuple):
    """Bilinear interpolation over the lattice, as the cost-to-go uses it.

    Attributes:
        points: int64[P, 4] flat lattice points around each place.
        weight: float64[P, 4], adding up to 1, or all 0 where no place nearby can be stood on.
    """

    points: np.ndarray
    weight: np.ndarray

    def of(self, cost: np.ndarray, heading: np.ndarray) -> np.ndarray:
        """Costs float64[P] at the places, of cost float[GX * GZ, H] and headings int64[P]."""
        around = cost[self.points, heading[:, None]]
        total = (around * self.weight).sum(axis=1)
        blocked = ((around >= UNREACHABLE) & (self.weight > 0)).any(axis=1)
        return np.where(blocked | (self.weight.sum(axis=1) == 0), UNREACHABLE, total)


def _blend(height: np.ndarray, feet: np.ndarray) -> Blend:
    """Interpolation at places float64[P, 3] over a lattice's height float64[GX, GZ]."""
    scaled = feet[:, [0, 2]] / SPACING
    low = np.floor(scaled).astype(np.int64)
    part = scaled - low
    index, weight = [], []
    for corner in np.ndindex(2, 2):
        at = low + corner
        inside = ((at >= 0) & (at < height.shape)).all(axis=1)
        at = np.clip(at, 0, np.array(height.shape) - 1)
        share = np.where(corner, part, 1.0 - part).prod(axis=1)
        near = np.abs(height[at[:, 0], at[:, 1]] - feet[:, 1]) <= STEP_HEIGHT
        index.append(at[:, 0] * height.shape[1] + at[:, 1])
        weight.append(np.where(inside & near & (share >= 1e-6), share, 0.0))
    weights = np.stack(weight, axis=1)
    total = weights.sum(axis=1, keepdims=True)
    return Blend(
        np.stack(index, axis=1), np.where(total > 1e-3, weights / np.maximum(total, 1e-3), 0)
    )


def straight(feet: np.ndarray, yaw: np.ndarray, site: np.ndarray, stride: float, turn: float):
    """Decisions to a site as if nothing stood in the way: the distance, and turns to face it.

    Args:
        feet: float64[P, 3].
        yaw: float64[P] degrees.
        site: float64[6].
        stride: Blocks of a forward decision.
        turn: Degrees of a turn.

    Returns:
        float64[P].
    """
    away = np.clip(feet, site[:3], site[3:]) - feet
    facing = np.degrees(np.arctan2(-away[:, 0], away[:, 2]))
    off = np.abs((facing - yaw + 180.0) % 360.0 - 180.0)
    distance = np.hypot(away[:, 0], away[:, 2])
    return distance / stride + np.where(distance > 0, np.maximum(0.0, off / turn - 0.5), 0.0)


def planning_depth(
    blocks: np.ndarray, lattice: Lattice, cost: np.ndarray, site: np.ndarray, poses: np.ndarray,
    ticks: int,
) -> int:  # fmt: skip
    """The largest horizon, 0 to `_HORIZON`, at which lookahead still chooses wrongly along a path.

    Args:
        blocks: uint8[X, Y, Z].
        lattice: Lattice of those blocks.
        cost: float32[GX, GZ, H] cost-to-go to the site.
        site: float64[6].
        poses: float64[T, 4] feet and yaw before each decision of the path.
        ticks: Game ticks per decision.
    """
    headings = cost.shape[2]
    turn, stride = 360.0 / headings, STRIDE * ticks / 4.0
    standing = np.flatnonzero(~np.isnan(lattice.height.ravel()))
    where = np.stack(np.unravel_index(standing, lattice.height.shape), axis=1) * SPACING
    feet = np.stack([where[:, 0], lattice.height.ravel()[standing], where[:, 1]], axis=1)
    every = np.tile(np.arange(headings), len(standing))
    reached = lattice.reached.reshape(-1, headings, 3)[standing].reshape(-1, 3)
    ahead = _blend(lattice.height, reached)
    arrived = touched(feet, site[None, None])[:, 0]

    heading = np.rint(poses[:, 3] / turn).astype(np.int64) % headings
    bodies = [forward(blocks, shapes(), x, y, z, yaw, ticks) for x, y, z, yaw in poses]
    after = np.array([(body.x, body.y, body.z) for body in bodies])
    here, there = _blend(lattice.height, poses[:, :3]), _blend(lattice.height, after)

    def worth(value: np.ndarray) -> np.ndarray:
        """Cost after each action at every pose of the path: float64[T, 3]."""
        turned = [here.of(value, (heading + way) % headings) for way in (-1, 1)]
        return np.stack([there.of(value, heading), *turned], axis=1)

    truth = worth(cost.reshape(-1, headings).astype(np.float64))
    regret = truth - truth.min(axis=1, keepdims=True)
    value = np.full((lattice.height.size, headings), float(UNREACHABLE))
    guess = straight(np.repeat(feet, headings, axis=0), every * turn, site, stride, turn)
    value[standing] = np.where(arrived[:, None], 0.0, guess.reshape(-1, headings))
    depth = 0
    for horizon in range(1, _HORIZON + 1):
        choice = worth(value).argmin(axis=1)
        if (regret[np.arange(len(poses)), choice] >= LOSS).any():
            depth = horizon
        now = value[standing]
        best = np.minimum(np.roll(now, 1, axis=1), np.roll(now, -1, axis=1))
        best = np.minimum(best, ahead.of(value, every).reshape(-1, headings)) + 1.0
        value[standing] = np.where(arrived[:, None], 0.0, best)
    return depth


def paths(
    spec: TaskSpec, bank: LevelBank, lattices: list[Lattice], costs: np.ndarray, sites: np.ndarray
) -> list[np.ndarray]:
    """Feet and yaw before each decision of bodies that follow costs float32[L, GX, GZ, H] to sites.

    Returns:
        L arrays float64[T, 4]; empty where the site float64[6] was not reached within `REACH_SHARE`
        of the time limit.
    """
    count = len(bank)
    backend = VoxelBackend(count, spec.world_shape, threads=1)
    backend.place(np.arange(count), bank.blocks, bank.spawn, bank.time)
    table, height = ActionTable.of(spec.actions), np.stack([each.height for each in lattices])
    actions, trail = np.zeros(count, np.int64), []
    steps = np.full(count, -1)
    for step in range(1, int(REACH_SHARE * bank.time_limits.max()) + 1):
        trail.append(np.column_stack([backend.position, backend.yaw]))
        choose_all(
            backend.blocks, backend.shapes, backend.position, backend.velocity, backend.on_ground,
            backend.yaw, spec.ticks, costs, height, sites, steps > 0, actions,
        )  # fmt: skip
        backend.act(actions, table, spec.ticks)
        arrived = touched(backend.position, sites[:, None])[:, 0] & (steps < 0)
        steps[arrived] = step
        if (steps > 0).all():
            break
    late = steps > REACH_SHARE * bank.time_limits
    lengths = np.where(late, 0, np.maximum(0, steps))
    return [np.stack(trail)[:length, level] for level, length in enumerate(lengths)]


class Effort(NamedTuple):
    """Fewest decisions from the spawn to a candidate and planning depth, both float64[K]."""

    decisions: np.ndarray
    depths: np.ndarray


def effort(spec: TaskSpec, bank: LevelBank, candidate: int) -> Effort:
    """Effort to reach a candidate, by index, on the levels that admission calls within reach."""
    sites = bank.sites[:, candidate]
    lattices = [make_lattice(blocks, spec.ticks, spec.headings) for blocks in bank.blocks]
    costs = np.stack([cost_to_go(each, site) for each, site in zip(lattices, sites, strict=True)])
    walked = paths(spec, bank, lattices, costs, sites)
    decisions, depths = [], []
    for level, poses in enumerate(walked):
        fewest = cost_at(lattices[level].height, costs[level], Pose(*bank.spawn[level]))
        if not len(poses) or fewest < NEAREST:
            continue
        decisions.append(fewest)
        places = (bank.blocks[level], lattices[level], costs[level], sites[level])
        depths.append(planning_depth(*places, poses, spec.ticks))
    return Effort(np.array(decisions), np.array(depths, float))
