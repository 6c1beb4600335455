"""Optimal pursuit of a target: the best action, and whole walks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minecraft_tasks.actions import ActionTable, navigation
from minecraft_tasks.navigation.cost_to_go import STRIDE, cost_ahead, cost_at, cost_to_go
from minecraft_tasks.navigation.lattice import HEADINGS, Lattice, coast, forward, make_lattice
from minecraft_tasks.physics.collision import shapes
from minecraft_tasks.physics.compiled import njit, prange
from minecraft_tasks.physics.motion import STANDING_FALL, Body, decide
from minecraft_tasks.worlds.world import Site, World

FORWARD, LEFT, RIGHT = range(3)

STUCK = 0.05
"""Blocks: a forward decision that gains less is blocked."""


@njit(cache=True)
def within(site, body):
    """Whether a `Body` is inside a site float64[6]."""
    x, y, z = body.x, body.y, body.z
    return site[0] <= x <= site[3] and site[1] <= y <= site[4] and site[2] <= z <= site[5]


@njit(cache=True)
def _choose(blocks, shapes, body, yaw, ticks, cost, height, site):
    """The first action of the best plan of the form: turn k times, then walk once.

    Plans that include all turns keep the choice stable where interpolation blurs two headings;
    plans whose walk is blocked are left out.
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
    """Follows the cost-to-go; fills path[T, 4] and returns the decisions it took, or -1."""
    body = Body(x, y, z, 0.0, STANDING_FALL, 0.0, True, 0)
    for step in range(len(path)):
        action = _choose(blocks, shapes, body, yaw, ticks, cost, height, site)
        body, yaw = decide(
            blocks, shapes, body, yaw, table.forward[action], 0, False, table.turn[action], ticks
        )
        path[step, 0], path[step, 1], path[step, 2], path[step, 3] = body.x, body.y, body.z, yaw
        if within(site, body):
            return step + 1
    return -1


def walk(
    world: World, lattice: Lattice, cost: np.ndarray, site: Site, limit: int, ticks: int = 4
) -> np.ndarray:
    """Poses after each decision of a walk from the spawn along a cost-to-go.

    The walk ends inside the site, or after `limit` decisions.

    Returns:
        float64[T, 4] feet x, y, z in blocks, and yaw in degrees.
    """
    path = np.empty((limit, 4))
    steps = _walk(
        world.blocks, shapes(), world.spawn.x, world.spawn.y, world.spawn.z, world.spawn.yaw,
        ActionTable.of(navigation(360.0 / cost.shape[2])), ticks, cost, lattice.height,
        np.asarray(site), path,
    )  # fmt: skip
    return path[: steps if steps > 0 else limit]


class Costs(NamedTuple):
    """Fewest decisions and best paths from a world's spawn to its candidates.

    Attributes:
        optimal: Candidate -> fewest decisions.
        paths: Candidate -> feet float64[T, 3] after each decision of the best path, in blocks.
        yaws: Candidate -> yaw float64[T] then, in degrees.
        lattice: Places and headings of the world.
    """

    optimal: dict[str, float]
    paths: dict[str, np.ndarray]
    yaws: dict[str, np.ndarray]
    lattice: Lattice


def costs(
    world: World, limit: int, ticks: int = 4, headings: int = HEADINGS, *, near: bool = False
) -> Costs:
    """Fewest decisions and best paths from the spawn to every candidate of a world.

    Args:
        world: The level.
        limit: Most decisions of a path.
        ticks: Game ticks per decision.
        headings: Of the task.
        near: Whether the lattice leaves out places that the spawn does not reach. Costs and paths
            are the same, in two thirds of the time.
    """
    lattice = make_lattice(world.blocks, ticks, headings, world.spawn[:3] if near else None)
    found = Costs({}, {}, {}, lattice)
    for name, site in world.sites.items():
        cost = cost_to_go(lattice, site)
        poses = walk(world, lattice, cost, site, limit, ticks)
        found.optimal[name] = cost_at(lattice.height, cost, world.spawn)
        found.paths[name], found.yaws[name] = poses[:, :3], poses[:, 3]
    return found
