"""Attribution of recorded episodes."""

from __future__ import annotations

import numpy as np

from evaluation.attribution.classes import EpisodeBatch, Thresholds, class_names
from evaluation.attribution.posterior import Fitted, attribute, fits
from evaluation.records.episodes import REFERENCE, Episodes, Posteriors, Records
from evaluation.records.placements import bank_rows
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.spec import TaskSpec


def played_of(records: Records, episodes: np.ndarray, level: np.ndarray) -> EpisodeBatch:
    """Some episodes of an evaluation as a batch.

    Args:
        records: Episodes and their steps.
        episodes: int64[E] rows of `records.episodes`, each with at least one decision.
        level: int64[E] bank index of each.
    """
    steps = records.steps
    made = steps["t"] >= 0
    owner, action = steps["episode"][made], steps["action"][made].astype(np.int64)
    numbers = records.episodes["episode"][episodes]
    first, last = np.searchsorted(owner, numbers), np.searchsorted(owner, numbers, side="right")
    spans = [np.arange(a, b) for a, b in zip(first, last, strict=True)]
    begins = np.concatenate([[0], np.cumsum([len(span) for span in spans])])
    return EpisodeBatch(
        level=level.astype(np.int64),
        begins=begins.astype(np.int64),
        action=action[np.concatenate(spans)] if spans else action[:0],
        touches=records.episodes.touches[episodes].astype(np.int64),
    )


def attributed(
    spec: TaskSpec, bank: LevelBank, records: Records, thresholds: Thresholds
) -> Records:
    """The records with a class for every valid episode on levels that separate candidates.

    They also say when a frame first showed each candidate.

    Each agent and mode is attributed separately. Other episodes keep an empty class, and so do
    those of the reference, which is known to be random.

    Args:
        spec: The task; it must have `TaskSpec.headings`.
        bank: The levels that were played, among others.
        records: Of rollouts on these levels.
        thresholds: From the task's calibration.

    Raises:
        FalseBeaconError: If the task cannot be planned for.
    """
    episodes = records.episodes
    groups = _groups(spec, episodes)
    rows = bank_rows(episodes, bank)
    if not groups:
        return records
    sets = [played_of(records, group, rows[group]) for group in groups]
    classes, posterior = episodes["class"].copy(), episodes["posterior"].copy()
    shown = episodes.shown
    names, parts = class_names(spec), []
    for group, played, fitted in zip(groups, sets, fits(spec, bank, sets), strict=True):
        found = attribute(spec, bank, played, fitted, thresholds)
        classes[group] = found.classes
        posterior[group] = found.posterior.max(axis=1)
        shown[group] = _first_shown(fitted)
        lengths = np.diff(played.begins)
        moment = np.arange(len(played.action)) - np.repeat(played.begins[:-1], lengths)
        columns = {"episode": np.repeat(episodes["episode"][group], lengths), "t": moment}
        parts.append(columns | {f"p_{n}": found.so_far[:, i] for i, n in enumerate(names)})
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    columns = {**episodes.columns, "class": classes, "posterior": posterior}
    columns |= {f"shown_{name}": shown[:, c] for c, name in enumerate(spec.candidate_names)}
    return Records(Episodes(columns, episodes.candidates), records.steps, Posteriors(joined))


def _first_shown(fitted: Fitted) -> np.ndarray:
    """Decisions made when a frame first showed each candidate, up to the first touch: int32[E, C].

    -1 where none did.
    """
    shown, begins = fitted.evidence.shown, fitted.evidence.begins
    moment = np.arange(len(shown)) - np.repeat(begins[:-1], np.diff(begins))
    never = len(shown)
    when = np.minimum.reduceat(np.where(shown, moment[:, None], never), begins[:-1], axis=0)
    return np.where(when == never, -1, when).astype(np.int32)


def _groups(spec: TaskSpec, episodes: Episodes) -> list[np.ndarray]:
    """Rows of the valid episodes on separated levels, one array for each agent and mode."""
    usable = np.isin(episodes["split"].astype(str), spec.apart) & episodes["valid"].astype(bool)
    usable &= episodes["agent"] != REFERENCE
    owners = [f"{a} {m}" for a, m in zip(episodes["agent"], episodes["mode"], strict=True)]
    found = [
        np.flatnonzero(usable & (np.array(owners) == owner)) for owner in dict.fromkeys(owners)
    ]
    return [group for group in found if len(group)]
