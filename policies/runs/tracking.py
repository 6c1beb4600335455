"""Pages at Weights & Biases: their identity, options and start.

Only `open_page` loads wandb.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Self
from uuid import uuid4

from filelock import FileLock, Timeout
from pydantic import Field

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.records import Record
from policies.runs.offline_history import is_ended, logged_rows

STEPS = "steps"
"""Metric that all others are drawn over."""
LOCK = ".page"
"""File in a directory that the process holds which has its page open."""
TRAINED = "train/steps"
"""The same in the rows of training alone."""
PATIENCE = 30.0
"""Seconds that a finished session may take to write its last rows to this machine."""


class PagePlace(Record):
    """Where a page is found at Weights & Biases.

    Attributes:
        project: W&B project.
        entity: W&B user or team; the account's default if it is empty.
    """

    project: str = Field(default="false-beacon", pattern=r"^[^/\\#?%:]{1,128}$")
    entity: str = Field(default="", pattern=r"^[^/\\#?%:]*$")


class TrackingOptions(PagePlace):
    """Where the page of a run is found at Weights & Biases.

    Attributes:
        group: Runs that W&B shows together; in a study its name and the condition.
        condition: Part of the run's name between task and seed; in a study its condition.
    """

    group: str = Field(default="", max_length=128)
    condition: str = Field(default="", max_length=200)


class PageIdentity(NamedTuple):
    """What a page is found by.

    Attributes:
        page: Its id, which every session of it continues.
        name: Shown in lists.
        job: W&B's job type: ``train``, ``evaluate``, ``calibrate`` or ``report``.
        group: Pages that W&B shows together.
        tags: What pages are filtered by.
        config: What it was made with.
    """

    page: str
    name: str
    job: str
    group: str = ""
    tags: tuple[str, ...] = ()
    config: Mapping[str, Any] = MappingProxyType({})


def new_page_id() -> str:
    """A random id for a page; two runs that begin in the same second have different ones."""
    return uuid4().hex[:16]


class Page:
    """An open page.

    Attributes:
        run: wandb's own object.
        last: Value of `TRAINED` up to which earlier sessions have logged rows of training; -1 for
            none. They are logged in order, and a session that is killed loses the last ones.
        online: Whether it is sent as it grows.
    """

    def __init__(self, run: Any, lock: FileLock, last: int, position: int) -> None:
        self.run, self._lock, self.last, self._position = run, lock, last, position
        self.online = not run.offline

    def log(self, steps: int, values: Mapping[str, Any]) -> None:
        """Adds a row of values after `steps` decisions of training."""
        # wandb keeps a row back until the next one unless it is committed.
        self.run.log({STEPS: steps, **values}, step=self._position, commit=True)
        self._position += 1

    def summarise(self, values: Mapping[str, Any]) -> None:
        """Sets values of the summary, by which lists of runs are sorted and filtered."""
        self.run.summary.update(dict(values))

    def keep(self, name: str, kind: str, files: Sequence[Path], **facts: Any) -> Any:
        """Adds files as a version of an artifact of the run, of a kind, with facts about it."""
        import wandb

        artifact = wandb.Artifact(f"{name}-{self.run.id}", kind, metadata=facts)
        for file in files:
            artifact.add_file(str(file), name=file.name)
        return self.run.log_artifact(artifact)

    def close(self) -> None:
        """Finishes the session, and waits until its rows are on this machine."""
        try:
            file = Path(self.run.settings.sync_file)
            self.run.finish()
            # wandb's service closes the file after it has answered.
            until = time.monotonic() + PATIENCE
            while not self.online and not is_ended(file) and time.monotonic() < until:
                time.sleep(0.01)
        finally:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_page(directory: Path, identity: PageIdentity, place: PagePlace) -> Page:
    """Begins or continues a page, whose files lie in a directory.

    With WANDB_MODE=offline it needs no account. One process at a time has a page open.

    Raises:
        FalseBeaconError: Naming what is at fault.
    """
    lock = FileLock(directory / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise FalseBeaconError(
            f"another process is logging to the page of {directory} at Weights & Biases: wait until"
            " it has ended."
        ) from None
    try:
        return _opened(directory, identity, place, lock)
    except BaseException:
        lock.release()
        raise


def _opened(directory: Path, identity: PageIdentity, place: PagePlace, lock: FileLock) -> Page:
    try:
        import wandb
    except ImportError as error:
        raise FalseBeaconError("--track needs wandb: pip install wandb.") from error
    # A service inherited from the process that started this one would outlive it, and keep the
    # page of a killed run in use.
    os.environ.pop("WANDB_SERVICE", None)
    try:
        run: Any = wandb.init(
            project=place.project,
            entity=place.entity or None,
            group=identity.group or None,
            job_type=identity.job,
            name=identity.name,
            tags=identity.tags,
            dir=str(directory),
            config=dict(identity.config),
            allow_val_change=True,
            resume="allow",
            id=identity.page,
        )
    except Exception as error:
        raise FalseBeaconError(_fault(error)) from error
    if run.offline:
        earlier = [row for row in logged_rows(directory / "wandb", identity.page) if row]
        last = max(map(_trained, earlier), default=-1)
        position = max((int(row.get("_step", -1)) + 1 for row in earlier), default=0)
    else:
        # Earlier versions logged rows of training alone, each at its own step.
        before = run.starting_step - 1
        last, position = int(run.summary.get(TRAINED, before)), run.starting_step
    run.define_metric(STEPS)
    run.define_metric("*", step_metric=STEPS)
    return Page(run, lock, last, position)


def _trained(row: Mapping[str, Any]) -> int:
    """Decisions of training of a row, -1 for one that is of something else."""
    if any(name.startswith("train/") for name in row):
        return int(row.get(TRAINED, row.get("_step", -1)))
    return -1


def _fault(error: Exception) -> str:
    """What is at fault where wandb does not start, and the way out."""
    from wandb.errors import AuthenticationError, CommError

    offline = os.environ.get("WANDB_MODE") in ("offline", "dryrun")
    instead = "" if offline else ", or set WANDB_MODE=offline to send it later"
    said = f"Weights & Biases did not start: {str(error).strip().rstrip('.')}"
    if isinstance(error, AuthenticationError) or "API key" in str(error):
        return f"{said}. Log in by `wandb login`{instead}."
    if isinstance(error, CommError):
        return f"{said}. Its server is not reached, or refuses --entity and --project{instead}."
    if isinstance(error, OSError):
        return f"{said}. Its files go into the run directory: make that writable."
    return f"{said}. Change --project, --entity, --group or the variable WANDB_... that it names."
