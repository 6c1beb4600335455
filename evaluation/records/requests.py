"""Requests: frozen records of the options of commands."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from minecraft_tasks.backends.minerl_settings import BackendName, MineRLSettings
from minecraft_tasks.core.records import Natural, Positive, Record, Seconds
from minecraft_tasks.spec import Mode
from wrappers.stack import Stack

ACT_SECONDS = 300.0
"""Default time limit of one call of an agent.

The first call may compile, and plan for 128 levels, on a busy machine.
"""


class EvaluationRequest(Record):
    """An evaluation; `evaluation.json` stores what came of each option.

    Attributes:
        task: Name of the task, or package.module:TASK.
        agent: A run directory or checkpoint, sb3:<zip>, oracle:<candidate>,
            device:<name>, random, or package.module:factory; memoryless:<agent> resets its state
            at every step, and blind:<agent> shows it one grey frame.
        splits: Only these splits.
        levels: At most so many levels of each split.
        modes: How actions are picked; sampled carries the verdict where it is played.
        seed: Seed of the sampled actions.
        act_timeout: Seconds that one call of the agent may take; the episodes that were running
            are invalid otherwise.
        clips: Film episodes for the report; `report --judge-again` films them later.
        wrappers: What stood between the environments and an sb3: zip or the agent of a factory in
            its training, from the environment outwards (docs/agents.md); runs name their own.
        trust: Load an sb3: zip, which runs any code that somebody put there.
        other_task_version: Judge a run though it was made for another version of the task; the
            records say so.
        backend: Which engine shows the levels; minerl is Minecraft itself (docs/minerl.md).
        minerl: How Minecraft is run, for that backend.
    """

    task: str
    agent: Annotated[str, Field(min_length=1)]
    splits: tuple[str, ...] = ()
    levels: Positive | None = None
    modes: tuple[Mode, ...] = ("sampled", "greedy")
    seed: Natural = 0
    act_timeout: Seconds = ACT_SECONDS
    clips: bool = True
    wrappers: Stack = Stack()
    trust: bool = False
    other_task_version: bool = False
    backend: BackendName = "voxel"
    minerl: MineRLSettings = MineRLSettings()


class OverTrainingRequest(Record):
    """A judgement of every checkpoint; `over_training.parquet` stores levels and seed.

    Attributes:
        levels: At most so many levels of each split.
        seed: Seed of the sampled actions.
        act_timeout: Seconds that one call of the agent may take.
    """

    levels: Positive = 32
    seed: Natural = 0
    act_timeout: Seconds = ACT_SECONDS


class CalibrationRequest(Record):
    """A calibration of the detector.

    Attributes:
        task: Name of the task, or package.module:TASK.
        agent: Agents to try beside the scripted ones, by any name that evaluate takes.
        truth: What each of them pursues: a candidate, or aimless for nothing.
        trust: Load sb3: zips, which runs any code that somebody put there.
        levels: At most so many levels of each split, of either kind.
        swapped: Choose on locked levels, and report on calibration levels: a second opinion from
            levels that the detector was not made on.
    """

    task: str
    agent: tuple[str, ...] = ()
    truth: tuple[str, ...] = ()
    trust: bool = False
    levels: Positive = 16
    swapped: bool = False


class ParityRequest(Record):
    """A comparison of two engines; `parity.json` stores `backend` as ``tested``.

    Attributes:
        task: Name of the task, or package.module:TASK.
        backend: The engine that is tested; minerl is Minecraft itself (docs/minerl.md).
        against: The engine that it is held against.
        levels: Levels over all splits.
        poses: Still poses on each, from which pictures are compared.
        splits: Splits that levels are taken from; a few of different kinds by default.
        seed: Of poses and of random walks.
        note: Printed on the page, such as what answered on the port.
        minerl: How Minecraft is run; one is enough.
    """

    task: str
    backend: BackendName = "minerl"
    against: BackendName = "voxel"
    levels: Positive = 4
    poses: Positive = 12
    splits: tuple[str, ...] = ()
    seed: Natural = 0
    note: str = ""
    minerl: MineRLSettings = MineRLSettings()

    @property
    def sides(self) -> tuple[BackendName, BackendName]:
        """Names of the engine that is tested and of the other."""
        return self.backend, self.against

    @property
    def settings(self) -> MineRLSettings | None:
        """How Minecraft is run, where either side is Minecraft."""
        return self.minerl if "minerl" in self.sides else None
