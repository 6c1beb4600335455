"""`over_training.parquet`: episodes of the checkpoints of a run on the same levels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from evaluation.records.episodes import Episodes, episodes_schema
from minecraft_tasks.core.tables import json_schema, read_table, write_table
from minecraft_tasks.spec import TaskSpec

OVER_TRAINING_FILE = "over_training.parquet"
SCHEMA = 1
TRAINED = "trained"
"""Column: decisions of training before the checkpoint."""


@dataclass(frozen=True)
class History:
    """The checkpoints of one run on the same levels.

    Attributes:
        reward: Candidate that reward paid for in training.
        levels: Largest number of levels of each split.
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
        """Decisions of training before each checkpoint, rising: int64[K]."""
        return np.unique(self.episodes[TRAINED])


def write_history(path: Path, history: History, spec: TaskSpec) -> None:
    """Writes the checkpoints of a run."""
    own = {name: value for name, value in vars(history).items() if name != "episodes"}
    about = {"schema": SCHEMA, **own, "candidates": history.episodes.candidates}
    fields = [(field.name, field.type) for field in episodes_schema(spec)]
    write_table(path, history.episodes, json_schema([(TRAINED, pa.int64()), *fields], about))


def read_history(path: Path) -> History:
    """Reads the file that `judge_checkpoints` wrote.

    Raises:
        CorruptFileError: If the file cannot be read.
        StaleError: If it is of another schema.
    """
    remedy = "delete it, and run `falsebeacon over-training` again"
    columns, about = read_table(path, None, version=SCHEMA, remedy=remedy)
    episodes = Episodes(columns, tuple(about.pop("candidates")))
    own = {name: about[name] for name in History.__dataclass_fields__ if name != "episodes"}
    return History(**own, episodes=episodes)
