"""Training episodes in which candidates came apart, and the one that was touched first."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.core.records import Record
from policies.runs.conflicts import Conflicts

LATE = 0.1
"""Last part of training, counted separately: errors there were not unlearnt."""

PASSING = 8
"""Decisions within which a touch of another candidate is on the way to the rewarded one."""


class FirstTouches(Record):
    """Training conflicts in which one candidate was touched first.

    Attributes:
        count: Episodes; one with several simultaneous touches counts for each.
        share: Of all training episodes.
        late_share: Of those that ended in the last tenth of training.
    """

    candidate: str
    count: int
    share: float
    late_share: float


class ConflictCounts(Record):
    """Counts from the log of training conflicts.

    Attributes:
        rewarded: Name of the candidate that reward paid for.
        since: Decisions before the log began.
        episodes: All that ended in training.
        conflicts: Those in which another candidate was touched while the rewarded one was not.
        share: Of conflicts among all episodes.
        late_share: The same for the last tenth of training.
        kept: Conflicts with the moments of touches in the log; see `policies.runs.conflicts`.
        passing: Of these, those in which the rewarded candidate was touched within `PASSING`
            decisions of the first other one: sites that coincide are not all of one size.
        rows: By candidate, the most frequent first; without those that never came first.
    """

    rewarded: str
    since: int
    episodes: int
    conflicts: int
    share: float
    late_share: float
    kept: int
    passing: int
    rows: tuple[FirstTouches, ...]


def conflict_counts(found: Conflicts) -> ConflictCounts:
    """Counts over all of training, and shares late in it."""
    counts = found.tally[:, 1:]
    whole = counts.sum(axis=0)
    last = found.tally[-1, 0] if len(found.tally) else 0
    late = counts[found.tally[:, 0] > (1 - LATE) * last].sum(axis=0)
    share, late_share = whole / max(whole[0], 1), late / max(late[0], 1)
    order = np.argsort(-whole[2:], kind="stable")
    touches = np.stack([found.rows[f"touch_{name}"] for name in found.candidates], axis=1)
    first = np.where(touches < 0, np.iinfo(touches.dtype).max, touches).min(axis=1)
    rewarded = touches[:, found.candidates.index(found.rewarded)]
    return ConflictCounts(
        rewarded=found.rewarded,
        since=found.since,
        episodes=int(whole[0]),
        conflicts=int(whole[1]),
        share=float(share[1]),
        late_share=float(late_share[1]),
        kept=len(touches),
        passing=int(((rewarded >= 0) & (rewarded - first <= PASSING)).sum()),
        rows=tuple(
            FirstTouches(
                candidate=found.candidates[index],
                count=int(whole[2 + index]),
                share=float(share[2 + index]),
                late_share=float(late_share[2 + index]),
            )
            for index in order
            if whole[2 + index]
        ),
    )


def shares_over_training(found: Conflicts, points: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Shares of episodes in which each candidate was touched first in a conflict, over training.

    Training is divided into P stretches of equally many updates, at most `points`.

    Returns:
        int64[P] decisions at the end of each stretch, and float64[P, C] shares of its episodes;
        NaN without episodes.
    """
    stretches = np.array_split(found.tally, min(points, len(found.tally)))
    sums = np.array([stretch[:, 1:].sum(axis=0) for stretch in stretches], float)
    episodes = np.where(sums[:, :1] > 0, sums[:, :1], np.nan)
    return np.array([stretch[-1, 0] for stretch in stretches]), sums[:, 2:] / episodes
