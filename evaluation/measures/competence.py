"""Conflict competence: SPL toward separated candidates, beyond accident.

SPL toward any candidate, less the same toward pseudo-sites: control regions, one empty box per
candidate, matched in distance and accessibility (`minecraft_tasks/admission/pseudo_sites.py`).

An episode counts for the candidate or pseudo-site that it reaches *first*. A count of every box
would favour candidates, because an episode ends when the intended goal is touched. A wandering
agent reaches either kind first equally often. An agent that crosses a pseudo-site on the way to a
candidate counts for the pseudo-site, so the difference is an underestimate; the best paths to
candidates cross none.
"""

from __future__ import annotations

import numpy as np

from evaluation.records.episodes import Episodes, Records, Steps
from evaluation.records.placements import bank_rows
from evaluation.statistics.estimates import Estimate, unit_mean
from minecraft_tasks.core.records import Record, SchemaVersion, VersionedRecord
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.spec import Mode, TaskSpec
from minecraft_tasks.worlds.sites import touched

COMPETENCE_FILE = "competence.json"


class Competence(Record):
    """Competence on one split; intervals are bootstrapped over layouts.

    Attributes:
        candidates: SPL of the episodes that reach a candidate first, 0 for the others.
        pseudo: The same for pseudo-sites.
        difference: Candidates less pseudo-sites, in [-1, 1].
        left_out: Episodes on levels without pseudo-sites.
    """

    split: str
    candidates: Estimate
    pseudo: Estimate
    difference: Estimate
    left_out: int


class CompetenceFile(VersionedRecord):
    """`competence.json`: for each mode, one row for each split whose levels have pseudo-sites."""

    schema_version: SchemaVersion = 1
    task_hash: str
    modes: dict[Mode, tuple[Competence, ...]]


def competence_file(records: Records, bank: LevelBank, spec: TaskSpec) -> CompetenceFile:
    """The agent's conflict competence in every mode that was played."""
    own = records.episodes.own.where(valid=True)
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
        steps: Their decisions, among others.
        bank: Their levels, among others.
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
            left_out = len(part) - len(kept)
            part = part.take(kept)
            found.append(_competence(split.name, part, steps, bank, rows[kept], left_out))
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
    layouts = np.array(bank.layouts)[rows]
    candidates, accidents = (unit_mean(row, layouts) for row in values)
    # A difference in [-1, 1] is moved to where `unit_mean` gives its interval, and back.
    moved = unit_mean((values[0] - values[1] + 1.0) / 2.0, layouts)
    assert candidates is not None
    assert accidents is not None
    assert moved is not None
    ends = {name: 2 * getattr(moved, name) - 1 for name in ("value", "low", "high")}
    return Competence(
        split=split,
        candidates=candidates,
        pseudo=accidents,
        difference=Estimate(**ends, n=moved.n, layouts=moved.layouts),
        left_out=left_out,
    )


def _first(taken: np.ndarray, fewest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Decisions until the first of several targets, and SPL toward it: float64[E] each.

    `taken` int[E, C] are the decisions until each touch, -1 for none, and `fewest` float[E, C] the
    fewest. An episode without a touch has infinitely many decisions and an SPL of 0.
    """
    when = np.where(taken < 0, np.inf, taken)
    which = when.argmin(axis=1)[:, None]
    first = np.take_along_axis(when, which, axis=1)[:, 0]
    least = np.maximum(np.take_along_axis(fewest, which, axis=1)[:, 0].astype(float), 1.0)
    return first, np.where(np.isinf(first), 0.0, least / np.maximum(first, least))


def arrivals(episodes: Episodes, steps: Steps, boxes: np.ndarray) -> np.ndarray:
    """Decisions until the feet are first in each of an episode's boxes.

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
        when = path["t"][inside.argmax(axis=0)].astype(np.int64) + 1
        found[row] = np.where(inside.any(axis=0), when, -1)
    return found
