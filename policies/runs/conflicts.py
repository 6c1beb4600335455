"""`train_conflicts.parquet`: training episodes in which the candidates came apart.

Where candidates coincide, an agent that touches one soon touches all of them. An episode is a
conflict if another candidate was touched at a decision at which the rewarded one was not: on the
way to it, instead of it, or on a level that sets them apart. The file is rewritten before each
checkpoint, and a resumed run drops the rows after its checkpoint, so that no conflict is lost or
counted twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from minecraft_tasks.core.tables import json_schema, read_table, require_columns, write_table
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.spec import TaskSpec

CONFLICTS_FILE = "train_conflicts.parquet"
SCHEMA = 1
KIND = "train_conflicts"

ROWS_PER_UPDATE = 64
"""Conflicts kept of each rollout, the first ones; the tally counts all of them."""


class Conflicts(NamedTuple):
    """Training conflicts of a run.

    Attributes:
        candidates: C names.
        rewarded: Name of the candidate that reward paid for.
        since: Decisions after which the log began; 0 but for runs begun without one.
        rows: Column -> array[K], of the kept conflicts in the order in which they ended: ``steps``
            decisions of training so far, ``split``, ``level_seed``, ``length`` decisions,
            ``reached`` whether the rewarded candidate was touched in the end, ``first`` the
            candidates touched first (joined by + if at one decision), and ``touch_<c>`` the
            decision of each first touch, -1 never.
        tally: int64[U, 3 + C], one row for each update: decisions so far, episodes ended,
            conflicts among them, and in how many of these each candidate was touched first.
    """

    candidates: tuple[str, ...]
    rewarded: str
    since: int
    rows: Mapping[str, np.ndarray]
    tally: np.ndarray


def fields(candidates: tuple[str, ...]) -> list[tuple[str, pa.DataType]]:
    """Columns of the file."""
    own = [
        ("steps", pa.int64()),
        ("split", pa.string()),
        ("level_seed", pa.int64()),
        ("length", pa.int32()),
        ("reached", pa.bool_()),
        ("first", pa.string()),
    ]
    return [*own, *((f"touch_{name}", pa.int32()) for name in candidates)]


class ConflictLog:
    """Collects training conflicts, and writes them when a checkpoint is saved.

    Args:
        path: The file.
        spec, bank: The task and its training levels.
        rewarded: Index of the candidate that reward pays for.
        done: Decisions that the run has; later rows of the file are dropped.

    Raises:
        CorruptFileError: If there is a file that cannot be read.
        StaleError: If it is of another schema, or another task.
    """

    def __init__(
        self, path: Path, spec: TaskSpec, bank: LevelBank, rewarded: int, done: int = 0
    ) -> None:
        self.path, self.spec, self.bank, self.rewarded = path, spec, bank, rewarded
        self._splits = np.array(bank.splits, object)
        self._since, self._committed = done, []
        self._tally: list[np.ndarray] = []
        if done and path.is_file():
            before = read_conflicts(path, spec.task_hash)
            kept = before.rows["steps"] <= done
            self._since = before.since
            self._committed = [{name: column[kept] for name, column in before.rows.items()}]
            self._tally = list(before.tally[before.tally[:, 0] <= done])
        self._begin()

    def _begin(self) -> None:
        self._pending: list[dict[str, np.ndarray]] = []
        self._episodes, self._conflicts = 0, 0
        self._first = np.zeros(len(self.spec.candidates), np.int64)

    def note(self, steps: int, info: Mapping[str, np.ndarray], dones: np.ndarray) -> None:
        """Counts conflicts among the episodes that have just ended, bool[N] `dones`.

        `steps` are the decisions of training so far, and `info` is that of the last step.
        """
        ended = np.flatnonzero(dones)
        touch = info["first_touch"][ended]
        apart = (touch >= 0) & (touch != touch[:, [self.rewarded]])
        self._episodes += len(ended)
        rows = np.flatnonzero(apart.any(axis=1))
        if not len(rows):
            return
        touch, ended = touch[rows], ended[rows]
        earliest = np.where(touch < 0, np.iinfo(np.int64).max, touch).min(axis=1)
        first = touch == earliest[:, None]
        room = max(0, ROWS_PER_UPDATE - self._conflicts)
        self._conflicts += len(rows)
        self._first += first.sum(axis=0)
        names = np.array(self.spec.candidate_names, object)
        level = info["level"][ended]
        columns = {
            "steps": np.full(len(rows), steps, np.int64),
            "split": self._splits[level],
            "level_seed": self.bank.seeds[level],
            "length": info["elapsed"][ended],
            "reached": touch[:, self.rewarded] >= 0,
            "first": np.array(["+".join(names[mask]) for mask in first], object),
        }
        columns |= {f"touch_{name}": touch[:, c] for c, name in enumerate(names)}
        self._pending.append({name: column[:room] for name, column in columns.items()})

    def commit(self, steps: int) -> None:
        """Closes the rollout of the update that has just ended."""
        counts = [steps, self._episodes, self._conflicts, *self._first]
        self._tally.append(np.array(counts, np.int64))
        if self._pending:
            self._committed.append(_joined(self._pending))
        self._begin()

    def write(self) -> None:
        """Writes all committed conflicts.

        Raises:
            FalseBeaconError: If the disk is full; the file keeps its earlier content.
        """
        names = self.spec.candidate_names
        about = {
            "schema": SCHEMA,
            "kind": KIND,
            "task": self.spec.name,
            "task_hash": self.spec.task_hash,
            "candidates": names,
            "rewarded": names[self.rewarded],
            "since": self._since,
            "tally": [row.tolist() for row in self._tally],
        }
        nothing = {name: np.array((), object) for name, _ in fields(names)}
        columns = _joined(self._committed) if self._committed else nothing
        write_table(self.path, columns, json_schema(fields(names), about))


def _joined(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def read_conflicts(path: Path, task_hash: str | None = None) -> Conflicts:
    """Reads the training conflicts of a run; arguments and errors as in `read_table`."""
    remedy = "move it away; a resumed run begins a new one"
    columns, about = read_table(path, KIND, task_hash, SCHEMA, remedy)
    candidates = tuple(about["candidates"])
    require_columns(path, columns, [name for name, _ in fields(candidates)], remedy)
    return Conflicts(
        candidates=candidates,
        rewarded=about["rewarded"],
        since=about["since"],
        rows=columns,
        tally=np.array(about["tally"], np.int64).reshape(-1, 3 + len(candidates)),
    )
