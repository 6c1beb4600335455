"""Scripts of decisions for the bodies on a level, rehearsed on the embedded engine.

No engine's answer changes a script, so that errors add up along it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minecraft_tasks.actions import Action, ActionTable
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.navigation.cost_to_go import cost_to_go
from minecraft_tasks.navigation.lattice import make_lattice
from minecraft_tasks.navigation.pursuit import STUCK, choose_all
from minecraft_tasks.physics.collision import shapes
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.worlds.sites import touched

STRAIGHT, PRESSES, ALONG = 48, 3, 10
"""Decisions: the longest way to a wall, into it, and along it."""

SLANT = 45.0
"""Degrees by which a body that walks along a wall presses into it, or as turns allow."""

RANDOM = 48
"""Decisions of the random walk."""

JUMPS = 8


class WalkScript(NamedTuple):
    """Name and decisions of a walk; decisions are rows of the task's action table."""

    name: str
    actions: tuple[int, ...]


def embedded(spec: TaskSpec, bank: LevelBank, row: int) -> VoxelBackend:
    """The embedded engine with one level."""
    engine, only = VoxelBackend(1, spec.world_shape, threads=1), slice(row, row + 1)
    engine.place(np.zeros(1, np.int64), bank.blocks[only], bank.spawn[only], bank.time[only])
    return engine


class Rehearsal:
    """A body of the embedded engine that walks on a level and notes its decisions."""

    def __init__(self, spec: TaskSpec, bank: LevelBank, row: int) -> None:
        self._table, self._ticks = ActionTable.of(spec.actions), spec.ticks
        self.engine = embedded(spec, bank, row)
        self.made: list[int] = []

    def do(self, action: int, times: int = 1) -> float:
        """Makes decisions; returns the blocks that the last one gained along x and z."""
        gained = 0.0
        for _ in range(times):
            before = self.engine.position[0].copy()
            self.engine.act(np.array([action]), self._table, self._ticks)
            self.made.append(action)
            gained = float(np.hypot(*(self.engine.position[0] - before)[[0, 2]]))
        return gained


def walk_scripts(
    spec: TaskSpec, bank: LevelBank, row: int, rng: np.random.Generator
) -> list[WalkScript]:
    """Walks for one level; those for which the task lacks actions are left out."""
    actions = spec.actions
    forward = _first(actions, Action(name="", forward=1))
    turns = sorted((action.turn, index) for index, action in enumerate(actions) if _turns(action))
    made = []
    if forward is not None and turns and turns[0][0] < 0 < turns[-1][0]:
        hands = (forward, turns[0][1], turns[-1][1])
        made.append(WalkScript("wall", _wall(Rehearsal(spec, bank, row), spec, *hands)))
        made.append(WalkScript("circles", _circles(spec, *hands)))
    made += _to_a_candidate(spec, bank, row)
    jump = next((index for index, action in enumerate(actions) if action.jump), None)
    if jump is not None:
        ahead = (jump if forward is None else forward,) * 2
        made.append(WalkScript("jump", (*ahead, *(jump,) * JUMPS, *ahead)))
    made.append(WalkScript("random", _random(actions, forward, rng)))
    return made


def _turns(action: Action) -> bool:
    return bool(action.turn) and not (action.forward or action.strafe or action.jump)


def _first(actions: tuple[Action, ...], wanted: Action) -> int | None:
    """The first action that equals the wanted one in all but its name."""
    nameless = [action.model_copy(update={"name": wanted.name}) for action in actions]
    return nameless.index(wanted) if wanted in nameless else None


def _wall(body: Rehearsal, spec: TaskSpec, forward: int, left: int, right: int) -> tuple[int, ...]:
    """Straight into the wall ahead, then along it to either side."""
    turn = spec.actions[right].turn
    for _ in range(round(360.0 / turn)):
        if abs(body.engine.yaw[0] / 90.0 - round(body.engine.yaw[0] / 90.0)) < 1e-9:
            break
        body.do(right)
    while body.do(forward) >= STUCK and len(body.made) < STRAIGHT:
        pass
    body.do(forward, PRESSES)
    aslant = max(1, round(SLANT / turn))
    for hand, times in ((right, aslant), (left, 2 * aslant)):
        body.do(hand, times)
        body.do(forward, ALONG)
    return tuple(body.made)


def _circles(spec: TaskSpec, forward: int, left: int, right: int) -> tuple[int, ...]:
    """Full circles to the right and to the left, each entered at a walk."""
    made: list[int] = []
    for hand in (right, left):
        made += [forward, forward, *[hand] * round(360.0 / abs(spec.actions[hand].turn))]
    return (*made, forward)


def _to_a_candidate(spec: TaskSpec, bank: LevelBank, row: int) -> list[WalkScript]:
    """The shortest walk to one candidate, in turn; none for a task without headings."""
    try:
        headings = spec.headings
    except FalseBeaconError:
        return []
    present = np.flatnonzero(np.isfinite(bank.sites[row, :, 0]))
    candidate = int(present[row % len(present)])
    site = bank.sites[row, candidate]
    x, y, z = bank.spawn[row, :3].tolist()
    lattice = make_lattice(bank.blocks[row], spec.ticks, headings, (x, y, z))
    cost = cost_to_go(lattice, site)
    body, action = Rehearsal(spec, bank, row), np.zeros(1, np.int64)
    engine = body.engine
    for _ in range(int(bank.time_limits[row])):
        if touched(engine.position, site[None, None])[0, 0]:
            break
        choose_all(
            engine.blocks, shapes(), engine.position, engine.velocity, engine.on_ground,
            engine.yaw, spec.ticks, cost[None], lattice.height[None], site[None],
            np.zeros(1, np.bool_), action,
        )  # fmt: skip
        body.do(int(action[0]))
    return [WalkScript(f"to {spec.candidate_names[candidate]}", tuple(body.made))]


def _random(
    actions: tuple[Action, ...], forward: int | None, rng: np.random.Generator
) -> tuple[int, ...]:
    """Any actions, half of them forward."""
    weights = np.ones(len(actions))
    if forward is not None:
        weights[forward] = max(len(actions) - 1, 1)
    return tuple(rng.choice(len(actions), RANDOM, p=weights / weights.sum()).tolist())
