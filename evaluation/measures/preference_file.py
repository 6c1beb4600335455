"""`preference.json`: what lies behind the shares of one run, in each mode of acting."""

from __future__ import annotations

from pathlib import Path

from evaluation.measures.choice import Logit, design, logit
from evaluation.measures.exchange import ExchangeRate, exchange_rates
from evaluation.measures.preference import pairwise, shares
from evaluation.measures.ranking import Ranking, agreement, counts_of, ranking
from evaluation.records.episodes import NEITHER, REFERENCE, Episodes
from evaluation.records.placements import Placements
from minecraft_tasks.core.records import Record, SchemaVersion, VersionedRecord
from minecraft_tasks.spec import Mode, TaskSpec

PREFERENCE_FILE = "preference.json"
MODES: tuple[Mode, ...] = ("sampled", "greedy")


class ModePreference(Record):
    """One mode.

    Attributes:
        logit: Choices by identity, cost, side and visibility; none where nothing was chosen.
        exchange: What is paid for one candidate over another.
        ranking: One order behind the conflicts, and what speaks against it.
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
        schema_version: Of this file; ``schema`` in the JSON.
        task: Name of the task.
        task_hash: Its hash.
        modes: Mode -> what was found out in it.
        random: The same of the random agent on the conflicts, where it was played: a wide site is
            hit by accident, and looks preferred.
    """

    schema_version: SchemaVersion = 1
    task: str
    task_hash: str
    modes: dict[Mode, ModePreference]
    random: ModePreference | None


def model_preference(episodes: Episodes, placements: Placements, spec: TaskSpec) -> PreferenceModel:
    """The model of an evaluation's episodes.

    Args:
        episodes: Every row, the random reference's included; invalid ones are left out.
        placements: Of the levels played.
        spec: The task.
    """
    valid = episodes.where(valid=True)
    own = valid.take(valid["agent"] != REFERENCE)
    chance = _mode(valid.where(agent=REFERENCE), placements, spec)
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
    order = ranking(counts_of(pairwise(episodes, spec)))
    apart = {
        share.candidate: share.share.value
        for share in shares(episodes, spec)
        if share.candidate != NEITHER
    }
    return ModePreference(
        logit=None if made is None else logit(made, spec),
        exchange=() if made is None else exchange_rates(made, spec),
        ranking=order,
        ease_by_ranking=None if order is None else agreement(spec.ease, order.strengths),
        ease_by_shares=agreement(spec.ease, apart),
    )


def read_preference(directory: Path) -> PreferenceModel:
    """`preference.json` of an evaluation directory.

    Raises:
        CorruptFileError: If it is missing or damaged.
        StaleError: If it is of another schema version.
    """
    return PreferenceModel.read(directory / PREFERENCE_FILE)
