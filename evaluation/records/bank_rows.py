"""Which level of a bank each recorded episode was played on."""

from __future__ import annotations

import numpy as np

from evaluation.records.episodes import Episodes
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.bank import LevelBank


def bank_rows(episodes: Episodes, bank: LevelBank) -> np.ndarray:
    """The bank's row of each episode's level, int64[E].

    Args:
        episodes: E episodes.
        bank: The levels that they were played on; others may be among them.

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
