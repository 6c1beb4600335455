"""Replays recorded decisions without pictures, with the cost-to-go after every possible action.

The engine is deterministic: its actions determine an episode's poses, the obstacles around them,
and the cost of each target before and after every action.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from minecraft_tasks.actions import ActionTable
from minecraft_tasks.backends.base import Backend
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.navigation.cache import navigation_plan
from minecraft_tasks.navigation.cost_to_go import STRIDE, UNREACHABLE, cost_ahead
from minecraft_tasks.navigation.lattice import coast, forward
from minecraft_tasks.navigation.pursuit import within
from minecraft_tasks.physics.collision import shapes
from minecraft_tasks.physics.compiled import get_num_threads, njit, prange
from minecraft_tasks.physics.motion import STANDING_FALL, Body, decide
from minecraft_tasks.spec import TaskSpec

PROBES = (-135.0, -90.0, 0.0, 90.0, 135.0)
"""Degrees from the heading, of the directions that are tested for obstacles."""

_TOGETHER = 64
"""Levels whose plans are held at a time; each takes some 200 kB for each target."""


class ReplayedEpisodes(NamedTuple):
    """Episodes one after the other, D decisions in all.

    Attributes:
        begins: int64[E + 1] where each episode's decisions begin; the last entry is D.
        cost: float32[D, G, A] cost-to-go of each target after each action, infinite where a
            target is absent or cannot be reached.
        yaw: float64[D] degrees before the decision.
        blocked: bool[D, P] whether walking in each direction of `PROBES` is blocked.
        inside: bool[D, G] whether the body is in each target after the decision.
        position: float64[D, 3] feet after the decision.
    """

    begins: np.ndarray
    cost: np.ndarray
    yaw: np.ndarray
    blocked: np.ndarray
    inside: np.ndarray
    position: np.ndarray


@njit(cache=True)
def _blocked(blocks, shapes, body, facing, ticks, probes, found):
    """Fills bool[P]: whether walking in each direction gains less than half a stride."""
    rest = coast(blocks, shapes, body, facing)
    stride = STRIDE * (ticks / 4.0)
    for p in range(len(probes)):
        there = forward(blocks, shapes, rest.x, rest.y, rest.z, facing + probes[p], ticks)
        found[p] = abs(there.x - rest.x) + abs(there.z - rest.z) < stride / 2


@njit(cache=True, parallel=True)
def _blocked_all(blocks, shapes, position, velocity, on_ground, yaw, ticks, probes, found):
    for n in prange(len(yaw)):
        body = Body(
            position[n, 0], position[n, 1], position[n, 2],
            velocity[n, 0], velocity[n, 1], velocity[n, 2],
            on_ground[n], 0,
        )  # fmt: skip
        _blocked(blocks[n], shapes, body, yaw[n], ticks, probes, found[n])


def blocked(backend: Backend, ticks: int) -> np.ndarray:
    """Whether walking in each direction of `PROBES` is blocked: bool[N, P] of N bodies."""
    found = np.empty((len(backend.yaw), len(PROBES)), np.bool_)
    _blocked_all(
        backend.blocks, shapes(), backend.position, backend.velocity, backend.on_ground,
        backend.yaw, ticks, np.array(PROBES), found,
    )  # fmt: skip
    return found


@njit(cache=True)
def _episode(
    blocks, shapes, spawn, table, ticks, probes, actions, height, fields, sites,
    cost, yaw, blocked, inside, position,
):  # fmt: skip
    body = Body(spawn[0], spawn[1], spawn[2], 0.0, STANDING_FALL, 0.0, True, 0)
    facing = spawn[3]
    stride = STRIDE * (ticks / 4.0)
    landed, heading = body, facing
    for t in range(len(actions)):
        yaw[t] = facing
        _blocked(blocks, shapes, body, facing, ticks, probes, blocked[t])
        for action in range(len(table.forward)):
            after, turned = decide(
                blocks, shapes, body, facing, table.forward[action], table.strafe[action],
                table.jump[action], table.turn[action], ticks,
            )  # fmt: skip
            if action == actions[t]:
                landed, heading = after, turned
            after = coast(blocks, shapes, after, turned)
            for g in range(len(sites)):
                if not np.isnan(sites[g, 0]):
                    cost[t, g, action] = cost_ahead(
                        fields[g], height, sites[g], after.x, after.y, after.z, turned, stride
                    )
        body, facing = landed, heading
        position[t, 0], position[t, 1], position[t, 2] = body.x, body.y, body.z
        for g in range(len(sites)):
            inside[t, g] = within(sites[g], body)


@njit(cache=True, parallel=True)
def _episodes(
    begins, level, blocks, shapes, spawn, table, ticks, probes, actions, height, fields, sites,
    cost, yaw, blocked, inside, position,
):  # fmt: skip
    for e in prange(len(level)):
        first, last, n = begins[e], begins[e + 1], level[e]
        _episode(
            blocks[n], shapes, spawn[n], table, ticks, probes, actions[first:last], height[n],
            fields[n], sites[n], cost[first:last], yaw[first:last], blocked[first:last],
            inside[first:last], position[first:last],
        )  # fmt: skip


def replay_episodes(
    spec: TaskSpec,
    bank: LevelBank,
    level: np.ndarray,
    begins: np.ndarray,
    actions: np.ndarray,
    targets: np.ndarray | None = None,
) -> ReplayedEpisodes:
    """Replays episodes, with the cost-to-go after every possible action of each decision.

    Args:
        spec: The task; it must have `TaskSpec.headings`.
        bank: The levels, L of them.
        level: int64[E] bank index of each episode; every level holds at least one target.
        begins: int64[E + 1] where each episode's decisions begin in `actions`.
        actions: int[D] from 0 to A - 1.
        targets: float64[L, G, 6] boxes, NaN where absent; `bank.sites` by default.

    Raises:
        FalseBeaconError: If an action is out of range, or the task cannot be planned for.
    """
    table = ActionTable.of(spec.actions)
    if len(actions) and not 0 <= actions.min() <= actions.max() < len(spec.actions):
        raise FalseBeaconError(
            f"recorded actions of {spec.name} must lie in 0 to {len(spec.actions) - 1}, "
            f"found {actions.min()} to {actions.max()}: evaluate again."
        )
    sites = bank.sites if targets is None else targets
    decisions, size = len(actions), (len(sites[0]), len(spec.actions))
    found = ReplayedEpisodes(
        begins=begins,
        cost=np.full((decisions, *size), np.inf, np.float32),
        yaw=np.empty(decisions),
        blocked=np.empty((decisions, len(PROBES)), bool),
        inside=np.empty((decisions, size[0]), bool),
        position=np.empty((decisions, 3)),
    )
    played = np.unique(level)
    for start in range(0, len(played), _TOGETHER):
        rows = played[start : start + _TOGETHER]
        height, fields = _plans(spec, bank, rows, sites)
        mine = np.flatnonzero((level >= rows[0]) & (level <= rows[-1]))
        spans = [np.arange(begins[e], begins[e + 1]) for e in mine]
        where = np.concatenate(spans) if spans else np.empty(0, np.int64)
        offsets = np.concatenate([[0], np.cumsum([len(span) for span in spans])]).astype(np.int64)
        part = [array[where] for array in found[1:]]
        spawn = bank.spawn[rows].copy()
        spawn[:, 3] = (spawn[:, 3] + 180.0) % 360.0 - 180.0
        _episodes(
            offsets, np.searchsorted(rows, level[mine]), bank.blocks[rows], shapes(), spawn,
            table, spec.ticks, np.array(PROBES), actions[where].astype(np.int64), height, fields,
            sites[rows], *part,
        )  # fmt: skip
        for whole, piece in zip(found[1:], part, strict=True):
            whole[where] = piece
    found.cost[found.cost >= UNREACHABLE] = np.inf
    return found


def _plans(
    spec: TaskSpec, bank: LevelBank, rows: np.ndarray, sites: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Feet heights float64[K, GX, GZ] and costs-to-go float32[K, G, GX, GZ, H] of some levels."""

    def plan(row: int) -> tuple[np.ndarray, np.ndarray]:
        blocks, spawn = bank.blocks[row], bank.spawn[row]
        present = np.flatnonzero(~np.isnan(sites[row, :, 0]))
        plans = [navigation_plan(spec, blocks, spawn, sites[row, target]) for target in present]
        costs = np.full((len(sites[row]), *plans[0].cost.shape), np.inf, np.float32)
        costs[present] = [each.cost for each in plans]
        return plans[0].height, costs

    with ThreadPoolExecutor(get_num_threads()) as pool:
        heights, fields = zip(*pool.map(plan, rows), strict=True)
    return np.stack(heights), np.stack(fields)
