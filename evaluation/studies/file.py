"""Study files: tasks, seeds and conditions in TOML, checked as a whole before anything starts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from evaluation.studies.faults import refusal, unknown, worded
from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError
from minecraft_tasks.core.records import Record
from minecraft_tasks.levels.training import episode_shares
from minecraft_tasks.tasks import task as find_task
from policies.agents.loading import load_agent
from policies.runs.config import TrainingConfig, usual

Overrides = dict[str, Any]
OPTIONS = tuple(name for name in TrainingConfig.model_fields if name not in ("task", "seed"))
"""What a table of overrides may hold: the grid itself gives the task and the seed."""
LONGEST_NAME = 100
"""Characters of a name that becomes a directory; file systems allow 255 bytes."""
MOST_SEEDS = 10_000


class Condition(Record):
    """One way to train, as values of `TrainingConfig`.

    Attributes:
        values: Overrides for every task.
        per_task: Overrides for single tasks, on top of those.
        only: Tasks that this condition is for; all of the study's where it is empty.
        also: What is taken from its agents, one thing at a time, to judge them once more.
    """

    values: Overrides = Field(default_factory=dict)
    per_task: dict[str, Overrides] = Field(default_factory=dict)
    only: tuple[str, ...] = ()
    also: tuple[Literal["memoryless", "blind"], ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, table: Any) -> Any:
        """In the file, overrides stand beside `per_task`, `only` and `also`."""
        if not isinstance(table, dict):
            return table
        own = {name: table[name] for name in ("per_task", "only", "also") if name in table}
        return own | {"values": {name: table[name] for name in table if name not in own}}


class Study(Record):
    """Contents of a study file.

    Attributes:
        name: Of the study and of its directory.
        tasks: Names of tasks; at least one is needed.
        seeds: Seeds of training; in the file a number n stands for 0 ... n - 1. Needed.
        base: Overrides for every run.
        per_task: Overrides for single tasks, on top of those.
        conditions: Name -> overrides, on top of those.
        retries: How often a run that failed is tried again.
        judge: Whether each trained run is evaluated.
        levels: At most so many levels of each split are played to judge; all where it is None.
        agents: Judged too, once for each task: scripted agents and others that are no runs.
    """

    name: str
    tasks: tuple[str, ...] = ()
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = ()
    base: Overrides = Field(default_factory=dict)
    per_task: dict[str, Overrides] = Field(default_factory=dict)
    conditions: dict[str, Condition] = Field({"baseline": Condition()})
    retries: int = Field(2, ge=0)
    judge: bool = True
    levels: int | None = Field(None, gt=0)
    agents: tuple[str, ...] = ()

    @field_validator("seeds", mode="before")
    @classmethod
    def _counted(cls, seeds: Any) -> Any:
        if not isinstance(seeds, int) or isinstance(seeds, bool):
            return seeds
        if not 0 < seeds <= MOST_SEEDS:
            raise ValueError(f"must be a number from 1 to {MOST_SEEDS:,}, or a list of seeds")
        return tuple(range(seeds))

    @field_validator("tasks", "seeds", "conditions")
    @classmethod
    def _given(cls, names: Any) -> Any:
        if not names:
            raise ValueError("at least one is needed")
        return names

    @field_validator("tasks", "seeds", "agents")
    @classmethod
    def _different(cls, names: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(set(names)) < len(names):
            raise ValueError("each may be named only once")
        return names

    def tables(self) -> dict[tuple[str, ...], Overrides]:
        """Every table of overrides by its place in the file."""
        found = {("base",): self.base}
        found |= {("per_task", task): table for task, table in self.per_task.items()}
        for name, own in self.conditions.items():
            place = ("conditions", name)
            found[place] = own.values
            found |= {(*place, "per_task", task): table for task, table in own.per_task.items()}
        return found

    def layers(self, task: str, condition: str) -> dict[tuple[str, ...], Overrides]:
        """The tables that runs of a task in a condition are made from, the particular ones last."""
        own, tables = ("conditions", condition), self.tables()
        places = (("base",), ("per_task", task), own, (*own, "per_task", task))
        return {place: tables[place] for place in places if place in tables}

    def overrides(self, task: str, condition: str) -> Overrides:
        """What runs of a task in a condition set, over what is usual for the task."""
        values: Overrides = {**usual(task)}
        for table in self.layers(task, condition).values():
            values |= table
        return values

    def cells(self) -> Iterator[tuple[str, str]]:
        """Task and condition, wherever the condition is for the task."""
        for task in self.tasks:
            for name, condition in self.conditions.items():
                if not condition.only or task in condition.only:
                    yield task, name

    def varied(self) -> tuple[str, ...]:
        """Options that the file or what is usual for a task sets, as the configuration has them."""
        given = {name for cell in self.cells() for name in self.overrides(*cell)}
        return tuple(name for name in OPTIONS if name in given)


def read_study(path: Path) -> Study:
    """A study from its file; everything in it is known to be trainable.

    Raises:
        FalseBeaconError: Naming every bad key and value with its place in the file.
        UnknownNameError: If all that is wrong is names that do not exist.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FalseBeaconError(f"no study file {path}; docs/studies.md shows one.") from None
    except (OSError, ValueError) as error:
        raise FalseBeaconError(f"{path} cannot be read as TOML: {error}.") from None
    missing = [name for name in ("tasks", "seeds") if name not in document]
    faults = [FalseBeaconError(f"{name} is missing") for name in missing]
    study, bad = _parsed({"name": path.stem} | document)
    faults += [*bad, *_bad_names(study), *_bad_options(study), *_bad_tasks(study)]
    faults += [*_bad_cells(study), *_bad_agents(study)]
    if faults:
        raise refusal(path, faults)
    return study


