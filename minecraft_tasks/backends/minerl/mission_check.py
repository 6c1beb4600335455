"""Checks of a task's missions by Malmo's schemas and the linter, without Minecraft."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import numpy as np

from minecraft_tasks.backends.minerl.connection import Connection
from minecraft_tasks.backends.minerl.machine.home import prepared
from minecraft_tasks.backends.minerl.mission.mission import mission, refuse
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.levels.locked import locked_bank, locked_seeds
from minecraft_tasks.tasks.base import Task

CHECK_SECONDS = 60.0


class SplitMissions(NamedTuple):
    """The missions of one split.

    Attributes:
        split: Its name.
        elements: int64[L] elements of each level's drawing.
        complaints: Errors by level, only of levels that have any.
    """

    split: str
    elements: np.ndarray
    complaints: dict[int, list[str]]


def missions(task: Task, limit: int | None = None) -> Iterator[SplitMissions]:
    """Makes and checks the missions of locked levels, and of 64 training levels.

    MineRL's own client makes the XML, and Malmo's own schemas check it.

    Args:
        task: The task family.
        limit: Most levels of each split, training included.

    Raises:
        FalseBeaconError: If MineRL was not prepared, or Minecraft cannot show the task.
    """
    with closing(Connection(prepared(), "MineRL's client")) as client:
        for split in locked_seeds(task).splits:
            yield _checked(client, task, split, locked_bank(task, [split], limit))
        yield _checked(client, task, "train", seeded_bank(task, "train", range(limit or 64)))


def _checked(client: Connection, task: Task, split: str, bank: LevelBank) -> SplitMissions:
    refuse(task.spec, bank.blocks)
    elements, complaints = [], {}
    for level in range(len(bank)):
        made = mission(bank.blocks[level], bank.spawn[level], int(bank.time[level]), level)
        reply = client.ask({"op": "check", "mission": made}, CHECK_SECONDS)
        elements.append(made["drawing"].count("<Draw"))
        if reply["complaints"]:
            complaints[level] = reply["complaints"]
    return SplitMissions(split, np.array(elements), complaints)
