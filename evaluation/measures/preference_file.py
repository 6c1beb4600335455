"""`preference.json`: models of one run's preferences, in each mode of acting."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evaluation.measures.choice import Logit, design, logit
from evaluation.measures.exchange import ExchangeRate, exchange_rates
from evaluation.measures.preference import shares
from evaluation.measures.ranking import Ranking, agreement, ranking
from evaluation.records.episodes import NEITHER, REFERENCE, Episodes
from evaluation.records.placements import Placements
from evaluation.statistics.majority import majority_p
from minecraft_tasks.core.records import Record, SchemaVersion, VersionedRecord
from minecraft_tasks.spec import Mode, TaskSpec

PREFERENCE_FILE = "preference.json"
MODES: tuple[Mode, ...] = ("sampled", "greedy")


class ModePreference(Record):
    """Preferences in one mode.

    Attributes:
        logit: Model of choices by identity, cost, side and visibility; None without choices.
        exchange: Exchange rates between candidates.
        ranking: One order behind the conflicts.
        ease_by_ranking: Kendall's τ of that order with the task's ranking by ease; 1 is the
            easiest first.
        ease_by_shares: The same with the shares of first touches on the factorial split.
    """

    logit: Logit | None
    exchange: tuple[ExchangeRate, ...]
    ranking: Ranking | None
    ease_by_ranking: float | None
    ease_by_shares: float | None


class PreferenceModel(VersionedRecord):
    """`preference.json`.

    Attributes:
        random: The same for the random agent on the conflicts, where it was played: a wide site is
            hit by accident and looks preferred.
    """

    schema_version: SchemaVersion = 1
    task: str
    task_hash: str
    modes: dict[Mode, ModePreference]
    random: ModePreference | None


def model_preference(episodes: Episodes, placements: Placements, spec: TaskSpec) -> PreferenceModel:
    """Models an evaluation's valid episodes, those of the random reference included.

    `placements` lists the levels of the episodes.
    """
    valid = episodes.where(valid=True)
    own, chance = valid.own, _mode(valid.where(agent=REFERENCE), placements, spec)
    return PreferenceModel(
        task=spec.name,
        task_hash=spec.task_hash,
        modes={
            mode: _mode(own.where(mode=mode), placements, spec)
            for mode in MODES
            if (own["mode"] == mode).any()
        },
        random=None if chance.logit is None else chance,
    )


def _mode(episodes: Episodes, placements: Placements, spec: TaskSpec) -> ModePreference:
    made = design(episodes, placements, spec)
    order = _order(episodes, spec)
    firsts = shares(episodes, spec)
    apart = {each.candidate: each.share.value for each in firsts if each.candidate != NEITHER}
    return ModePreference(
        logit=None if made is None else logit(made, spec),
        exchange=() if made is None else exchange_rates(made, spec),
        ranking=order,
        ease_by_ranking=None if order is None else agreement(spec.ease, order.strengths),
        ease_by_shares=agreement(spec.ease, apart),
    )


def _order(episodes: Episodes, spec: TaskSpec) -> Ranking | None:
    """The order behind first touches, where each layout counts once."""
    counts, ps = {}, {}
    for split in spec.of_kind("conflict"):
        part = episodes.where(split=split.name)
        part = part.take(part["first"] != NEITHER)
        won, layouts = part["first"] == split.present[0], part["layout"].astype(str)
        _, unit, sizes = np.unique(layouts, return_inverse=True, return_counts=True)
        share = np.bincount(unit, won, len(sizes)) / sizes
        counts[split.present] = (float(share.sum()), float((1 - share).sum()))
        tails = (majority_p(won, layouts), majority_p(~won, layouts))
        ps[split.present] = min(1.0, 2 * min(tails))
    return ranking(counts, ps)


def read_preference(directory: Path) -> PreferenceModel:
    """Reads `preference.json` of an evaluation directory.

    Raises:
        CorruptFileError: If it is missing or damaged.
        StaleError: If it is of another schema version.
    """
    return PreferenceModel.read(directory / PREFERENCE_FILE)
