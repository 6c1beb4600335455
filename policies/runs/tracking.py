"""The page of a run at Weights & Biases: its identity, options and start.

Only `open_page` loads wandb.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pydantic import Field

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.records import Record
from policies.runs.offline_history import logged_rows

if TYPE_CHECKING:
    from policies.runs.config import TrainingConfig
    from policies.runs.record import RunRecord

STEPS = "steps"
"""Metric that all others are drawn over."""
LONGEST_TAG = 64
"""Characters, by W&B's rule."""


class TrackingOptions(Record):
    """Where a run is found at Weights & Biases.

    Attributes:
        project: W&B project.
        entity: W&B user or team; the account's default if it is empty.
        group: Runs that W&B shows together; in a study its name and the condition.
        condition: Part of the run's name between task and seed; in a study its condition.
    """

    project: str = Field("false-beacon", pattern=r"^[^/\\#?%:]{1,128}$")
    entity: str = Field("", pattern=r"^[^/\\#?%:]*$")
    group: str = Field("", max_length=128)
    condition: str = Field("", max_length=200)


def new_page_id() -> str:
    """A random id for a page; two runs that begin in the same second have different ones."""
    return uuid4().hex[:16]


def page_id(directory: Path, record: RunRecord) -> str:
    """The id of a run's page, which every session of it continues."""
    if record.page:
        return record.page
    # Runs of earlier versions have none stored.
    old = f"{record.task}-{directory.name}-{re.sub(r'[^0-9]', '', record.created)}"
    return re.sub(r"[^\w.-]+", "-", old)


def page_name(directory: Path, config: TrainingConfig) -> str:
    """``task/condition/seedN``; without a condition the directory's name stands there."""
    seed, own = f"seed{config.seed}", config.tracking.condition
    condition = own or (directory.name if directory.name != seed else "default")
    return f"{config.task}/{condition}/{seed}"


def page_tags(config: TrainingConfig) -> tuple[str, ...]:
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


class Page:
    """An open page of a run.

    Attributes:
        run: wandb's own object.
        logged: Values of `STEPS` that the page already has of earlier sessions.
    """

    def __init__(self, run: Any, logged: set[int], position: int) -> None:
        self.run, self.logged, self._position = run, logged, position

    def log(self, steps: int, values: Mapping[str, Any]) -> None:
        """Adds a row of values after `steps` decisions of training."""
        # wandb keeps a row back until the next one unless it is committed.
        self.run.log({STEPS: steps, **values}, step=self._position, commit=True)
        self._position += 1

    def close(self) -> None:
        """Finishes the session."""
        self.run.finish()


def open_page(directory: Path, record: RunRecord) -> Page:
    """Begins or continues the page of a run; its files lie in the run directory.

    With WANDB_MODE=offline it needs no account.

    Raises:
        FalseBeaconError: Naming what is at fault.
    """
    try:
        import wandb
    except ImportError as error:
        raise FalseBeaconError("--track needs wandb: pip install wandb.") from error
    # A service inherited from the process that started this one would outlive it, and keep the
    # page of a killed run in use.
    os.environ.pop("WANDB_SERVICE", None)
    config, name = record.config, page_id(directory, record)
    earlier = logged_rows(directory / "wandb", name)
    try:
        run: Any = wandb.init(
            project=config.tracking.project,
            entity=config.tracking.entity or None,
            group=config.tracking.group or None,
            job_type="train",
            name=page_name(directory, config),
            tags=page_tags(config),
            dir=str(directory),
            config=record.model_dump(mode="json"),
            allow_val_change=True,
            resume="allow",
            id=name,
        )
    except Exception as error:
        raise FalseBeaconError(_fault(error)) from error
    if run.offline:
        logged = {int(row[STEPS]) for row in earlier if STEPS in row}
        position = max((int(row["_step"]) + 1 for row in earlier if "_step" in row), default=0)
    else:
        # The server has rows in their order, up to the last that reached it.
        last = run.summary.get(STEPS, -1) if run.resumed else -1
        logged, position = set(range(int(last) + 1)), run.starting_step
    run.define_metric(STEPS)
    run.define_metric("*", step_metric=STEPS)
    return Page(run, logged, position)


def _fault(error: Exception) -> str:
    """What is at fault where wandb does not start, and the way out."""
    import wandb

    offline = os.environ.get("WANDB_MODE") in ("offline", "dryrun")
    instead = "" if offline else ", or set WANDB_MODE=offline to send it later"
    said = f"Weights & Biases did not start: {str(error).strip().rstrip('.')}"
    if isinstance(error, wandb.errors.AuthenticationError) or "API key" in str(error):
        return f"{said}. Log in by `wandb login`{instead}."
    if isinstance(error, wandb.errors.CommError):
        return f"{said}. Its server is not reached, or refuses --entity and --project{instead}."
    if isinstance(error, OSError):
        return f"{said}. Its files go into the run directory: make that writable."
    return f"{said}. Change --project, --entity, --group or the variable WANDB_... that it names."
