"""Parquet tables: both forms of metadata, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from minecraft_tasks.core.errors import CorruptFileError, StaleError
from minecraft_tasks.core.tables import (
    Table,
    json_schema,
    key_schema,
    read_table,
    require_columns,
    write_table,
)

FIELDS = [("steps", pa.int64()), ("split", pa.string())]
COLUMNS = {"steps": np.array([1, 2]), "split": np.array(["a", "b"], object)}
ABOUT = {"schema": "2", "kind": "counts", "task": "Toy", "task_hash": "abc"}


@pytest.mark.parametrize("make", [key_schema, json_schema])
def test_a_table_reads_back_with_what_it_says_of_itself(tmp_path: Path, make) -> None:
    path = tmp_path / "counts.parquet"
    write_table(path, Table(COLUMNS), make(FIELDS, ABOUT))
    columns, about = read_table(path, "counts", "abc")
    assert about == ABOUT
    np.testing.assert_array_equal(columns["steps"], [1, 2])
    assert columns["split"].tolist() == ["a", "b"]
    for kind, task_hash, version, said in (
        ("episodes", "abc", 2, "counts records of schema version '2'"),
        ("counts", "abc", 3, "counts of version 3"),
        ("counts", "abd", 2, "made for Toy with task hash abc"),
    ):
        with pytest.raises(StaleError, match=f"{said}.*: count again"):
            read_table(path, kind, task_hash, version, "count again")


def test_damage_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "counts.parquet"
    with pytest.raises(CorruptFileError, match="missing: count again"):
        read_table(path, "counts", remedy="count again")
    write_table(path, COLUMNS, key_schema(FIELDS, ABOUT))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(CorruptFileError, match="truncated or damaged"):
        read_table(path, "counts")
    with pytest.raises(CorruptFileError, match="lacks the column 'length': count again"):
        require_columns(path, COLUMNS, ["steps", "length"], "count again")
