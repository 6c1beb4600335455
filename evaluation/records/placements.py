"""The judged levels: `levels.parquet`, and the row of each episode's level in a bank.

The table has the covariates of a choice that no episode stores: the side of each site at the spawn,
and whether the first frame showed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from evaluation.records.episodes import Episodes, table_metadata
from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError
from minecraft_tasks.core.tables import Table, key_schema, read_table, write_table
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.spec import TaskSpec

KIND = "levels"


@dataclass(frozen=True)
class Placements(Table):
    """`levels.parquet`: one row per level, in the order in which they were played."""

    def rows_of(self, splits: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """The row of each level, given by its split and its index there: int64[E].

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


def write_placements(path: Path, placements: Placements, spec: TaskSpec) -> None:
    """Writes `levels.parquet`."""
    fields: list[tuple[str, pa.DataType]] = [
        ("split", pa.string()),
        ("level", pa.int32()),
        ("level_seed", pa.int64()),
    ]
    for name in spec.candidate_names:
        fields += [(f"bearing_{name}", pa.float32()), (f"seen_{name}", pa.bool_())]
    write_table(path, placements, key_schema(fields, table_metadata(spec, KIND)))


def read_placements(path: Path, task_hash: str | None = None) -> Placements:
    """Reads `levels.parquet`; arguments and errors as in `records.read_episodes`."""
    columns, _ = read_table(path, KIND, task_hash)
    return Placements(columns)


def bank_rows(episodes: Episodes, bank: LevelBank) -> np.ndarray:
    """The bank's row of each episode's level, int64[E].

    Raises:
        FalseBeaconError: If an episode's level is not in the bank.
    """
    known = {key: row for row, key in enumerate(zip(bank.splits, bank.seeds.tolist(), strict=True))}
    keys = list(zip(episodes["split"], episodes["level_seed"].tolist(), strict=True))
    missing = next((key for key in keys if key not in known), None)
    if missing is not None:
        raise FalseBeaconError(
            f"no level {missing[0]} seed {missing[1]} among those given: pass the bank that the "
            "episodes were played on."
        )
    return np.array([known[key] for key in keys], np.int64)


def level_indices(splits: tuple[str, ...]) -> np.ndarray:
    """int64[L] index of each level of a bank within its split."""
    seen: dict[str, int] = {}
    indices = np.zeros(len(splits), np.int64)
    for row, split in enumerate(splits):
        indices[row] = seen.get(split, 0)
        seen[split] = indices[row] + 1
    return indices
