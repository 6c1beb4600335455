"""Choice of the episodes that become clips, by rule.

For each class of episode: the median-cost one, the first by seed and a random one
(docs/records.md); a JSON file beside each clip has its rules and numbers. Classes are by first
touch; episodes that are attributed otherwise are a class of their own.
"""

from __future__ import annotations

import numpy as np

from evaluation.records.episodes import NEITHER, Episodes, class_of
from minecraft_tasks.core.records import SchemaVersion, VersionedRecord
from minecraft_tasks.spec import TaskSpec

RANDOM_SEED = 20261120
"""Seed of the random choice of an episode in each class."""

DISAGREEING = "first touch and attribution disagree"
"""Group of the episodes that are attributed to something other than their first touch."""

MOST_FRAMES = 40
"""Of a clip; longer episodes show every second decision, or fewer, at the same speed."""

RULES = ("median cost", "first by seed", f"random (seed {RANDOM_SEED})")


class Clip(VersionedRecord):
    """One clip and the reason for its choice.

    Attributes:
        file: WebM, relative to the evaluation directory.
        group: The class of episode.
        rules: Every rule that chose it.
        candidates: Episodes in that class.
        episode: Row of `episodes.parquet`.
        mode: Of acting.
        split: Of the level.
        attributed: Class by the detector; empty if not attributed.
        target: Candidate whose touch the clip shows, or "neither".
        cost: Decisions until then; all of them for "neither".
        optimal: Fewest decisions to that candidate; None for "neither".
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


HELD_OUT = "success on held-out levels"
"""Group of the episode that shows what the agent can do."""


def clip_groups(spec: TaskSpec) -> list[str]:
    """The groups that clips of a task may have."""
    return [*(_group(name) for name in (*spec.candidate_names, NEITHER)), DISAGREEING, HELD_OUT]


def _group(first: str) -> str:
    return "neither touched" if first == NEITHER else f"{first} first, candidates apart"


def choose_clips(episodes: Episodes, spec: TaskSpec) -> list[Clip]:
    """Chooses among the valid episodes of one agent in one mode: one clip for each and class.

    An episode that several rules choose names them all.
    """
    apart = episodes.take(np.isin(episodes["split"], spec.apart))
    heldout = [split.name for split in spec.of_kind("heldout")]
    together = episodes.take(np.isin(episodes["split"], heldout) & episodes["success"])
    clips = []
    for index, first in enumerate((*spec.candidate_names, NEITHER)):
        clips += _three(apart.where(first=first), _group(first), index)
    clips += _three(apart.take(_disagree(apart, spec)), DISAGREEING, len(spec.candidates) + 1)
    return clips + _three(together, HELD_OUT, -1, spec.intended_name)[:1]


def _disagree(episodes: Episodes, spec: TaskSpec) -> np.ndarray:
    """Whether first touch and attribution disagree: bool[E]."""
    names = {name: class_of(spec, name) for name in spec.candidate_names}
    touched = np.array([names.get(first, "") for first in episodes["first"]], object)
    return (touched != "") & (episodes["class"] != "") & (touched != episodes["class"])


def _three(part: Episodes, group: str, index: int, only: str = "") -> list[Clip]:
    """The median-cost, first and random episodes of a class, in that order, merged.

    The target of each is its first touch, or `only`.
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
