"""Parquet tables with a schema version and metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from minecraft_tasks.core.errors import CorruptFileError, StaleError
from minecraft_tasks.core.files import atomic_write

SCHEMA = 2
"""Version of all tables; raised whenever a column changes its meaning."""

METADATA_PREFIX = "falsebeacon."


@dataclass(frozen=True)
class Table:
    """Columns of one length, as arrays.

    Attributes:
        columns: Name -> array[rows].
    """

    columns: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def take(self, rows: np.ndarray) -> Self:
        """The rows that a boolean mask or an array of indices selects."""
        columns = {name: column[rows] for name, column in self.columns.items()}
        return type(self)(**{**self.__dict__, "columns": columns})

    def where(self, **equal: object) -> Self:
        """The rows whose columns equal every given value."""
        keep = np.ones(len(self), bool)
        for name, value in equal.items():
            keep &= self.columns[name] == value
        return self.take(keep)


def write_table(path: Path, table: Table, schema: pa.Schema) -> None:
    """Write the columns that a schema names, whole or not at all."""
    arrays = [pa.array(table[field.name], type=field.type) for field in schema]
    with atomic_write(path) as temporary:
        pq.write_table(
            pa.Table.from_arrays(arrays, schema=schema),
            temporary,
            compression="zstd",
            write_page_checksum=True,
        )


def read_table(
    path: Path, kind: str, task_hash: str | None
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Every column of a Parquet file, and its metadata without the prefix.

    Errors are those of `read_episodes`.
    """
    if not path.is_file():
        raise CorruptFileError(f"{path} is missing: run `falsebeacon evaluate` again.")
    try:
        table = pq.read_table(path, page_checksum_verification=True)
    except (pa.ArrowException, OSError) as error:
        first = str(error).splitlines()[0]
        raise CorruptFileError(
            f"{path} is truncated or damaged ({first}): evaluate again."
        ) from error
    raw = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    metadata = {
        k.removeprefix(METADATA_PREFIX): v for k, v in raw.items() if k.startswith(METADATA_PREFIX)
    }
    found = metadata.get("schema")
    if found != str(SCHEMA) or metadata.get("kind") != kind:
        raise StaleError(
            f"{path} holds {metadata.get('kind', 'no')} records of schema version {found!r}, "
            f"this program reads {kind} of version {SCHEMA}: evaluate again."
        )
    if task_hash is not None and metadata.get("task_hash") != task_hash:
        raise StaleError(
            f"{path} was made for {metadata.get('task')} with task hash "
            f"{metadata.get('task_hash')}, the task now has {task_hash}: evaluate again."
        )
    return {name: table[name].to_numpy() for name in table.column_names}, metadata


def _require(path: Path, columns: Mapping[str, np.ndarray], names: list[str]) -> None:
    missing = [name for name in names if name not in columns]
    if missing:
        raise CorruptFileError(f"{path} lacks the column {missing[0]!r}: evaluate again.")
