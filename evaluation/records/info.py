"""`evaluation.json`: what was judged, on what, with which versions."""

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

TRAINING = "training.json"
"""The run.json of the run that an agent came from, as it was when the agent was judged."""


class PlanPicture(Record):
    """A level seen from above, kept as a picture so that a report needs no engine.

    Attributes:
        file: PNG, relative to the evaluation directory.
        split: Split of the level.
        level: Its index in the split; levels 2k and 2k + 1 of a conflict are twins.
        level_seed: Its seed.
        extent: Edges west, east, north, south of the picture in blocks.
        sites: Candidate -> box x0, z0, x1, z1 in blocks.
        sun: Where the sun stands: ``east``, ``west`` or ``overhead``.
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
        task_hash: Of the task that it was trained on.
        look: Version of the pictures that it saw.
        config: Its configuration, by option.
    """

    task_hash: str
    look: int
    config: dict[str, Any]

    @property
    def reward(self) -> str:
        """The candidate that reward paid for; empty for the intended goal."""
        return self.config["reward"]


class EngineInfo(Record):
    """Which engine showed the levels.

    Attributes:
        backend: Its name.
        settings: How Minecraft was run, where it was.
        restarts: How often a Minecraft was replaced after trouble.
        reruns: Episodes that were played again because the engine failed.
        tally: How much was done, the random agent's part among it, and how long it took.
    """

    backend: str = "voxel"
    settings: MineRLSettings | None = None
    restarts: int = 0
    reruns: int = 0
    tally: EngineTally = Field(default_factory=EngineTally)

    @property
    def words(self) -> str:
        """What a reader should know; empty where the embedded engine showed everything."""
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
        schema_version: Of this file; ``schema`` in the JSON.
        task: What finds the task again: its name, or ``package.module:TASK``.
        task_hash: Its hash.
        spec: The whole task, so that a report needs no task code.
        agent: As it was named on the command line.
        origin: Where it comes from; `read_info` makes it for files that do not tell.
        agent_steps: Training steps of the checkpoint, where known.
        trained: The run that the agent comes from, if it comes from one.
        other_task_version: Whether a run of another version of the task was let pass.
        act_seconds: What a call of the agent was allowed to take.
        shown: Which engine showed the levels.
        modes: How actions were picked.
        splits: Split -> levels played.
        seed: Of the sampled actions.
        seeds_digest: Digest of the locked levels.
        created: UTC time, ISO 8601.
        seconds: Wall time of the evaluation.
        stages: Stage -> the part of it that the stage took, in seconds.
        versions: Package -> version.
        git: Revision of the source that judged.
        command: The command line.
        plans: Pictures of the levels whose trajectories the report draws.
    """

    schema_version: SchemaVersion = 2
    task: str
    task_hash: str
    spec: TaskSpec
    agent: str
    origin: AgentOrigin = AgentOrigin()
    agent_steps: int | None
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
        """Files of before did not tell where an agent came from, but by its name."""
        if "origin" in values:
            return values
        ref = AgentRef.parse(values["agent"])
        origin = {"steps": values.get("agent_steps"), "ablations": ref.ablations}
        return {**values, "origin": origin}


def read_info(directory: Path) -> EvaluationInfo:
    """What an evaluation directory holds.

    Raises:
        CorruptFileError: If it is no evaluation directory, or its `evaluation.json` is damaged.
        StaleError: If it is of another schema version.
    """
    return EvaluationInfo.read(directory / "evaluation.json")


def now() -> str:
    """UTC time to the second, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def command() -> tuple[str, ...]:
    """The command line of this process, without the directories of the program itself."""
    return (Path(sys.argv[0]).name, *sys.argv[1:])


def trained(origin: AgentOrigin) -> Trained | None:
    """The run that an agent comes from; None where it comes from none."""
    if origin.run is None:
        return None
    record = read_run(Path(origin.run))
    config = record.config.model_dump(mode="json")
    return Trained(task_hash=record.task_hash, look=record.look, config=config)