def _parsed(document: dict[str, Any]) -> tuple[Study, list[FalseBeaconError]]:
    """The study that a document holds once whatever is malformed is left out, and its faults."""
    try:
        return Study.model_validate(document), []
    except ValidationError as error:
        for fault in reversed(error.errors()):
            *path, last = fault["loc"]
            table: Any = document
            for part in path:
                table = table[part]
            del table[last]
        return _parsed(document)[0], worded(error, Study)


def _bad_names(study: Study) -> Iterator[FalseBeaconError]:
    """Names that cannot be those of directories."""
    names = [("name", study.name), *(("conditions", name) for name in study.conditions)]
    for place, name in names:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
            yield FalseBeaconError(
                f"{place}: {name!r} is no name: letters, digits, '.', '_' and '-' are allowed, and "
                "a letter or digit comes first"
            )
    for place, name in [*names, *(("agents", agent) for agent in study.agents)]:
        if len(name) > LONGEST_NAME:
            yield FalseBeaconError(
                f"{place}: {name[:20] + '...'!r} has {len(name)} characters; it names a directory "
                f"and may have {LONGEST_NAME}"
            )


def _bad_options(study: Study) -> Iterator[FalseBeaconError]:
    """Options that do not exist or have bad values; each is taken out of its table."""
    for parts, table in study.tables().items():
        place = ".".join(parts)
        for name in [name for name in table if name not in OPTIONS]:
            yield unknown(place, "option", name, OPTIONS)
            del table[name]
        try:
            TrainingConfig(task="", **table)
        except ValidationError as error:
            yield from worded(error, TrainingConfig, place)
            for name in {str(fault["loc"][0]) for fault in error.errors() if fault["loc"]}:
                table.pop(name, None)


def _bad_tasks(study: Study) -> Iterator[FalseBeaconError]:
    """Tasks that do not exist, and tables for tasks that are not the study's."""
    for task in study.tasks:
        try:
            find_task(task)
        except FalseBeaconError as error:
            yield type(error)(f"tasks: {error}")
    named = [(("per_task",), task) for task in study.per_task]
    for name, condition in study.conditions.items():
        named += [(("conditions", name, "only"), task) for task in condition.only]
        named += [(("conditions", name, "per_task"), task) for task in condition.per_task]
    for parts, task in named:
        if study.tasks and task not in study.tasks:
            yield unknown(".".join(parts), "task of the study", task, study.tasks)


def _known_tasks(study: Study) -> Sequence[str]:
    def exists(name: str) -> bool:
        try:
            return bool(find_task(name))
        except FalseBeaconError:
            return False

    return [name for name in study.tasks if exists(name)]


def _bad_cells(study: Study) -> Iterator[FalseBeaconError]:
    """Cells of the grid whose candidate or levels do not exist, named by what asks for them."""
    known = _known_tasks(study)
    for task, condition in study.cells():
        if task not in known:
            continue
        place = f"conditions.{condition} for {task}"
        try:
            config = TrainingConfig(task=task, **study.overrides(task, condition))
            spec, reward = find_task(task).spec, config.reward
            episode_shares(spec, config.conflict_fraction, config.decorrelated, reward)
        except ValidationError as error:
            yield from worded(error, TrainingConfig, place)
        except UnknownNameError as error:
            setting = [parts for parts, own in study.layers(task, condition).items() if own]
            where = [parts for parts in setting if "reward" in study.tables()[parts]]
            yield type(error)(f"{'.'.join((*where[-1], 'reward')) if where else place}: {error}")
        except FalseBeaconError as error:
            yield type(error)(f"{place}: {error}")


def _bad_agents(study: Study) -> Iterator[FalseBeaconError]:
    """Agents that cannot be loaded for one of the tasks."""
    for task in _known_tasks(study):
        for agent in study.agents:
            try:
                load_agent(agent, find_task(task))
            except FalseBeaconError as error:
                yield type(error)(f"agents for {task}: {error}")
