"""Parquet tables with a schema version and metadata."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from minecraft_tasks.core.errors import CorruptFileError, StaleError
from minecraft_tasks.core.files import atomic_write

SCHEMA = 2
"""Version of the tables of an evaluation; raised when a column changes its meaning."""

_KEY = "falsebeacon"


@dataclass(frozen=True)
class Table:
    """Columns of one length: name -> array[rows]."""

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


Fields = Iterable[tuple[str, pa.DataType]]
"""Names and types of the columns, in the order of the file."""


def key_schema(fields: Fields, about: Mapping[str, str]) -> pa.Schema:
    """A schema with one metadata key for each entry of the table's description."""
    return pa.schema(fields, metadata={f"{_KEY}.{key}": value for key, value in about.items()})


def json_schema(fields: Fields, about: Mapping[str, Any]) -> pa.Schema:
    """A schema with the table's description as one JSON object."""
    return pa.schema(fields, metadata={_KEY: json.dumps(about)})


def write_table(path: Path, columns: Mapping[str, np.ndarray] | Table, schema: pa.Schema) -> None:
    """Writes the columns that a schema names, whole or not at all."""
    arrays = [pa.array(columns[field.name], type=field.type) for field in schema]
    with atomic_write(path) as temporary:
        pq.write_table(
            pa.Table.from_arrays(arrays, schema=schema),
            temporary,
            compression="zstd",
            write_page_checksum=True,
        )


def read_table(
    path: Path,
    kind: str | None,
    task_hash: str | None = None,
    version: int = SCHEMA,
    remedy: str = "evaluate again",
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Every column of a Parquet file, and its description.

    Args:
        path: The file.
        kind: Kind of its rows; None for a file without one.
        task_hash: The only task that is accepted, where given.
        version: The only schema version that is accepted.
        remedy: Way to replace the file, for errors.

    Raises:
        CorruptFileError: If the file is missing, truncated or damaged.
        StaleError: If it is of another kind, schema version or task.
    """
    if not path.is_file():
        raise CorruptFileError(f"{path} is missing: {remedy}.")
    try:
        table = pq.read_table(path, page_checksum_verification=True)
        about = _about(table.schema.metadata or {})
    except (pa.ArrowException, OSError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise CorruptFileError(f"{path} is truncated or damaged ({first}): {remedy}.") from error
    schema = about.get("schema")
    if str(schema) != str(version) or about.get("kind") != kind:
        raise StaleError(
            f"{path} holds {about.get('kind', 'no')} records of schema version {schema!r}, this"
            f" program reads {kind or 'records'} of version {version}: {remedy}."
        )
    if task_hash is not None and about.get("task_hash") != task_hash:
        raise StaleError(
            f"{path} was made for {about.get('task')} with task hash {about.get('task_hash')}, the"
            f" task now has {task_hash}: {remedy}."
        )
    return {name: table[name].to_numpy() for name in table.column_names}, about


def _about(metadata: Mapping[bytes, bytes]) -> dict[str, Any]:
    """The description of a table, in either form."""
    if _KEY.encode() in metadata:
        return json.loads(metadata[_KEY.encode()])
    texts = {key.decode(): value.decode() for key, value in metadata.items()}
    prefix = f"{_KEY}."
    return {key.removeprefix(prefix): text for key, text in texts.items() if key.startswith(prefix)}


def require_columns(
    path: Path, columns: Mapping[str, np.ndarray], names: Iterable[str], remedy: str = ""
) -> None:
    """Raises `CorruptFileError` with the first of some columns that a table lacks."""
    missing = next((name for name in names if name not in columns), None)
    if missing is not None:
        raise CorruptFileError(
            f"{path} lacks the column {missing!r}: {remedy or 'evaluate again'}."
        )
