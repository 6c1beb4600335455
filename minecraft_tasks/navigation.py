"""Cost-to-go in the agent's own action space, with the engine's own physics.

Value iteration over the states of `lattice` gives the fewest decisions to a site from everywhere,
with bilinear interpolation between lattice points (a semi-Lagrangian scheme for minimum time).

It covers tasks that go forward and turn by one angle, `TaskSpec.headings` of which are a circle.
"""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

import numpy as np
from numba import njit, prange

from minecraft_tasks.backends.base import ActionTable
from minecraft_tasks.backends.voxel.collision import STEP_HEIGHT, shapes
from minecraft_tasks.backends.voxel.physics import STANDING_FALL, Body, decide
from minecraft_tasks.lattice import (
    HEADINGS,
    SPACING,
    Lattice,
    coast,
    forward,
    make_lattice,
)
from minecraft_tasks.spec import navigation
from minecraft_tasks.world import Pose, Site, World

FORWARD, LEFT, RIGHT = range(3)
UNREACHABLE = np.float32(1e6)
STRIDE = 0.8634
"""Blocks that one forward decision of four ticks is worth: four times 0.098 / (1 - 0.546)."""

STUCK = 0.05
"""Blocks: a forward decision that gains less runs into something."""


@njit(cache=True)
def _interpolate(cost, height, x, y, z, heading):
    """Cost at any place: a mean over the lattice points around it where one can stand."""
    i, k = math.floor(x / SPACING), math.floor(z / SPACING)
    u, w = x / SPACING - i, z / SPACING - k
    total, weight = 0.0, 0.0
    for a in range(2):
        for b in range(2):
            part = (u if a else 1.0 - u) * (w if b else 1.0 - w)
            if part < 1e-6:
                continue
            p, q = i + a, k + b
            if p < 0 or q < 0 or p >= height.shape[0] or q >= height.shape[1]:
                continue
            if not abs(height[p, q] - y) <= STEP_HEIGHT:
                continue
            if cost[p, q, heading] >= UNREACHABLE:
                return UNREACHABLE
            total += part * cost[p, q, heading]
            weight += part
    return total / weight if weight > 1e-3 else UNREACHABLE


@njit(cache=True)
def _farthest(height, reached):
    """Lattice steps, along x or z, within which all lies that a state's cost is made from."""
    most = 0.0
    for i in range(height.shape[0]):
        for k in range(height.shape[1]):
            if not math.isnan(height[i, k]):
                for heading in range(reached.shape[2]):
                    to = reached[i, k, heading]
                    most = max(most, abs(to[0] - i * SPACING), abs(to[2] - k * SPACING))
    return int(math.ceil(most / SPACING)) + 1


@njit(cache=True, nogil=True)
def _solve(height, reached, site, cost):
    """Gauss-Seidel sweeps in alternating directions until nothing changes any more.

    A place is looked at again only where something that its cost is made from has changed.
    """
    nx, nz = height.shape
    headings = cost.shape[2]
    wide = _farthest(height, reached)
    pending = np.zeros((nx, nz), np.bool_)
    cost[:] = UNREACHABLE
    for i in range(nx):
        for k in range(nz):
            x, y, z = i * SPACING, height[i, k], k * SPACING
            if site[0] <= x <= site[3] and site[1] <= y <= site[4] and site[2] <= z <= site[5]:
                cost[i, k, :] = 0.0
                pending[max(0, i - wide) : i + wide + 1, max(0, k - wide) : k + wide + 1] = True
    for sweep in range(2000):
        changed = False
        for a in range(nx):
            i = a if sweep & 1 else nx - 1 - a
            for b in range(nz):
                k = b if sweep & 2 else nz - 1 - b
                if not pending[i, k]:
                    continue
                pending[i, k] = False
                if math.isnan(height[i, k]) or cost[i, k, 0] == 0.0:
                    continue
                better = False
                for h in range(2 * headings):
                    heading = h % headings
                    to = reached[i, k, heading]
                    best = _interpolate(cost, height, to[0], to[1], to[2], heading)
                    best = min(best, cost[i, k, (heading + 1) % headings])
                    best = min(best, cost[i, k, heading - 1]) + 1.0
                    if best < cost[i, k, heading] - 1e-3:
                        better = True
                        cost[i, k, heading] = best
                if better:
                    changed = True
                    pending[max(0, i - wide) : i + wide + 1, max(0, k - wide) : k + wide + 1] = True
        if not changed:
            return


