"""Study files: tasks, seeds and conditions in TOML, checked as a whole before anything starts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from minecraft_tasks.core.errors import FalseBeaconError, lookup
from minecraft_tasks.core.records import Record, faults
from minecraft_tasks.tasks import task as find_task
from policies.runs.config import TrainingConfig, recipe

Overrides = dict[str, Any]
OPTIONS = {name: name for name in TrainingConfig.model_fields if name not in ("task", "seed")}
"""Options that may be overridden; the grid gives the task and the seed."""
LONGEST_NAME = 200
"""Characters of a name that becomes a directory; file systems allow 255 bytes."""
MOST_SEEDS = 10_000
NEEDED = ("tasks", "seeds")


def _key(name: str) -> str:
    """A name as it stands in the heads of TOML's tables."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'


class Condition(Record):
    """One way to train, as values of `TrainingConfig`.

    Attributes:
        values: Overrides for every task.
        per_task: Overrides for single tasks, on top of those.
        only: Tasks that this condition is for; all of the study's where it is empty.
        also: Ablations under which its agents are judged once more.
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
        name: Name of the study and of its directory.
        tasks: Names of tasks; at least one is needed.
        seeds: Seeds of training; in the file a number n stands for 0 ... n - 1. Needed.
        base: Overrides for every run.
        per_task: Overrides for single tasks, on top of those.
        conditions: Name -> overrides, on top of those.
        retries: Retries of a run that failed.
        judge: Whether each trained run is evaluated.
        levels: At most so many levels of each split are played to judge; all where it is None.
        clips: Of each condition, the first so many seeds have clips in their reports; all where it
            is None. The others get them by `falsebeacon report DIR --judge-again`.
        agents: Judged too, once for each task: scripted agents and others that are no runs.
        trust: Load sb3: zips among them, which runs any code that somebody put there.
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
    clips: int | None = Field(None, ge=0)
    agents: tuple[str, ...] = ()
    trust: bool = False

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

    def filmed(self, seed: int) -> bool:
        """Whether the reports of a seed have clips."""
        return self.clips is None or seed in self.seeds[: self.clips]

    def tables(self) -> dict[str, Overrides]:
        """Every table of overrides by its place in the file, general ones before particular."""
        found = {"base": self.base}
        found |= {f"per_task.{task}": table for task, table in self.per_task.items()}
        for name, own in self.conditions.items():
            place = f"conditions.{_key(name)}"
            found[place] = own.values
            found |= {f"{place}.per_task.{task}": table for task, table in own.per_task.items()}
        return found

    def layers(self, task: str, condition: str) -> dict[str, Overrides]:
        """The tables that hold for runs of a task in a condition, general before particular."""
        own, tables = f"conditions.{_key(condition)}", self.tables()
        places = ("base", f"per_task.{task}", own, f"{own}.per_task.{task}")
        return {place: tables[place] for place in places if place in tables}

    def overrides(self, task: str, condition: str) -> Overrides:
        """Options of the runs of a task in a condition, over the recipe of the task."""
        values: Overrides = {**recipe(task)}
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
        """Options that the file or a task's recipe sets, as the configuration has them."""
        given = {name for cell in self.cells() for name in self.overrides(*cell)}
        return tuple(name for name in OPTIONS if name in given)


class Faults(list[FalseBeaconError]):
    """The faults of a file, each with its place, in the user's words."""

    def note(self, place: str, error: Exception) -> None:
        """Adds an error, or all that pydantic found, as ``base.steps = -5: must be ...``."""
        if isinstance(error, ValidationError):
            self += [FalseBeaconError(fault) for fault in faults(error, place)]
        elif isinstance(error, FalseBeaconError):
            near, known, _ = str(error).partition(" Known:")
            text = near if known and "Did you mean" in near else str(error)
            self.append(type(error)(f"{place}: {text}"))

    @contextmanager
    def at(self, place: str) -> Iterator[None]:
        """Goes on after an error, and keeps it as a fault of a place."""
        try:
            yield
        except (ValidationError, FalseBeaconError) as error:
            self.note(place, error)

    def refuse(self, path: Path) -> None:
        """Raises one error for all faults, if there are any; of their kind if they share one."""
        kinds = {type(fault) for fault in self}
        texts = dict.fromkeys(str(fault).rstrip(".") for fault in self)
        lines = [text if text.endswith("?") else f"{text}." for text in texts]
        if lines:
            kind = kinds.pop() if len(kinds) == 1 else FalseBeaconError
            head = f"{path}: " if len(lines) == 1 else f"{path} has {len(lines)} faults:\n  "
            raise kind(head + "\n  ".join(lines))


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
    noted = Faults()
    for key in [key for key in document if key not in Study.model_fields]:
        with noted.at(key):
            lookup("key", key, Study.model_fields)
        del document[key]
    noted += [FalseBeaconError(f"{key} is missing") for key in NEEDED if key not in document]
    study = _parsed({"name": path.stem} | document, noted)
    _check_names(study, noted)
    for place, table in study.tables().items():
        _check_options(place, table, noted)
    _check_grid(study, noted)
    noted.refuse(path)
    return study


