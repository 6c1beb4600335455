"""run.json: the record of a training run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

from filelock import AcquireReturnProxy
from pydantic import Field

from minecraft_tasks.core.errors import FalseBeaconError, StaleError
from minecraft_tasks.core.locks import hold
from minecraft_tasks.core.records import SchemaVersion, VersionedRecord
from minecraft_tasks.spec import LOOK_VERSION, TaskSpec
from policies.runs.config import TrainingConfig
from policies.runs.provenance import Session, new_session
from policies.runs.tracking import PageIdentity, new_page_id

RUNS = Path("runs")
"""Default folder of runs."""
LONGEST_TAG = 64
"""Characters of a tag at Weights & Biases, by its rule."""
LOCK = ".lock"
"""File in a run directory that its trainer holds: one process writes a run at a time."""


class RunRecord(VersionedRecord):
    """Contents of run.json.

    Attributes:
        schema_version: Written as ``schema``.
        task: Name of the task.
        task_hash: Of the task's specification.
        look: Version of the pictures that the agent saw, `spec.LOOK_VERSION`.
        config: The whole configuration.
        created: UTC, ISO 8601.
        page: Id of its page at Weights & Biases; empty for runs of earlier versions.
        sessions: The start, and every resume.
    """

    REMEDY: ClassVar[str] = (
        "restore it, use the version of the package that wrote it, or train again"
    )

    schema_version: SchemaVersion = 2
    task: str
    task_hash: str
    look: int = 0
    config: TrainingConfig
    created: str
    page: str = Field(default="", pattern=r"^[\w.-]*$")
    sessions: tuple[Session, ...] = Field(min_length=1)

    @classmethod
    def upgraded(cls, document: dict[str, Any]) -> dict[str, Any]:
        """Converts a document of schema 1, which has the first session only."""
        if document.get("schema") != 1:
            return document
        first = {
            "started": document["created"],
            "steps": 0,
            "until": document["config"]["steps"],
            "versions": document["versions"],
            "git": document["git"],
        }
        kept = {name: document[name] for name in document if name not in ("versions", "git")}
        return kept | {"schema": 2, "sessions": [first]}


def lock_run(directory: Path) -> AcquireReturnProxy:
    """Holds a run directory for one trainer, as a context manager.

    Raises:
        FalseBeaconError: If another trainer holds it, or it cannot be made or locked.
    """
    busy = f"another trainer is writing {directory}: stop it first, or name another directory."
    return hold(directory / LOCK, busy)


def require_new(directory: Path) -> None:
    """Raises FalseBeaconError if a directory already holds a run."""
    if (directory / "run.json").exists():
        raise FalseBeaconError(
            f"{directory} already holds a run: go on with it by --resume {directory}, or name"
            " another directory."
        )


def create_run(directory: Path, config: TrainingConfig, spec: TaskSpec) -> RunRecord:
    """Writes run.json into a run directory without one; see `require_new`."""
    require_new(directory)
    record = new_run(config, spec)
    record.write(directory / "run.json")
    return record


def new_run(config: TrainingConfig, spec: TaskSpec) -> RunRecord:
    """The record of a run that begins now."""
    session = new_session(0, config.steps)
    return RunRecord(
        task=spec.name,
        task_hash=spec.task_hash,
        look=LOOK_VERSION,
        config=config,
        created=session.started,
        page=new_page_id(),
        sessions=(session,),
    )


def read_run(directory: Path, spec: TaskSpec | None = None, any_version: bool = False) -> RunRecord:
    """Reads run.json.

    Args:
        directory: Of the run.
        spec: The task that the run must be of; None for any.
        any_version: Whether another version of that task, or of its pictures, is accepted.

    Raises:
        FalseBeaconError: If there is no run, or run.json cannot be read or has another schema,
            another task, or another version of the task or of its pictures.
    """
    path = directory / "run.json"
    if not path.is_file():
        raise FalseBeaconError(f"no run at {directory}: {path} does not exist.")
    record = RunRecord.read(path)
    if spec is not None:
        _check_task(path, record, spec, any_version)
    return record


def _check_task(path: Path, record: RunRecord, spec: TaskSpec, any_version: bool) -> None:
    if record.task != spec.name:
        raise StaleError(f"{path} is a run of {record.task}, not of {spec.name}.")
    if record.task_hash != spec.task_hash:
        difference = (
            f"{path} was made for {record.task} with task hash {record.task_hash}, but the task"
            f" is now {spec.task_hash}"
        )
    elif record.look != LOOK_VERSION:
        difference = (
            f"{path} was trained on pictures of version {record.look}, the engine now draws version"
            f" {LOOK_VERSION}"
        )
    else:
        return
    if not any_version:
        raise StaleError(
            f"{difference}: train again, check out the revision of the run"
            f" ({record.sessions[-1].git.revision}), or evaluate with --other-task-version."
        )


def identity_of(directory: Path, record: RunRecord) -> PageIdentity:
    """The identity of a run: ``task/condition/seedN``.

    Where it has no condition, the name of its directory stands there.
    """
    config = record.config
    seed = f"seed{config.seed}"
    named = directory.name if directory.name != seed else "default"
    return PageIdentity(
        page=record.page or _earlier_id(directory, record),
        name=f"{config.task}/{config.tracking.condition or named}/{seed}",
        job="train",
        group=config.tracking.group,
        tags=_tags(config),
        config=record.model_dump(mode="json"),
    )


def _earlier_id(directory: Path, record: RunRecord) -> str:
    """The id of a run of an earlier version, which stored none."""
    text = f"{record.task}-{directory.name}-{re.sub(r'[^0-9]', '', record.created)}"
    return re.sub(r"[^\w.-]+", "-", text)


def _tags(config: TrainingConfig) -> tuple[str, ...]:
    """What runs are filtered by."""
    tags = [
        config.task,
        config.architecture,
        config.sampling,
        f"reward: {config.reward or 'intended'}",
        f"epsilon: {config.conflict_fraction:g}",
        *(["decorrelated"] if config.decorrelated else []),
    ]
    return tuple(tag[:LONGEST_TAG] for tag in tags)
