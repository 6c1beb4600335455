"""Study files: tasks, seeds and conditions in TOML, checked as a whole and laid out as runs."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator

from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError, lookup
from minecraft_tasks.core.records import Record
from minecraft_tasks.levels.training import episode_shares
from minecraft_tasks.tasks import task as find_task
from policies.agents.loading import load_agent
from policies.runs.config import TrainingConfig, recipe

Overrides = dict[str, Any]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
_OPTIONS = {name: name for name in TrainingConfig.model_fields if name not in ("task", "seed")}
"""What a table of overrides may hold: the grid itself gives the task and the seed."""


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
        tasks: Names of tasks.
        seeds: Seeds of training; in the file a number n stands for 0 ... n - 1.
        base: Overrides for every run.
        per_task: Overrides for single tasks, on top of those.
        conditions: Name -> overrides, on top of those.
        retries: How often a run that failed is tried again.
        judge: Whether each trained run is evaluated.
        levels: At most so many levels of each split are played to judge; all where it is None.
        agents: Judged too, once for each task: scripted agents and others that are no runs.
    """

    name: Name
    tasks: tuple[str, ...] = Field(min_length=1)
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = Field(min_length=1)
    base: Overrides = Field(default_factory=dict)
    per_task: dict[str, Overrides] = Field(default_factory=dict)
    conditions: dict[Name, Condition] = Field({"baseline": Condition()}, min_length=1)
    retries: int = Field(2, ge=0)
    judge: bool = True
    levels: int | None = Field(None, gt=0)
    agents: tuple[str, ...] = ()

    @field_validator("seeds", mode="before")
    @classmethod
    def _counted(cls, seeds: Any) -> Any:
        if isinstance(seeds, int) and not isinstance(seeds, bool):
            return tuple(range(seeds))
        return seeds

    @field_validator("tasks", "seeds", "agents")
    @classmethod
    def _different(cls, names: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(set(names)) < len(names):
            raise ValueError("each may be named only once")
        return names

    def overrides(self, task: str, condition: str) -> Overrides:
        """What runs of a task in a condition set, the more particular over the more general.

        The task's recipe comes first, then `base`.
        """
        own = self.conditions[condition]
        named = self.base | self.per_task.get(task, {}) | own.values | own.per_task.get(task, {})
        return {**recipe(task), **named}

    def cells(self) -> Iterator[tuple[str, str]]:
        """Task and condition, wherever the condition is for the task."""
        for task in self.tasks:
            for name, condition in self.conditions.items():
                if not condition.only or task in condition.only:
                    yield task, name

    def varied(self) -> tuple[str, ...]:
        """Options that the file or a task's recipe sets, as the configuration has them."""
        given = {name for cell in self.cells() for name in self.overrides(*cell)}
        return tuple(name for name in _OPTIONS if name in given)


def read_study(path: Path) -> Study:
    """A study from its file; everything in it is known to be trainable.

    Raises:
        FalseBeaconError: Naming every bad key and value with its place in the file.
        UnknownNameError: If a task or candidate does not exist.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FalseBeaconError(f"no study file {path}; docs/studies.md shows one.") from None
    except (OSError, ValueError) as error:
        raise FalseBeaconError(f"{path} cannot be read as TOML: {error}.") from None
    try:
        study = Study.model_validate({"name": path.stem} | document)
    except ValidationError as error:
        raise _refusal(path, _faults("", error)) from None
    faults = [fault for place, table in _tables(study) for fault in _bad(place, table)]
    if faults:
        raise _refusal(path, faults)
    for place, task in _named_tasks(study):
        try:
            lookup("task", task, dict.fromkeys(study.tasks), f"{study.name}, {place}")
        except UnknownNameError as error:
            raise UnknownNameError(f"{path}: {error}") from None
    for task, condition in study.cells():
        _check_trainable(path, study, task, condition)
    for task in study.tasks:
        for agent in study.agents:
            try:
                load_agent(agent, find_task(task))
            except FalseBeaconError as error:
                raise type(error)(f"{path}: agents for {task}: {error}") from None
    return study


def _refusal(path: Path, faults: list[str]) -> FalseBeaconError:
    return FalseBeaconError(f"{path}: {'; '.join(faults)}.")


def _faults(place: str, error: ValidationError) -> list[str]:
    found = []
    for fault in error.errors():
        parts = [str(part) for part in fault["loc"] if part not in ("values", "[key]")]
        where = ".".join([place, *parts] if place else parts)
        missing = fault["type"] == "missing"
        found.append(
            f"{where} is missing" if missing else f"{where} = {fault['input']!r}: {fault['msg']}"
        )
    return found


def _tables(study: Study) -> Iterator[tuple[str, Overrides]]:
    """Every table of overrides with its place in the file."""
    yield "base", study.base
    for task, table in study.per_task.items():
        yield f"per_task.{task}", table
    for name, condition in study.conditions.items():
        yield f"conditions.{name}", condition.values
        for task, table in condition.per_task.items():
            yield f"conditions.{name}.per_task.{task}", table


def _bad(place: str, table: Overrides) -> list[str]:
    faults = []
    known: Mapping[str, Any] = {name: value for name, value in table.items() if name in _OPTIONS}
    for name in table.keys() - known.keys():
        try:
            lookup("option", name, _OPTIONS)
        except UnknownNameError as error:
            faults.append(f"{place}: {str(error).rstrip('.')}")
    try:
        TrainingConfig(task="", **known)
    except ValidationError as error:
        faults += _faults(place, error)
    return faults


def _named_tasks(study: Study) -> Iterator[tuple[str, str]]:
    """Tasks that tables and conditions name, with the place; they must be the study's own."""
    for task in study.per_task:
        yield "per_task", task
    for name, condition in study.conditions.items():
        for task in (*condition.only, *condition.per_task):
            yield f"conditions.{name}", task


def _check_trainable(path: Path, study: Study, task: str, condition: str) -> None:
    """Refuses a cell of the grid whose task, candidate or levels do not exist."""
    place = f"conditions.{condition} for {task}"
    try:
        spec = find_task(task).spec
        config = TrainingConfig(task=task, **study.overrides(task, condition))
        episode_shares(spec, config.conflict_fraction, config.decorrelated, config.reward)
    except ValidationError as error:
        raise _refusal(path, _faults(place, error)) from None
    except FalseBeaconError as error:
        raise type(error)(f"{path}: {place}: {error}") from None
