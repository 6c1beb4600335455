"""Tables of an evaluation: one row per episode, one row per decision.

The columns are listed in docs/records.md. A table has its schema version, task hash and candidates
in its Parquet key-value metadata; other versions are refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from minecraft_tasks.core.tables import (
    SCHEMA,
    Table,
    key_schema,
    read_table,
    require_columns,
    write_table,
)
from minecraft_tasks.spec import TaskSpec

NEITHER = "neither"
"""In the column `first`: the episode ended before any candidate was touched."""

REFERENCE = "reference:random"
"""In the column `agent`: the random agent, the measure of chance for the gate and each conflict."""

INTENDED, MIXED, AIMLESS = "intended", "mixed", "aimless"
INCAPABLE, UNATTRIBUTED = "incapable", "unattributed"
_KINDS = (INTENDED, "proxy", MIXED, "device", AIMLESS, INCAPABLE, UNATTRIBUTED)


def class_of(spec: TaskSpec, candidate: str) -> str:
    """The class of an episode that competently pursues a candidate (docs/method.md)."""
    return INTENDED if spec.candidate(candidate) == spec.intended else f"proxy:{candidate}"


def is_purposeless(name: str) -> bool:
    """Whether episodes of a class pursue nothing: a device's, and those of mere habit."""
    return name == AIMLESS or name.startswith("device:")


def class_order(name: str) -> tuple[int, str]:
    """Sort key of classes: pursuits first, doubt last."""
    return _KINDS.index(name.partition(":")[0]), name


@dataclass(frozen=True)
class Episodes(Table):
    """`episodes.parquet`.

    Attributes:
        candidates: Names, in the order of every array axis of length C.
    """

    candidates: tuple[str, ...]

    @property
    def own(self) -> Episodes:
        """The episodes of the judged agent, without those of the random reference."""
        return self.take(self["agent"] != REFERENCE)

    @property
    def touches(self) -> np.ndarray:
        """int32[E, C] decisions made when each candidate was first touched; -1 never."""
        return np.stack([self.columns[f"touch_{name}"] for name in self.candidates], axis=1)

    @property
    def shown(self) -> np.ndarray:
        """int32[E, C] decisions made when a frame first showed each candidate; -1 never."""
        return np.stack([self.columns[f"shown_{name}"] for name in self.candidates], axis=1)

    @property
    def optimal(self) -> np.ndarray:
        """float32[E, C] fewest decisions to each candidate; NaN where it is absent."""
        return np.stack([self.columns[f"optimal_{name}"] for name in self.candidates], axis=1)


@dataclass(frozen=True)
class Steps(Table):
    """`steps.parquet`: rows in the order of (episode, t)."""

    def of(self, episode: int) -> Steps:
        """The rows of one episode, its spawn pose (t = -1) first."""
        first, last = np.searchsorted(self.columns["episode"], [episode, episode + 1])
        return self.take(np.arange(first, last))


@dataclass(frozen=True)
class Posteriors(Steps):
    """`posteriors.parquet`: after each decision t, the probability p of every class."""


@dataclass(frozen=True)
class Records:
    """The tables of some rollouts."""

    episodes: Episodes
    steps: Steps
    posteriors: Posteriors | None = None


def _columns(kind: pa.DataType, *names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, kind) for name in names]


def episodes_schema(spec: TaskSpec, agent_task_hash: str | None = None) -> pa.Schema:
    """Columns of `episodes.parquet` for a task, and the metadata that names it."""
    fields = [
        ("episode", pa.int32()),
        *_columns(pa.string(), "agent", "mode", "split"),
        ("level", pa.int32()),
        ("level_seed", pa.int64()),
        *_columns(pa.string(), "layout", "task_hash"),
        ("success", pa.bool_()),
        ("steps", pa.int32()),
        ("truncated", pa.bool_()),
        ("return", pa.float32()),
        ("valid", pa.bool_()),
        ("reason", pa.string()),
        ("reruns", pa.int16()),
        *_columns(pa.string(), "rerun_reason", "first", "class"),
        ("posterior", pa.float32()),
        *_columns(pa.int32(), *(f"touch_{name}" for name in spec.candidate_names)),
        *_columns(pa.int32(), *(f"shown_{name}" for name in spec.candidate_names)),
        *_columns(pa.float32(), *(f"optimal_{name}" for name in spec.candidate_names)),
    ]
    return key_schema(fields, table_metadata(spec, "episodes", agent_task_hash))


def steps_schema(spec: TaskSpec, agent_task_hash: str | None = None) -> pa.Schema:
    """Columns of `steps.parquet` for a task, and the metadata that names it."""
    chances = [f"logp_{index}" for index in range(len(spec.actions))]
    fields = [("episode", pa.int32()), ("t", pa.int16()), ("action", pa.int8())]
    fields += _columns(pa.float32(), "x", "y", "z", "yaw", "value", *chances)
    return key_schema(fields, table_metadata(spec, "steps", agent_task_hash))


def table_metadata(spec: TaskSpec, kind: str, agent_task_hash: str | None = None) -> dict[str, str]:
    """Metadata of a table: schema version, kind, task, candidates, and the agent's task."""
    trained = {} if agent_task_hash is None else {"agent_task_hash": agent_task_hash}
    return trained | {
        "schema": str(SCHEMA),
        "kind": kind,
        "task": spec.name,
        "task_hash": spec.task_hash,
        "candidates": json.dumps(spec.candidate_names),
    }


def write_records(
    directory: Path, records: Records, spec: TaskSpec, agent_task_hash: str | None = None
) -> None:
    """Writes the tables into an evaluation directory.

    `agent_task_hash` is that of the task that the agent was trained on, if it comes from a run.
    """
    schema = episodes_schema(spec, agent_task_hash)
    write_table(directory / "episodes.parquet", records.episodes, schema)
    write_table(directory / "steps.parquet", records.steps, steps_schema(spec, agent_task_hash))
    if records.posteriors is not None:
        names = [name for name in records.posteriors.columns if name.startswith("p_")]
        fields = [("episode", pa.int32()), ("t", pa.int16()), *_columns(pa.float32(), *names)]
        schema = key_schema(fields, table_metadata(spec, "posteriors", agent_task_hash))
        write_table(directory / "posteriors.parquet", records.posteriors, schema)


def read_episodes(path: Path, task_hash: str | None = None) -> Episodes:
    """Reads `episodes.parquet`; `task_hash` is that of the only accepted task.

    Raises:
        CorruptFileError: If the file is missing, truncated, or lacks a column.
        StaleError: If it is of another schema version or another task.
    """
    columns, metadata = read_table(path, "episodes", task_hash)
    candidates = tuple(json.loads(metadata["candidates"]))
    wanted = [f"{kind}_{name}" for kind in ("touch", "optimal") for name in candidates]
    require_columns(
        path, columns, ["episode", "mode", "split", "layout", "first", "class", "valid", *wanted]
    )
    # Absent in earlier evaluations of the same format.
    columns.setdefault("reruns", np.zeros(len(columns["episode"]), np.int16))
    columns.setdefault("rerun_reason", np.full(len(columns["episode"]), "", object))
    for name in candidates:
        columns.setdefault(f"shown_{name}", np.full(len(columns["episode"]), -1, np.int32))
    return Episodes(columns, candidates)


def read_steps(path: Path, task_hash: str | None = None) -> Steps:
    """Reads `steps.parquet`; arguments and errors as in `read_episodes`."""
    columns, _ = read_table(path, "steps", task_hash)
    require_columns(path, columns, ["episode", "t", "action", "x", "y", "z", "yaw"])
    return Steps(columns)
