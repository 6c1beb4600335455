"""The same decisions on two engines, and how far their bodies come apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from evaluation.parity.engines import Sides
from evaluation.parity.record import CLOSE, EQUAL, STRIKING, WalkRow
from evaluation.parity.scripts import WalkScript
from minecraft_tasks.actions import ActionTable
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import write_csv
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.visibility.footprint import FRAME_SIDE

SLOT = np.zeros(1, np.int64)

WALK_COLUMNS = (
    *("split", "level_seed", "walk", "t", "action"),
    *("x", "y", "z", "yaw", "against_x", "against_y", "against_z", "against_yaw"),
    *("apart", "yaw_apart", "mean_difference", "striking"),
)
"""Columns of `walks.csv`; the last two compare the pictures: mean absolute difference, 0 to 255,
and share of pixels that strike."""


class LevelRefused(FalseBeaconError):
    """A level that an engine does not show."""


class WalkTrace(NamedTuple):
    """A walk on both sides, from the spawn (t = 0) on; the second axis is (tested, against).

    Attributes:
        position: float64[T + 1, 2, 3] feet in blocks.
        yaw: float64[T + 1, 2] degrees.
        mean: float64[T + 1] mean absolute difference of the pictures, 0 to 255.
        striking: float64[T + 1] share of their pixels that strike.
        fault: Why an engine did not go on; empty where it did.
    """

    position: np.ndarray
    yaw: np.ndarray
    mean: np.ndarray
    striking: np.ndarray
    fault: str

    @property
    def apart(self) -> np.ndarray:
        """float64[T + 1] blocks between the bodies."""
        return np.linalg.norm(self.position[:, 0] - self.position[:, 1], axis=1)

    @property
    def turned(self) -> np.ndarray:
        """float64[T + 1] degrees between their headings."""
        return np.abs((self.yaw[:, 0] - self.yaw[:, 1] + 180.0) % 360.0 - 180.0)


Walked = tuple[WalkRow, WalkScript, WalkTrace]


def put_at_pose(sides: Sides, blocks: np.ndarray, spawn: np.ndarray, time: int) -> None:
    """Shows a level uint8[X, Y, Z] on both sides, its time of day in ticks.

    The spawn is float64[5]: feet x, y, z in blocks; yaw, pitch in degrees.

    Raises:
        LevelRefused: If an engine does not show it.
    """
    for engine in sides:
        try:
            engine.place(SLOT, blocks[None], spawn[None], np.array([time]))
        except FalseBeaconError as error:
            raise LevelRefused(str(error)) from error


def pictures(sides: Sides) -> np.ndarray:
    """Views of both bodies: uint8[2, FRAME_SIDE, FRAME_SIDE, 3]."""
    seen = np.empty((2, 1, FRAME_SIDE, FRAME_SIDE, 3), np.uint8)
    for side, engine in enumerate(sides):
        engine.frames(seen[side])
    return seen[:, 0]


def difference(seen: np.ndarray) -> np.ndarray:
    """Absolute difference int64[H, W, 3] of two pictures uint8[2, H, W, 3]."""
    return np.abs(np.diff(seen.astype(np.int64), axis=0)[0])


def strikes(apart: np.ndarray) -> np.ndarray:
    """Pixels bool[H, W] at which a difference int64[H, W, 3] strikes."""
    return apart.max(axis=-1) > STRIKING


def walk_both(
    sides: Sides, spec: TaskSpec, bank: LevelBank, row: int, script: WalkScript
) -> Walked:
    """Makes both bodies take the same decisions on a level, one after the other.

    Raises:
        LevelRefused: If an engine does not show the level.
    """
    put_at_pose(sides, bank.blocks[row], bank.spawn[row], int(bank.time[row]))
    table, fault = ActionTable.of(spec.actions), ""
    rows = [_now(sides)]
    for action in script.actions:
        for engine in sides:
            engine.act(np.array([action]), table, spec.ticks)
        fault = "; ".join(text for engine in sides for text in engine.faults.values())
        if fault:
            break
        rows.append(_now(sides))
    position, yaw, mean, striking = (np.array(part) for part in zip(*rows, strict=True))
    trace = WalkTrace(position, yaw, mean, striking, fault)
    return _walk_row(bank, row, script, trace), script, trace


def _now(sides: Sides) -> tuple[np.ndarray, np.ndarray, float, float]:
    """A row of a trace."""
    apart = difference(pictures(sides))
    position = np.stack([engine.position[0] for engine in sides])
    yaw = np.array([engine.yaw[0] for engine in sides])
    return position, yaw, float(apart.mean()), float(strikes(apart).mean())


def _walk_row(bank: LevelBank, row: int, script: WalkScript, trace: WalkTrace) -> WalkRow:
    """The summary of a trace."""
    apart = trace.apart
    return WalkRow(
        split=bank.splits[row],
        level_seed=int(bank.seeds[row]),
        walk=script.name,
        decisions=len(script.actions),
        made=len(apart) - 1,
        fault=trace.fault,
        start=float(apart[0]),
        farthest=float(apart.max()),
        final=float(apart[-1]),
        yaw=float(trace.turned.max()),
        beyond_equal=_beyond(apart, EQUAL),
        beyond_close=_beyond(apart, CLOSE),
        striking=float(trace.striking.mean()),
    )


def _beyond(apart: np.ndarray, limit: float) -> int | None:
    """Decisions made when it first exceeded the limit."""
    over = np.flatnonzero(apart > limit)
    return int(over[0]) if len(over) else None


def write_walks(path: Path, walked: Iterable[Walked], names: Sequence[str]) -> None:
    """Writes both bodies' poses after every decision as CSV; `names` are the task's actions."""
    lines: list[list[object]] = [[*WALK_COLUMNS]]
    for row, script, trace in walked:
        done = ("", *(names[action] for action in script.actions))
        for t, (apart, turned) in enumerate(zip(trace.apart, trace.turned, strict=True)):
            poses = np.column_stack([trace.position[t], trace.yaw[t]]).ravel()
            numbers = (*poses, apart, turned, trace.mean[t], trace.striking[t])
            lines.append([row.split, row.level_seed, row.walk, t, done[t], *map(float, numbers)])
    write_csv(path, lines)
