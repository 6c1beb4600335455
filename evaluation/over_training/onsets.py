"""Onsets of capability and preference over training, with intervals; there may be none."""

from __future__ import annotations

from typing import Literal

import numpy as np

from evaluation.measures.capability import spl
from evaluation.records.episodes import Episodes
from evaluation.records.history import TRAINED, History
from evaluation.statistics.estimates import Estimate, percent, share_of, unit_mean
from minecraft_tasks.core.records import Record
from minecraft_tasks.spec import TaskSpec

Axis = Literal["capability", "preference"]
_RESAMPLES = 2000
_TAIL = 0.025
CAPABLE, ONSET_SHARE = 0.6, 0.5
"""Bars: an SPL above 0.6 is capability, a share above a half is preference."""


class Onset(Record):
    """First checkpoint from which on a quantity stays above its bar.

    Attributes:
        step: Of that checkpoint; None if the last one does not pass.
        after: Step of the checkpoint before it: the onset lies between. 0 if the first checkpoint
            passes, the step of the last if the last does not.
        low: 95 % interval over resampled levels: `after` of the 2.5 % quantile.
        high: `step` of the 97.5 % quantile; None if there is no onset at that quantile.
        censored: Share of resamples without an onset.
    """

    step: int | None
    after: int
    low: int
    high: int | None
    censored: float

    def __str__(self) -> str:
        if self.step is None:
            return f"never by {self.after:,} (in {percent(self.censored)} of resamples)"
        until = "beyond the last" if self.high is None else f"{self.high:,}"
        return f"{self.after:,} to {self.step:,} (95 % {self.low:,} to {until})"


class Trajectory(Record):
    """One quantity at every checkpoint of a run.

    Attributes:
        axis: Capability and preference are never combined.
        steps: Decisions of training before each of K checkpoints.
        values: K estimates over valid episodes; None without any.
    """

    axis: Axis
    candidate: str
    split: str
    bar: float
    steps: tuple[int, ...]
    values: tuple[Estimate | None, ...]
    onset: Onset


def trajectories(history: History, spec: TaskSpec) -> list[Trajectory]:
    """SPL on held-out and control levels, and both sides of each conflict, over training.

    Capability is SPL toward the rewarded candidate, preference the share of all valid episodes in
    which a candidate was touched first.
    """
    found: list[Trajectory] = []
    for split in dict.fromkeys(history.episodes["split"].tolist()):
        part = history.episodes.where(split=split)
        pair = spec.split(split).separates
        axis, names = ("preference", pair) if pair else ("capability", (history.reward,))
        found += [_trajectory(axis, name, split, history, part) for name in names]
    return found


def _trajectory(axis: Axis, name: str, split: str, history: History, part: Episodes) -> Trajectory:
    able = axis == "capability"
    bar = CAPABLE if able else ONSET_SHARE
    reached = spl(part, part.candidates.index(name)) if able else part["first"] == name
    values = _table(part, reached)
    layouts = _table(part, np.unique(part["layout"].astype(str), return_inverse=True)[1])
    valid = [
        (row[np.isfinite(row)], units[np.isfinite(row)])
        for row, units in zip(values, layouts, strict=True)
    ]
    return Trajectory(
        axis=axis,
        candidate=name,
        split=split,
        bar=bar,
        steps=tuple(history.steps.tolist()),
        values=tuple(
            unit_mean(row, units) if able else share_of(row > 0, units) for row, units in valid
        ),
        onset=onset(history.steps, values, bar, pairs=not able),
    )


def _table(part: Episodes, values: np.ndarray) -> np.ndarray:
    """Values by checkpoint and level, NaN for invalid episodes: float64[K, L]."""
    order = np.lexsort((part["level"], part[TRAINED]))
    checked = np.where(part["valid"], values.astype(float), np.nan)[order]
    return checked.reshape(len(np.unique(part[TRAINED])), -1)


def onset(steps: np.ndarray, values: np.ndarray, bar: float, pairs: bool) -> Onset:
    """The onset of a mean over levels above a bar.

    The interval resamples levels, the same ones at every checkpoint, with twins together. It covers
    one run and says nothing about other seeds.

    Args:
        steps: int64[K] decisions of training before each checkpoint, rising.
        values: float64[K, L], NaN for invalid episodes.
        bar: For the mean.
        pairs: Whether levels 2k and 2k + 1 are twins.
    """
    size = 2 if pairs else 1
    units = values.reshape(len(steps), -1, size)
    sums, counts = np.nansum(units, axis=2), np.isfinite(units).sum(axis=2)
    drawn = np.random.default_rng(0).integers(units.shape[1], size=(_RESAMPLES, units.shape[1]))
    every = np.arange(units.shape[1])[None]
    found = [
        _first_for_good(sums[:, rows].sum(axis=2), counts[:, rows].sum(axis=2), bar)
        for rows in (every, drawn)
    ]
    # Checkpoint k is entered by the steps before it and left by its own; the last means never.
    before, at = np.append(0, steps), np.append(steps.astype(float), np.inf)
    own, resampled = int(found[0][0]), np.sort(found[1])
    low, high = (resampled[int(share * (_RESAMPLES - 1))] for share in (_TAIL, 1 - _TAIL))
    return Onset(
        step=_step(float(at[own])),
        after=int(before[own]),
        low=int(before[low]),
        high=_step(float(at[high])),
        censored=float((resampled == len(steps)).mean()),
    )


def _step(value: float) -> int | None:
    return int(value) if np.isfinite(value) else None


def _first_for_good(sums: np.ndarray, counts: np.ndarray, bar: float) -> np.ndarray:
    """Index int64[B] of the first of K checkpoints from which on all pass; K for none.

    A checkpoint passes if it has a valid episode and sums / counts, [K, B] each, is above the bar.
    """
    passed = (sums > bar * counts) & (counts > 0)
    return len(passed) - np.logical_and.accumulate(passed[::-1], axis=0).sum(axis=0)
