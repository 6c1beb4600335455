"""Whether Minecraft would take the levels of a task, without Minecraft."""

from __future__ import annotations

from collections.abc import Iterator
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
        elements: int64[L] elements that each level is drawn by.
        complaints: What the schemas and the linter find wrong, by level, where anything.
    """

    split: str
    elements: np.ndarray
    complaints: dict[int, list[str]]


def missions(task: Task, limit: int | None = None) -> Iterator[SplitMissions]:
    """Makes the mission of locked levels, and of as many to train on, and checks each.

    MineRL's own client makes the XML, and Malmo's own schemas check it.

    Args:
        task: The task family.
        limit: At most so many levels of each split; all that are locked by default.

    Raises:
        FalseBeaconError: If MineRL was not prepared, or Minecraft cannot show the task.
    """
    client = Connection(prepared(), "MineRL's client")
    try:
        for split in locked_seeds(task).splits:
            yield _checked(client, task, split, locked_bank(task, [split], limit))
        training = range(limit or 64)
        yield _checked(client, task, "train", seeded_bank(task, "train", training))
    finally:
        client.close()


def _checked(client: Connection, task: Task, split: str, bank: LevelBank) -> SplitMissions:
    refuse(task.spec, bank.blocks)
    elements, wrong = [], {}
    for level in range(len(bank)):
        made = mission(bank.blocks[level], bank.spawn[level], int(bank.time[level]), level)
        reply, _ = client.ask({"op": "check", "mission": made}, CHECK_SECONDS)
        elements.append(made["drawing"].count("<Draw"))
        if reply["complaints"]:
            wrong[level] = reply["complaints"]
    return SplitMissions(split, np.array(elements), wrong)