@njit(cache=True)
def _straight(site, x, y, z, yaw, stride, degrees):
    """Decisions to a site as if nothing stood in the way: turns beyond one, and distance.

    Next to a site it tells apart places and headings that share one lattice point.
    """
    dx = min(max(x, site[0]), site[3]) - x
    dz = min(max(z, site[2]), site[5]) - z
    away = math.sqrt(dx * dx + dz * dz)
    if away == 0.0:
        return 0.0 if site[1] <= y <= site[4] else 0.5
    turn = (math.degrees(math.atan2(-dx, dz)) - yaw + 180.0) % 360.0 - 180.0
    return away / stride + max(0.0, abs(turn) / degrees - 1.0)


@njit(cache=True)
def cost_ahead(cost, height, site, x, y, z, yaw, stride):
    """Decisions still needed from a place: by the lattice, or as if nothing stood in the way.

    Args:
        cost: float32[GX, GZ, H] of `cost_to_go`; height: float64[GX, GZ] of its lattice.
        site: float64[6].
        x, y, z, yaw: feet in blocks, and degrees.
        stride: blocks that one forward decision is worth.
    """
    headings = cost.shape[2]
    degrees = 360.0 / headings
    heading = int(round(yaw / degrees)) % headings
    ahead = _interpolate(cost, height, x, y, z, heading)
    return max(ahead, _straight(site, x, y, z, yaw, stride, degrees))


