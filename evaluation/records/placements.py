"""`levels.parquet`: where the candidates of each judged level stand, seen from the spawn.

These are the covariates of a choice that no episode tells: on which hand a site lay, and
whether the first frame showed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from evaluation.records.episodes import table_metadata
from minecraft_tasks.core.errors import CorruptFileError
from minecraft_tasks.core.tables import Table, key_schema, read_table, write_table
from minecraft_tasks.spec import TaskSpec

KIND = "levels"


@dataclass(frozen=True)
class Placements(Table):
    """`levels.parquet`: one row per level, in the order in which they were played."""

    def rows_of(self, splits: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """int64[E] the row of each level that is named by its split and its index there.

        Raises:
            CorruptFileError: If a level is not listed.
        """
        known = {key: row for row, key in enumerate(zip(self["split"], self["level"], strict=True))}
        try:
            rows = [known[key] for key in zip(splits, levels, strict=True)]
        except KeyError as error:
            split, level = error.args[0]
            raise CorruptFileError(
                f"levels.parquet does not list level {level} of {split}: evaluate again."
            ) from error
        return np.array(rows, np.int64)


def placements_schema(spec: TaskSpec) -> pa.Schema:
    """Columns of `levels.parquet`, and the metadata that names the task."""
    fields: list[tuple[str, pa.DataType]] = [
        ("split", pa.string()),
        ("level", pa.int32()),
        ("level_seed", pa.int64()),
    ]
    for name in spec.candidate_names:
        fields += [(f"bearing_{name}", pa.float32()), (f"seen_{name}", pa.bool_())]
    return key_schema(fields, table_metadata(spec, KIND))


def write_placements(path: Path, placements: Placements, spec: TaskSpec) -> None:
    """Write `levels.parquet`."""
    write_table(path, placements, placements_schema(spec))


def read_placements(path: Path, task_hash: str | None = None) -> Placements:
    """Read `levels.parquet`; arguments and errors as in `records.read_episodes`."""
    columns, _ = read_table(path, KIND, task_hash)
    return Placements(columns)
