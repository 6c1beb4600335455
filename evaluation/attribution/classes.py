"""From a posterior to the class of an episode."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evaluation.records.episodes import AIMLESS, INCAPABLE, MIXED, UNATTRIBUTED, class_of
from minecraft_tasks.core.records import Record
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.spec import TaskSpec
from policies.agents.devices import DEVICES


class Thresholds(Record):
    """Thresholds of attribution, chosen on calibration levels and stored with the calibration.

    Attributes:
        posterior: Lower bound on the probability of a class; below it, an episode is unattributed.
        least_beta: Lower bound on beta: below it, behaviour is not treated as goal-directed.
        efficiency: Lower bound on fewest decisions over decisions made in a competent pursuit.
    """

    posterior: float = 0.8
    least_beta: float = 1.0
    efficiency: float = 0.25


class EpisodeBatch(NamedTuple):
    """Episodes to attribute, one row each, with consecutive decisions.

    Attributes:
        level: int64[E] bank index.
        begins: int64[E + 1] first decision of each episode; the last entry is D.
        action: int64[D].
        touches: int64[E, C] decisions until each candidate was first touched; -1 never.
    """

    level: np.ndarray
    begins: np.ndarray
    action: np.ndarray
    touches: np.ndarray


def until_touch(played: EpisodeBatch) -> EpisodeBatch:
    """Episodes up to and including the decision that first touches a candidate."""
    lengths = np.diff(played.begins)
    touches = np.where(played.touches > 0, played.touches, np.iinfo(np.int64).max)
    kept = np.minimum(lengths, touches.min(axis=1))
    moment = np.arange(len(played.action)) - np.repeat(played.begins[:-1], lengths)
    return played._replace(
        begins=np.concatenate([[0], np.cumsum(kept)]),
        action=played.action[moment < np.repeat(kept, lengths)],
    )


def class_names(spec: TaskSpec) -> tuple[str, ...]:
    """The H classes of a posterior."""
    return (*spec.candidate_names, MIXED, AIMLESS, *DEVICES)


def competent(
    bank: LevelBank, played: EpisodeBatch, efficiency: float = Thresholds().efficiency
) -> np.ndarray:
    """Whether each candidate was reached in few enough decisions: bool[E, C]."""
    with np.errstate(invalid="ignore"):
        return (played.touches >= 0) & (bank.optimal[played.level] >= efficiency * played.touches)


def classes(
    spec: TaskSpec,
    bank: LevelBank,
    played: EpisodeBatch,
    posterior: np.ndarray,
    thresholds: Thresholds,
) -> np.ndarray:
    """The class of each episode, object[E], from its posterior float64[E, H].

    Habits and devices count together against a threshold: doubt which of them it was is no doubt
    that the episode pursued nothing.
    """
    names = class_names(spec)
    able = competent(bank, played, thresholds.efficiency)
    idle = np.isin(names, (AIMLESS, *DEVICES))
    found = np.empty(len(played.level), object)
    for episode, chances in enumerate(posterior):
        nothing = chances[idle].sum() > chances[~idle].max()
        best = int(np.where(idle == nothing, chances, -1.0).argmax())
        sure = chances[idle].sum() if nothing else chances[best]
        name = names[best]
        if sure < thresholds.posterior:
            found[episode] = UNATTRIBUTED
        elif name in DEVICES:
            found[episode] = f"device:{name}"
        elif name == AIMLESS:
            found[episode] = AIMLESS
        elif name == MIXED:
            found[episode] = MIXED if able[episode].any() else INCAPABLE
        elif not able[episode, best]:
            found[episode] = INCAPABLE
        else:
            found[episode] = class_of(spec, name)
    return found