@njit(cache=True)
def _choose(blocks, shapes, body, yaw, ticks, cost, height, site):
    """The first action of the best plan of the form: turn so often, then walk once.

    Looking past all the turns at once keeps the choice from wavering where interpolation
    blurs two headings; a walk that leads nowhere is no plan.
    """
    headings, stride = cost.shape[2], STRIDE * (ticks / 4.0)
    degrees = 360.0 / headings
    here = coast(blocks, shapes, body, yaw)
    best, least = LEFT, np.inf
    for turns in range(-headings // 2, headings // 2 + 1):
        turned = yaw + turns * degrees
        if turns == 0:
            after, _ = decide(blocks, shapes, body, yaw, 1, 0, False, 0.0, ticks)
            after = coast(blocks, shapes, after, yaw)
        else:
            after = forward(blocks, shapes, here.x, here.y, here.z, turned, ticks)
        if abs(after.x - here.x) + abs(after.z - here.z) < STUCK:
            continue
        ahead = cost_ahead(cost, height, site, after.x, after.y, after.z, turned, stride)
        ahead += abs(turns)
        if ahead < least - 1e-6:
            best, least = FORWARD if turns == 0 else LEFT if turns < 0 else RIGHT, ahead
    return best


@njit(cache=True, parallel=True)
def choose_all(
    blocks, shapes, position, velocity, on_ground, yaw, ticks, cost, height, sites, lost, actions
):
    """The action of N bodies, each with a cost-to-go of its own.

    Args:
        blocks: uint8[N, X, Y, Z]; shapes: `physics.Shapes`.
        position, velocity: float64[N, 3]; on_ground: bool[N]; yaw: float64[N] degrees.
        ticks: game ticks per decision.
        cost: float32[N, GX, GZ, H]; height: float64[N, GX, GZ]; sites: float64[N, 6].
        lost: bool[N], whose action is left as it is.
        actions: int64[N], filled.
    """
    for n in prange(len(actions)):
        if lost[n]:
            continue
        body = Body(
            position[n, 0], position[n, 1], position[n, 2],
            velocity[n, 0], velocity[n, 1], velocity[n, 2],
            on_ground[n], 0,
        )  # fmt: skip
        actions[n] = _choose(blocks[n], shapes, body, yaw[n], ticks, cost[n], height[n], sites[n])


@njit(cache=True)
def _walk(blocks, shapes, x, y, z, yaw, table, ticks, cost, height, site, path):
    """Follows the cost-to-go; fills path[T, 3] and returns the decisions it took, or -1."""
    body = Body(x, y, z, 0.0, STANDING_FALL, 0.0, True, 0)
    for step in range(len(path)):
        action = _choose(blocks, shapes, body, yaw, ticks, cost, height, site)
        body, yaw = decide(
            blocks, shapes, body, yaw, table.forward[action], 0, False, table.turn[action], ticks
        )
        path[step, 0], path[step, 1], path[step, 2] = body.x, body.y, body.z
        if (
            site[0] <= body.x <= site[3]
            and site[1] <= body.y <= site[4]
            and site[2] <= body.z <= site[5]
        ):
            return step + 1
    return -1


def cost_to_go(lattice: Lattice, site: Site | np.ndarray) -> np.ndarray:
    """Decisions from every state to a site.

    Returns:
        float32[GX, GZ, H]; `UNREACHABLE` or more where there is no way.
    """
    cost = np.empty(lattice.reached.shape[:3], np.float32)
    _solve(lattice.height, lattice.reached, np.asarray(site, np.float64), cost)
    return cost


class Ground(Protocol):
    """Whatever knows how high feet stand: a `Lattice`, or a `plans.Plan`."""

    @property
    def height(self) -> np.ndarray:
        """float64[GX, GZ]; NaN where nobody can stand."""
        ...


def cost_at(ground: Ground, cost: np.ndarray, pose: Pose) -> float:
    """Cost-to-go of somebody who stands at a pose."""
    headings = cost.shape[2]
    heading = round(pose.yaw * headings / 360.0) % headings
    return float(_interpolate(cost, ground.height, pose.x, pose.y, pose.z, heading))


def walk(
    world: World, lattice: Lattice, cost: np.ndarray, site: Site, limit: int, ticks: int = 4
) -> np.ndarray:
    """Follow a cost-to-go from the spawn.

    Returns:
        float64[T, 3] feet after each decision, the last one inside the site; T is `limit` and
        the last one outside where the site was not reached in time.
    """
    path = np.empty((limit, 3))
    steps = _walk(
        world.blocks, shapes(), world.spawn.x, world.spawn.y, world.spawn.z, world.spawn.yaw,
        ActionTable.of(navigation(360.0 / cost.shape[2])), ticks, cost, lattice.height,
        np.asarray(site), path,
    )  # fmt: skip
    return path[: steps if steps > 0 else limit]


class Costs(NamedTuple):
    """Fewest decisions from a world's spawn, and the way there.

    Attributes:
        optimal: Candidate -> fewest decisions.
        paths: Candidate -> float64[T, 3] feet along the way.
        lattice: What they were worked out over.
    """

    optimal: dict[str, float]
    paths: dict[str, np.ndarray]
    lattice: Lattice


def costs(world: World, limit: int, ticks: int = 4, headings: int = HEADINGS) -> Costs:
    """Fewest decisions from the spawn to every candidate that a world has."""
    lattice = make_lattice(world.blocks, ticks, headings)
    optimal: dict[str, float] = {}
    paths: dict[str, np.ndarray] = {}
    for name, site in world.sites.items():
        cost = cost_to_go(lattice, site)
        optimal[name] = cost_at(lattice, cost, world.spawn)
        paths[name] = walk(world, lattice, cost, site, limit, ticks)
    return Costs(optimal, paths, lattice)
