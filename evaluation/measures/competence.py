"""Conflict competence: does an agent reach candidates that are pulled apart, beyond accident?

SPL toward any candidate, less the same toward pseudo-sites: as many boxes where nothing is, as far
and as hard to walk into (`minecraft_tasks/admission/pseudo_sites.py`).

An episode ends when the intended goal is touched, and so can reach a pseudo-site afterwards only if
it touched something else first. Counting every box that it comes to would therefore favour
candidates over pseudo-sites. Instead an episode counts for what it comes to *first*, of all
candidates and pseudo-sites: whoever wanders comes to either kind first equally often, and what
follows the first arrival is left out for both. Who crosses a pseudo-site on the way to a candidate
counts as having come to the pseudo-site, which makes the difference an underestimate; the best
paths to candidates cross none.
"""

from __future__ import annotations

import numpy as np

from evaluation.records.bank_rows import bank_rows
from evaluation.records.episodes import REFERENCE, Episodes, Records, Steps
from evaluation.statistics.estimates import Estimate, unit_mean
from minecraft_tasks.core.records import Record, SchemaVersion, VersionedRecord
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.spec import Mode, TaskSpec
from minecraft_tasks.worlds.sites import touched

COMPETENCE_FILE = "competence.json"


class Competence(Record):
    """How well an agent comes to candidates of one split, next to boxes where nothing is.

    Intervals are bootstrapped over layouts: twins are one, and count by their mean.

    Attributes:
        split: Name of the split.
        candidates: SPL of the episodes that come to a candidate first, 0 for the others.
        pseudo: The same for pseudo-sites.
        difference: Candidates less pseudo-sites, in [-1, 1].
        left_out: Episodes on levels that have no pseudo-sites.
    """

    split: str
    candidates: Estimate
    pseudo: Estimate
    difference: Estimate
    left_out: int


class CompetenceFile(VersionedRecord):
    """`competence.json`.

    Attributes:
        schema_version: Of this file; ``schema`` in the JSON.
        task_hash: Hash of the task.
        modes: Mode -> one row for each split whose levels have pseudo-sites.
    """

    schema_version: SchemaVersion = 1
    task_hash: str
    modes: dict[Mode, tuple[Competence, ...]]


def competence_file(records: Records, bank: LevelBank, spec: TaskSpec) -> CompetenceFile:
    """The agent's conflict competence in every mode that was played."""
    episodes = records.episodes.where(valid=True)
    own = episodes.take(episodes["agent"] != REFERENCE)
    return CompetenceFile(
        task_hash=spec.task_hash,
        modes={
            mode: conflict_competence(own.where(mode=mode), records.steps, bank, spec)
            for mode in dict.fromkeys(own["mode"])
        },
    )


def conflict_competence(
    episodes: Episodes, steps: Steps, bank: LevelBank, spec: TaskSpec
) -> tuple[Competence, ...]:
    """One row for each split whose candidates stand apart and whose levels have pseudo-sites.

    Args:
        episodes: Valid episodes of one agent, in one mode.
        steps: Their decisions; others may be among them.
        bank: The levels that they were played on; others may be among them.
        spec: The task.

    Raises:
        FalseBeaconError: If an episode's level is not in the bank.
    """
    found = []
    for split in spec.splits:
        part = episodes.where(split=split.name)
        if not split.apart or len(part) == 0:
            continue
        rows = bank_rows(part, bank)
        kept = np.flatnonzero(~np.isnan(bank.pseudo_optimal[rows]).all(axis=1))
        if len(kept):
            found.append(
                _competence(
                    split.name, part.take(kept), steps, bank, rows[kept], len(part) - len(kept)
                )
            )
    return tuple(found)


def _competence(
    split: str, episodes: Episodes, steps: Steps, bank: LevelBank, rows: np.ndarray, left_out: int
) -> Competence:
    real_at, real = _first(episodes.touches, episodes.optimal)
    pseudo_at, pseudo = _first(
        arrivals(episodes, steps, bank.pseudo_sites[rows]), bank.pseudo_optimal[rows]
    )
    values = np.stack(
        [np.where(real_at < pseudo_at, real, 0.0), np.where(pseudo_at < real_at, pseudo, 0.0)]
    )
    layouts, cluster = np.unique(np.array(bank.layouts)[rows], return_inverse=True)
    means = np.stack(
        [np.bincount(cluster, row, len(layouts)) / np.bincount(cluster) for row in values]
    )
    candidates, accidents = unit_mean(means[0]), unit_mean(means[1])
    # A difference in [-1, 1] is moved to where `unit_mean` gives its interval, and back.
    moved = unit_mean((means[0] - means[1] + 1.0) / 2.0)
    assert candidates is not None
    assert accidents is not None
    assert moved is not None
    difference = Estimate(
        value=2 * moved.value - 1, low=2 * moved.low - 1, high=2 * moved.high - 1, n=moved.n
    )
    return Competence(
        split=split,
        candidates=candidates,
        pseudo=accidents,
        difference=difference,
        left_out=left_out,
    )


def _first(taken: np.ndarray, fewest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first of several targets that each episode came to.

    Args:
        taken: int[E, C] decisions until each was touched, -1 never.
        fewest: float[E, C] fewest decisions.

    Returns:
        Decisions until the first of them, float64[E], infinite where there was none; and SPL toward
        that one, float64[E], 0 where there was none.
    """
    when = np.where(taken < 0, np.inf, taken)
    which = when.argmin(axis=1)[:, None]
    first = np.take_along_axis(when, which, axis=1)[:, 0]
    least = np.maximum(np.take_along_axis(fewest, which, axis=1)[:, 0].astype(float), 1.0)
    return first, np.where(np.isinf(first), 0.0, least / np.maximum(first, least))


def arrivals(episodes: Episodes, steps: Steps, boxes: np.ndarray) -> np.ndarray:
    """Decisions made when each episode's feet were first in each of its boxes.

    Args:
        episodes: E episodes.
        steps: Their decisions.
        boxes: float64[E, C, 6]; NaN where there is none.

    Returns:
        int64[E, C]; -1 for never.
    """
    found = np.full(boxes.shape[:2], -1, np.int64)
    for row, episode in enumerate(episodes["episode"]):
        path = steps.of(int(episode))
        feet = np.stack([path[axis] for axis in "xyz"], axis=1).astype(np.float64)
        inside = touched(feet, boxes[row][None])
        found[row] = np.where(
            inside.any(axis=0), path["t"][inside.argmax(axis=0)].astype(np.int64) + 1, -1
        )
    return found