def _parsed(document: dict[str, Any], noted: Faults) -> Study:
    """The study that is left of a document without what is malformed in it."""
    try:
        return Study.model_validate(document)
    except ValidationError as error:
        noted.note("", error)
        for fault in reversed(error.errors()):
            *path, last = fault["loc"]
            table: Any = document
            for part in path:
                table = table[part]
            del table[last]
    return _parsed(document, Faults())


def _check_names(study: Study, noted: Faults) -> None:
    """Notes names that cannot be those of directories."""
    names = [("name", study.name), *(("conditions", name) for name in study.conditions)]
    for place, name in [*names, *(("agents", name) for name in study.agents)]:
        short = repr(name if len(name) <= LONGEST_NAME else f"{name[:20]}...")
        if len(name) > LONGEST_NAME:
            why = f"has {len(name)} characters; it names a directory and may have {LONGEST_NAME}"
            noted.append(FalseBeaconError(f"{place}: {short} {why}"))
        if place != "agents" and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
            why = "may hold letters, digits, '.', '_' and '-', and begins with a letter or digit"
            noted.append(FalseBeaconError(f"{place}: {short} is no name: it {why}"))


def _check_options(place: str, table: Overrides, noted: Faults) -> None:
    """Notes options that do not exist or have bad values, and takes them out of their table."""
    for name in [name for name in table if name not in OPTIONS]:
        with noted.at(place):
            lookup("option", name, OPTIONS)
        del table[name]
    try:
        TrainingConfig(task="", **table)
    except ValidationError as error:
        noted.note(place, error)
        for name in {str(fault["loc"][0]) for fault in error.errors() if fault["loc"]}:
            table.pop(name, None)


def _check_grid(study: Study, noted: Faults) -> None:
    """Notes tasks, candidates and agents that do not exist, and levels that a task lacks."""
    own, known = dict.fromkeys(study.tasks), list[str]()
    named = [("per_task", task) for task in study.per_task]
    for name, condition in study.conditions.items():
        named += [(f"conditions.{_key(name)}.only", task) for task in condition.only]
        named += [(f"conditions.{_key(name)}.per_task", task) for task in condition.per_task]
    for place, task in named if own else ():
        with noted.at(place):
            lookup("task of the study", task, own)
    for task in own:
        with noted.at("tasks"):
            find_task(task)
            known.append(task)
    for task, condition in study.cells():
        if task in known:
            _check_cell(study, task, condition, noted)
    if not (known and study.agents):
        return
    # It loads the engine, which a file without agents needs no more than most faults do.
    from policies.agents.loading import load_agent

    for task in known:
        for agent in (agent for agent in study.agents if len(agent) <= LONGEST_NAME):
            with noted.at(f"agents for {task}"):
                load_agent(agent, find_task(task), trust=study.trust)


def _check_cell(study: Study, task: str, condition: str, noted: Faults) -> None:
    """Notes what a task lacks for a condition."""
    values, spec = study.overrides(task, condition), find_task(task).spec
    with noted.at(f"conditions.{_key(condition)} for {task}"):
        config = TrainingConfig(task=task, **values)
        if config.reward in ("", *spec.candidate_names):
            config.shares(spec)
            return
    asking = [place for place, table in study.layers(task, condition).items() if "reward" in table]
    with noted.at(f"{asking[-1]}.reward" if asking else "reward"):
        spec.rewarded(values.get("reward", ""))
