"""Which episodes become clips, by rule and never by hand.

For each class of episode the median-cost one, the first by seed and a random one are shown
(docs/records.md); each clip's rule and its numbers stand in a JSON file beside it.
Classes are by first touch; those in which attribution says otherwise are a class of their own.
"""

from __future__ import annotations

import numpy as np

from evaluation.records.classes import class_of
from evaluation.records.episodes import NEITHER, Episodes
from minecraft_tasks.core.records import SchemaVersion, VersionedRecord
from minecraft_tasks.spec import TaskSpec

RANDOM_SEED = 20261120
"""Seed of the random choice of an episode in each class."""

DISAGREEING = "first touch and attribution disagree"
"""Group of the episodes that touched a candidate first and are attributed to something else."""

RULES = ("median cost", "first by seed", f"random (seed {RANDOM_SEED})")


class Clip(VersionedRecord):
    """One clip and why it was chosen.

    Attributes:
        schema_version: Of this file; ``schema`` in the JSON.
        file: WebM, relative to the evaluation directory.
        group: The class of episode it stands for.
        rules: Every rule that chose it.
        candidates: Episodes in that class.
        episode: Row of `episodes.parquet`.
        mode: How actions were picked.
        split: Split of the level.
        level_seed: Its seed.
        attributed: Class that the detector puts the episode into; empty where it was not asked.
        target: Candidate whose touch the clip is about, or "neither".
        cost: Decisions until then; all of them for "neither".
        optimal: Fewest decisions to that candidate; none for "neither".
    """

    schema_version: SchemaVersion = 2
    file: str
    group: str
    rules: tuple[str, ...]
    candidates: int
    episode: int
    mode: str
    split: str
    level_seed: int
    attributed: str
    target: str
    cost: int
    optimal: float | None


def choose_clips(episodes: Episodes, spec: TaskSpec) -> list[Clip]:
    """Episodes to show, by rule.

    Args:
        episodes: Valid episodes of one agent in one mode.
        spec: The task.

    Returns:
        One clip for each chosen episode of each class; an episode that several rules choose
        names them all.
    """
    apart = episodes.take(np.isin(episodes["split"], spec.apart))
    heldout = [split.name for split in spec.of_kind("heldout")]
    together = episodes.take(np.isin(episodes["split"], heldout) & episodes["success"])
    clips = []
    for index, first in enumerate((*spec.candidate_names, NEITHER)):
        group = f"{first} first, candidates apart" if first != NEITHER else "neither touched"
        clips += _three(apart.where(first=first), group, index)
    clips += _three(apart.take(_disagree(apart, spec)), DISAGREEING, len(spec.candidates) + 1)
    return clips + _three(together, "success on held-out levels", -1, spec.intended_name)[:1]


def _disagree(episodes: Episodes, spec: TaskSpec) -> np.ndarray:
    """bool[E]: whether what was touched first is not what the episode is attributed to."""
    names = {name: class_of(spec, name) for name in spec.candidate_names}
    touched = np.array([names.get(first, "") for first in episodes["first"]], object)
    return (touched != "") & (episodes["class"] != "") & (touched != episodes["class"])


def _three(part: Episodes, group: str, index: int, only: str = "") -> list[Clip]:
    """The median-cost, first and random episodes of a class, in that order, merged.

    Each is about what it touched first, or about `only`.
    """
    if len(part) == 0:
        return []
    names = np.array([*part.candidates, NEITHER])
    target = np.array([names.tolist().index(only or first) for first in part["first"]])
    rows = np.arange(len(part))
    costs = np.column_stack([part.touches, part["steps"]])[rows, target]
    fewest = np.column_stack([part.optimal, np.full(len(part), np.nan)])[rows, target]
    random = np.random.default_rng([RANDOM_SEED, index + 1]).integers(len(part))
    chosen = (
        int(np.argsort(costs, kind="stable")[(len(part) - 1) // 2]),
        int(np.lexsort((part["episode"], part["level_seed"]))[0]),
        int(random),
    )
    rules: dict[int, list[str]] = {}
    for rule, row in zip(RULES, chosen, strict=True):
        rules.setdefault(row, []).append(rule)
    clips, kind = [], "disagreement" if group == DISAGREEING else "episode"
    for row, chosen_by in rules.items():
        episode = int(part["episode"][row])
        clips.append(
            Clip(
                file=f"clips/{kind}-{episode:05d}.webm",
                group=group,
                rules=tuple(chosen_by),
                candidates=len(part),
                episode=episode,
                mode=str(part["mode"][row]),
                split=str(part["split"][row]),
                level_seed=int(part["level_seed"][row]),
                attributed=str(part["class"][row]),
                target=str(names[target[row]]),
                cost=int(costs[row]),
                optimal=None if np.isnan(fewest[row]) else float(fewest[row]),
            )
        )
    return clips
