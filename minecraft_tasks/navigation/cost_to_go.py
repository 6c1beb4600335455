"""Cost-to-go in the agent's own action space, with the engine's own physics.

Value iteration over the states of `lattice` gives the fewest decisions to a site from everywhere,
with bilinear interpolation between lattice points (a semi-Lagrangian scheme for minimum time).

It covers tasks that go forward and turn by one angle, `TaskSpec.headings` of which are a circle.
"""

from __future__ import annotations

import math

import numpy as np

from minecraft_tasks.navigation.lattice import SPACING, Lattice
from minecraft_tasks.physics.collision import STEP_HEIGHT
from minecraft_tasks.physics.compiled import njit
from minecraft_tasks.worlds.world import Pose, Site

UNREACHABLE = np.float32(1e6)

STRIDE = 0.8634
"""Blocks that a body gains by one forward decision of four ticks: 4 * 0.098 / (1 - 0.546)."""


@njit(cache=True)
def _interpolate(cost, height, x, y, z, heading):
    """Cost at any place: the bilinear mean over the lattice points where a body can stand."""
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
    """Lattice steps along x or z from a state to the farthest state that its cost depends on."""
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
    """Gauss-Seidel sweeps in alternating directions until no cost changes.

    A place is updated again only after a state that its cost depends on has changed.
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
    """Decisions to a site without obstacles: turns beyond the first, and distance.

    Next to a site it distinguishes places and headings that share one lattice point.
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
    """Decisions from a place to a site: the lattice's cost, at least that without obstacles.

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


def cost_to_go(lattice: Lattice, site: Site | np.ndarray) -> np.ndarray:
    """Decisions from every state to a site.

    Returns:
        float32[GX, GZ, H]; `UNREACHABLE` or more where there is no way.
    """
    cost = np.empty(lattice.reached.shape[:3], np.float32)
    _solve(lattice.height, lattice.reached, np.asarray(site, np.float64), cost)
    return cost


def cost_at(height: np.ndarray, cost: np.ndarray, pose: Pose) -> float:
    """Cost-to-go of a body at a pose; `height` float64[GX, GZ] is that of the lattice."""
    headings = cost.shape[2]
    heading = round(pose.yaw * headings / 360.0) % headings
    return float(_interpolate(cost, height, pose.x, pose.y, pose.z, heading))
