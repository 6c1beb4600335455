"""`over_training.parquet`: what the checkpoints of a run did on the same levels."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from evaluation.records.episodes import Episodes
from minecraft_tasks.core.errors import CorruptFileError, StaleError

OVER_TRAINING_FILE = "over_training.parquet"
SCHEMA = 1
STEPS_COLUMN = b"falsebeacon"
TRAINED = "trained"
"""Column: decisions of training behind the checkpoint."""


@dataclass(frozen=True)
class History:
    """The checkpoints of one run on the same levels.

    Attributes:
        run: Its directory, as it was named.
        task: Name of the task.
        task_hash: Its hash.
        intended: The task's intended goal.
        reward: Candidate that reward paid for in training.
        levels: At most so many levels of each split.
        seed: Of the sampled actions.
        seeds_digest: Digest of the locked levels.
        episodes: One row for each checkpoint and level, with the column `TRAINED`.
    """

    run: str
    task: str
    task_hash: str
    intended: str
    reward: str
    levels: int
    seed: int
    seeds_digest: str
    episodes: Episodes

    @property
    def steps(self) -> np.ndarray:
        """int64[K] decisions of training behind each checkpoint, rising."""
        return np.unique(self.episodes[TRAINED])

    def about(self) -> dict[str, Any]:
        """Everything but the episodes, for the file."""
        own = {name: value for name, value in vars(self).items() if name != "episodes"}
        return {"schema": SCHEMA, **own, "candidates": self.episodes.candidates}


def read_history(path: Path) -> History:
    """The checkpoints of a run, as `judge_checkpoints` left them.

    Raises:
        CorruptFileError: If the file cannot be read.
        StaleError: If it is of another schema.
    """
    again = "run `falsebeacon over-training` again"
    try:
        table = pq.read_table(path, page_checksum_verification=True)
        about = json.loads((table.schema.metadata or {})[STEPS_COLUMN])
        schema = about.pop("schema")
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise CorruptFileError(
            f"{path} holds no checkpoints of a run ({str(error).splitlines()[0]}): delete it, and "
            f"{again}."
        ) from error
    if schema != SCHEMA:
        raise StaleError(f"{path} has schema {schema}, this program reads {SCHEMA}: {again}.")
    candidates = tuple(about.pop("candidates"))
    columns = {name: table[name].to_numpy() for name in table.column_names}
    return History(**about, episodes=Episodes(columns, candidates))
