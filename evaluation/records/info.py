"""`evaluation.json`: agent, levels and versions of an evaluation."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from minecraft_tasks.backends.minerl_settings import EngineTally, MineRLSettings
from minecraft_tasks.core.records import Record, SchemaVersion, VersionedRecord
from minecraft_tasks.spec import Mode, TaskSpec
from policies.runs.agent_names import AgentOrigin, AgentRef
from policies.runs.provenance import Git
from policies.runs.record import read_run
from wrappers.stack import Stack

TRAINING = "training.json"
"""The run.json of the run that an agent came from, as it was when the agent was judged."""


class PlanPicture(Record):
    """A level seen from above, stored so that a report needs no engine.

    Attributes:
        file: PNG, relative to the evaluation directory.
        level: Index in the split; levels 2k and 2k + 1 of a conflict are twins.
        extent: Edges west, east, north, south of the picture in blocks.
        sites: Candidate -> box x0, z0, x1, z1 in blocks.
        sun: ``east``, ``west`` or ``overhead``.
    """

    file: str
    split: str
    level: int
    level_seed: int
    extent: tuple[float, float, float, float]
    sites: dict[str, tuple[float, float, float, float]]
    sun: str


class Trained(Record):
    """The run that an agent comes from.

    Attributes:
        look: Version of the rendered frames.
        config: Its configuration, by option.
    """

    task_hash: str
    look: int
    config: dict[str, Any]

    @property
    def reward(self) -> str:
        """The candidate that reward paid for; empty for the intended goal."""
        return self.config["reward"]

    @property
    def decorrelated(self) -> bool:
        """Whether the candidates stood apart in training."""
        return self.config["decorrelated"]


class EngineInfo(Record):
    """The engine of an evaluation.

    Attributes:
        settings: Of Minecraft, if it was the engine.
        restarts: Minecraft processes that were replaced after a failure.
        reruns: Episodes that were played again because the engine failed.
        tally: Work and time, the random agent's included.
    """

    backend: str = "voxel"
    settings: MineRLSettings | None = None
    restarts: int = 0
    reruns: int = 0
    tally: EngineTally = Field(default_factory=EngineTally)

    @property
    def words(self) -> str:
        """A sentence for the report; empty for the embedded engine."""
        if self.backend == "voxel":
            return ""
        settings = self.settings or MineRLSettings()
        compared = "" if settings.compare else ", their blocks not compared"
        tally = self.tally
        return (
            f"{self.backend}, {settings.slots} at a time: {tally.decisions:,} decisions in"
            f" {tally.deciding_seconds:.0f} s ({tally.rate:.1f} a second), {tally.levels} levels in"
            f" {tally.placing_seconds:.0f} s{compared}; {self.reruns} episodes lost and played"
            f" again, {self.restarts} Minecrafts replaced"
        )


class EvaluationInfo(VersionedRecord):
    """`evaluation.json`.

    Attributes:
        task: Its name, or ``package.module:TASK``.
        spec: The whole task, so that a report needs no task code.
        agent: As named on the command line.
        origin: Of the agent; from its name for files that lack it.
        agent_steps: Training steps of the checkpoint, if known.
        wrappers: Those that were named for an agent whose file names none.
        trained: The run that the agent comes from, if any.
        other_task_version: Whether a run of another version of the task was accepted.
        act_seconds: Time limit of a call of the agent.
        splits: Split -> levels played.
        seed: Of the sampled actions.
        seeds_digest: Of the locked levels.
        created: UTC time, ISO 8601.
        seconds: Wall time of the evaluation.
        stages: Stage -> its part of that time, in seconds.
        versions: Package -> version.
        git: Revision of the judging source.
        plans: Pictures of the levels whose trajectories the report draws.
    """

    schema_version: SchemaVersion = 2
    task: str
    task_hash: str
    spec: TaskSpec
    agent: str
    origin: AgentOrigin = AgentOrigin()
    agent_steps: int | None
    wrappers: Stack = Stack()
    trained: Trained | None
    other_task_version: bool
    act_seconds: float
    shown: EngineInfo = EngineInfo()
    modes: tuple[Mode, ...]
    splits: dict[str, int]
    seed: int
    seeds_digest: str
    created: str
    seconds: float
    stages: dict[str, float] = Field(default_factory=dict)
    versions: dict[str, str]
    git: Git
    command: tuple[str, ...]
    plans: tuple[PlanPicture, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _with_origin(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Adds the origin to older files, which have only the agent's name."""
        if "origin" in values:
            return values
        ref = AgentRef.parse(values["agent"])
        origin = {"steps": values.get("agent_steps"), "ablations": ref.ablations}
        return {**values, "origin": origin}


def read_info(directory: Path) -> EvaluationInfo:
    """Reads `evaluation.json` of an evaluation directory.

    Raises:
        CorruptFileError: If the file is missing or damaged.
        StaleError: If it is of another schema version.
    """
    return EvaluationInfo.read(directory / "evaluation.json")


def now() -> str:
    """UTC time to the second, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def command() -> tuple[str, ...]:
    """The command line of this process, with the program's base name."""
    return (Path(sys.argv[0]).name, *sys.argv[1:])


def trained(origin: AgentOrigin) -> Trained | None:
    """The run that an agent comes from, if any."""
    if origin.run is None:
        return None
    record = read_run(Path(origin.run))
    config = record.config.model_dump(mode="json")
    return Trained(task_hash=record.task_hash, look=record.look, config=config)
