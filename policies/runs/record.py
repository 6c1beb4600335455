"""Run directories: what is in them, written so that an interruption never spoils them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError, StaleError
from minecraft_tasks.core.files import write_text
from minecraft_tasks.core.records import Record, faults
from minecraft_tasks.spec import LOOK_VERSION, TaskSpec
from policies.runs.config import TrainingConfig
from policies.runs.provenance import Session, new_session

SCHEMA = 2
RUNS = Path("runs")
"""Where runs are put unless a command says otherwise."""


class RunRecord(Record):
    """Contents of run.json.

    Attributes:
        schema_version: Written as ``schema``.
        task: Name of the task.
        task_hash: Of the task's specification.
        look: Version of the pictures that the agent saw, `scene.LOOK_VERSION`.
        config: The whole configuration.
        created: UTC, ISO 8601.
        sessions: How it was trained: the start, and every resume.
    """

    schema_version: int = SCHEMA
    task: str
    task_hash: str
    look: int = 0
    config: TrainingConfig
    created: str
    sessions: tuple[Session, ...] = Field(min_length=1)


def require_new(directory: Path) -> None:
    """Refuses a directory that already holds a run.

    Raises:
        FalseBeaconError: If it does.
    """
    if (directory / "run.json").exists():
        raise FalseBeaconError(
            f"{directory} already holds a run: go on with it by --resume {directory}, or name"
            " another directory."
        )


def create_run(directory: Path, config: TrainingConfig, spec: TaskSpec) -> RunRecord:
    """Writes run.json into a new run directory.

    Raises:
        FalseBeaconError: If the directory already holds a run.
    """
    require_new(directory)
    session = new_session(0, config.steps)
    record = RunRecord(
        task=spec.name,
        task_hash=spec.task_hash,
        look=LOOK_VERSION,
        config=config,
        created=session.started,
        sessions=(session,),
    )
    write_record(directory, record)
    return record


def write_record(directory: Path, record: RunRecord) -> None:
    """Replaces run.json."""
    values = record.model_dump(mode="json")
    document = {"schema": values.pop("schema_version"), **values}
    write_text(directory / "run.json", json.dumps(document, indent=2) + "\n")


def read_run(directory: Path, spec: TaskSpec | None = None, any_version: bool = False) -> RunRecord:
    """Reads run.json.

    Args:
        directory: The run.
        spec: The task that the run must have been made for; None for any.
        any_version: Whether another version of that task, or of its pictures, will do.

    Raises:
        FalseBeaconError: If there is no run, or run.json has another schema, another task,
            another version of the task or of its pictures, or cannot be read.
    """
    path = directory / "run.json"
    if not path.is_file():
        raise FalseBeaconError(f"no run at {directory}: {path} does not exist.")
    record = read_record(path)
    if spec is not None:
        _check_task(path, record, spec, any_version)
    return record


def read_record(path: Path) -> RunRecord:
    """Reads a run.json, wherever it was copied to.

    Raises:
        FalseBeaconError: If it has another schema or cannot be read.
    """
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        schema = document.pop("schema")
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise CorruptFileError(
            f"{path} is not a run's record ({error}): restore it, or train again."
        ) from error
    if schema not in (1, SCHEMA):
        raise StaleError(
            f"{path} has schema {schema!r}, this version reads {SCHEMA} and 1: use the version of"
            " the package that wrote it."
        )
    try:
        if schema == 1:
            document = _with_sessions(document)
        return RunRecord(**document)
    except (ValidationError, KeyError, TypeError) as error:
        said = "; ".join(faults(error)) if isinstance(error, ValidationError) else repr(error)
        raise CorruptFileError(
            f"{path} is not a run's record ({said}): restore it, or train again."
        ) from error


def _with_sessions(document: dict[str, Any]) -> dict[str, Any]:
    """A record of schema 1, which told of a run's first session only, as one of schema 2."""
    first = {
        "started": document["created"],
        "steps": 0,
        "until": document["config"]["steps"],
        "versions": document.pop("versions"),
        "git": document.pop("git"),
    }
    return document | {"sessions": [first]}


def _check_task(path: Path, record: RunRecord, spec: TaskSpec, any_version: bool) -> None:
    if record.task != spec.name:
        raise StaleError(f"{path} is a run of {record.task}, not of {spec.name}.")
    if any_version:
        return
    if record.task_hash != spec.task_hash:
        raise StaleError(
            f"{path} was made for {record.task} with task hash {record.task_hash}, but the task"
            f" is now {spec.task_hash}: train again, check out the revision of the run"
            f" ({record.sessions[-1].git.revision}), or evaluate with --other-task-version."
        )
    if record.look != LOOK_VERSION:
        raise StaleError(
            f"{path} was trained on pictures of version {record.look}, the engine now draws version"
            f" {LOOK_VERSION}: train again, check out the revision of the run"
            f" ({record.sessions[-1].git.revision}), or evaluate with --other-task-version."
        )
