"""Run directories: what is in them, written so that an interruption never spoils them."""

from __future__ import annotations

import fcntl
import json
import platform
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from minecraft_tasks.backends.voxel.scene import LOOK_VERSION
from minecraft_tasks.errors import CorruptFileError, FalseBeaconError, StaleError
from minecraft_tasks.files import write_text
from minecraft_tasks.spec import Record, TaskSpec
from policies.config import TrainingConfig

SCHEMA = 2
LOCK = ".lock"
"""File in a run directory that whoever trains it holds."""

PACKAGES = ("falsebeacon", "torch", "numpy", "numba", "gymnasium", "stable-baselines3")
PACKAGES += ("sb3-contrib",)


class Git(Record):
    """The revision of the source that a run was made with; None outside a repository."""

    revision: str | None = None
    dirty: bool | None = None


class Session(Record):
    """One stretch of training, from a start or a resume on.

    Attributes:
        started: UTC, ISO 8601.
        steps: That the run had.
        until: That it was to reach.
        versions: Of Python and of the packages that decide results.
        git: Revision of the source.
    """

    started: str
    steps: int
    until: int
    versions: dict[str, str]
    git: Git

    def differences(self, before: Session) -> list[str]:
        """What could make it compute otherwise than the session before, in words."""
        names = sorted(self.versions.keys() | before.versions.keys())
        changed = [(name, before.versions.get(name), self.versions.get(name)) for name in names]
        changed.append(("source", before.git.revision, self.git.revision))
        return [f"{name} was {was}, and is {now} now" for name, was, now in changed if was != now]


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


def package_versions() -> dict[str, str]:
    """Versions of Python and of `PACKAGES`; a package that is not installed is left out."""
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def git_state() -> Git:
    """Revision and cleanliness of the source tree, None outside a repository."""
    root = Path(__file__).resolve().parent.parent

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
        return result.stdout.strip()

    try:
        return Git(revision=git("rev-parse", "HEAD"), dirty=bool(git("status", "--porcelain")))
    except (OSError, subprocess.SubprocessError):
        return Git()


def new_session(steps: int, until: int) -> Session:
    """A session that starts now.

    Args:
        steps: That the run has.
        until: That it is to reach.
    """
    return Session(
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        steps=steps,
        until=until,
        versions=package_versions(),
        git=git_state(),
    )


def create_run(directory: Path, config: TrainingConfig, spec: TaskSpec) -> RunRecord:
    """Writes run.json into a new run directory.

    Raises:
        FalseBeaconError: If the directory already holds a run.
    """
    if (directory / "run.json").exists():
        raise FalseBeaconError(
            f"{directory} already holds a run: go on with it by --resume {directory}, or name"
            " another directory."
        )
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


def read_run(directory: Path, spec: TaskSpec | None = None) -> RunRecord:
    """Reads run.json.

    Args:
        directory: The run.
        spec: The task that the run must have been made for; None for any.

    Raises:
        FalseBeaconError: If there is no run, or run.json has another schema, another task,
            another version of the task or of its pictures, or cannot be read.
    """
    path = directory / "run.json"
    if not path.is_file():
        raise FalseBeaconError(f"no run at {directory}: {path} does not exist.")
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
        record = RunRecord(**document)
    except (ValidationError, KeyError, TypeError) as error:
        raise CorruptFileError(
            f"{path} is not a run's record ({str(error).splitlines()[0]}): restore it, or train"
            " again."
        ) from error
    if spec is not None:
        _check_task(path, record, spec)
    return record


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


def _check_task(path: Path, record: RunRecord, spec: TaskSpec) -> None:
    if record.task != spec.name:
        raise StaleError(f"{path} is a run of {record.task}, not of {spec.name}.")
    if record.task_hash != spec.task_hash:
        raise StaleError(
            f"{path} was made for {record.task} with task hash {record.task_hash}, but the task"
            f" is now {spec.task_hash}: train again, or check out the revision of the run"
            f" ({record.sessions[-1].git.revision})."
        )
    if record.look != LOOK_VERSION:
        raise StaleError(
            f"{path} was trained on pictures of version {record.look}, the engine now draws version"
            f" {LOOK_VERSION}: train again, or check out the revision of the run"
            f" ({record.sessions[-1].git.revision})."
        )


def checkpoint_path(directory: Path, steps: int) -> Path:
    """Where the checkpoint after so many steps lies."""
    return directory / "checkpoints" / f"{steps:09d}.zip"


def checkpoints(directory: Path) -> list[Path]:
    """Checkpoints of a run from the oldest to the newest, sound or not."""
    found = (directory / "checkpoints").glob("*.zip")
    return sorted(
        (path for path in found if path.stem.isdecimal()), key=lambda path: int(path.stem)
    )


def is_sound(path: Path) -> bool:
    """Whether a checkpoint can be read to its end."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (OSError, zipfile.BadZipFile, EOFError, ValueError, RuntimeError):
        return False


def newest_checkpoint(directory: Path, notify: Callable[[str], None] = print) -> Path:
    """The newest checkpoint that can be read.

    Args:
        directory: The run.
        notify: Told of each newer one that cannot.

    Raises:
        FalseBeaconError: If there is none.
    """
    return next(sound_checkpoints(directory, notify))


def sound_checkpoints(directory: Path, notify: Callable[[str], None]) -> Iterator[Path]:
    """Checkpoints that can be read, from the newest to the oldest.

    Args:
        directory: The run.
        notify: Told of each one that cannot.

    Raises:
        FalseBeaconError: Once there are no more.
    """
    found = checkpoints(directory)
    for path in reversed(found):
        if is_sound(path):
            yield path
        else:
            notify(f"{path} is corrupt: falling back to the checkpoint before it.")
    if found:
        raise CorruptFileError(
            f"every checkpoint of {directory} is corrupt ({len(found)} of them): train again."
        )
    raise FalseBeaconError(
        f"no checkpoint in {directory / 'checkpoints'}: the run stopped before its first one;"
        " train again."
    )


def is_held(path: Path) -> bool:
    """Whether some process holds a lock file, such as the one of `lock`."""
    try:
        handle = path.open()
    except FileNotFoundError:
        return False
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


@contextmanager
def lock(directory: Path) -> Iterator[None]:
    """Holds a run directory for one trainer; the system lets go of it when the process ends.

    Raises:
        FalseBeaconError: If another trainer holds it, or it cannot be made.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle = (directory / LOCK).open("a+")
    except OSError as error:
        raise FalseBeaconError(
            f"cannot make the run directory {directory}: {error.strerror}; name another one."
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise FalseBeaconError(
                f"another trainer is writing {directory}: stop it first, or name another directory."
            ) from error
        yield
