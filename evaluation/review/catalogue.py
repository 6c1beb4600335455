"""The list of all recorded episodes of some evaluations, with what they are found by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.measures.cycles import periods
from evaluation.records.episodes import (
    NEITHER,
    Episodes,
    Posteriors,
    Steps,
    class_of,
    read_episodes,
    read_steps,
)
from evaluation.records.info import EvaluationInfo, read_info
from evaluation.verdicts.record import Verdict
from minecraft_tasks.core.errors import FalseBeaconError, StaleError
from minecraft_tasks.core.tables import read_table
from minecraft_tasks.spec import TaskSpec

KEY = "{run}-{episode:05d}"
"""Name of an episode in a site: number of its evaluation, and of the episode there."""


@dataclass(frozen=True)
class Reviewed:
    """An evaluation in a site.

    Attributes:
        number: Its place among those of the site.
        directory: Where its files are.
        label: Told apart from the others by it.
    """

    number: int
    directory: Path
    label: str
    info: EvaluationInfo
    verdict: Verdict
    episodes: Episodes
    steps: Steps
    posteriors: Posteriors

    @property
    def spec(self) -> TaskSpec:
        """The task."""
        return self.info.spec


def read_reviewed(directories: Sequence[Path]) -> list[Reviewed]:
    """Reads evaluations to be reviewed together.

    Raises:
        CorruptFileError: If a file is missing or damaged.
        StaleError: If a file is of another schema version, or evaluations are of several versions
            of a task.
    """
    labels = _labels(directories)
    found = [_read(number, each, labels[number]) for number, each in enumerate(directories)]
    for each in found:
        if each.spec.task_hash != each.info.task_hash:
            raise StaleError(
                f"{each.directory / 'evaluation.json'} holds a task with hash"
                f" {each.spec.task_hash} and says {each.info.task_hash}: evaluate again."
            )
    hashes = {each.spec.name: each.info.task_hash for each in found}
    for each in found:
        if hashes[each.spec.name] != each.info.task_hash:
            raise StaleError(
                f"{each.directory} was played on {each.spec.name} with task hash"
                f" {each.info.task_hash}, another one on {hashes[each.spec.name]}: review each"
                " version by itself."
            )
    return found


def _read(number: int, directory: Path, label: str) -> Reviewed:
    info = read_info(directory)
    posteriors: dict[str, np.ndarray] = {}
    if (directory / "posteriors.parquet").is_file():
        posteriors, _ = read_table(directory / "posteriors.parquet", "posteriors", info.task_hash)
    return Reviewed(
        number=number,
        directory=directory,
        label=label,
        info=info,
        verdict=Verdict.read(directory / "verdict.json"),
        episodes=read_episodes(directory / "episodes.parquet", info.task_hash),
        steps=read_steps(directory / "steps.parquet", info.task_hash),
        posteriors=Posteriors(posteriors),
    )


def _labels(directories: Sequence[Path]) -> list[str]:
    """The parts of each path that the others do not share, of at least its last two folders."""
    if not directories:
        raise FalseBeaconError("name at least one run or evaluation directory.")
    parts = [each.resolve().parts for each in directories]
    shared = 0
    while len({each[: shared + 1] for each in parts}) == 1 and shared < len(parts[0]) - 3:
        shared += 1
    labels = ["/".join(part for part in each[shared:] if part != "evaluation") for each in parts]
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        raise FalseBeaconError(f"{twice} is named twice: name each evaluation once.")
    return labels


def rows_of(reviewed: Reviewed) -> dict[str, np.ndarray]:
    """Columns of the list, one entry for each episode of the judged agent.

    ``cost`` is the decisions until the first touch, or all of them; ``ratio`` that over the fewest
    to the same candidate, NaN without a touch; ``cycle`` the decisions of the round that an episode
    repeats until time is up, 0 for none; ``disagrees`` whether first touch and attribution do;
    ``twin`` the episode on the twin of its level in the same mode, -1 for none.
    """
    own = reviewed.episodes.own
    candidates = np.array([*own.candidates, NEITHER])
    first = np.array([candidates.tolist().index(name) for name in own["first"]], np.int64)
    rows = np.arange(len(own))
    cost = np.column_stack([own.touches, own["steps"]])[rows, first]
    fewest = np.column_stack([own.optimal, np.full(len(own), np.nan)])[rows, first]
    cycle = np.zeros(len(own), np.int64)
    ended = own["truncated"].astype(bool) & own["valid"].astype(bool)
    cycle[ended] = periods(own.take(np.flatnonzero(ended)), reviewed.steps)
    classes = {name: class_of(reviewed.spec, name) for name in own.candidates}
    touched = np.array([classes.get(name, "") for name in own["first"]], object)
    return {
        "episode": own["episode"],
        "mode": own["mode"],
        "split": own["split"],
        "level": own["level"],
        "seed": own["level_seed"],
        "class": own["class"],
        "posterior": own["posterior"],
        "first": own["first"],
        "success": own["success"],
        "valid": own["valid"],
        "steps": own["steps"],
        "cost": cost,
        "ratio": cost / np.maximum(fewest, 1.0),
        "cycle": cycle,
        "disagrees": (touched != "") & (own["class"] != "") & (touched != own["class"]),
        "twin": _twins(own, reviewed.spec),
    }


def _twins(episodes: Episodes, spec: TaskSpec) -> np.ndarray:
    """Number of the episode on the twin of each level in the same mode, -1 for none: int64[E]."""
    keys = zip(episodes["mode"], episodes["split"], episodes["level"].tolist(), strict=True)
    known = {key: int(number) for key, number in zip(keys, episodes["episode"], strict=True)}
    twins = {split.name for split in spec.splits if split.twins}
    return np.array(
        [
            known.get((mode, split, level ^ 1), -1) if split in twins else -1
            for mode, split, level in known
        ],
        np.int64,
    )


def document(reviewed: Sequence[Reviewed]) -> dict[str, Any]:
    """The list of all episodes for a page: columns, those of words by number."""
    parts = [rows_of(each) for each in reviewed]
    runs = np.repeat([each.number for each in reviewed], [len(part["episode"]) for part in parts])
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {
        "runs": [_run(each) for each in reviewed],
        "columns": {"run": runs.tolist()} | {name: packed(joined[name]) for name in joined},
    }


def _run(each: Reviewed) -> dict[str, Any]:
    finding = each.verdict.modes[each.verdict.headline]
    return {
        "label": each.label,
        "task": each.spec.name,
        "verdict": finding.label,
        "reasons": list(each.verdict.reasons),
        "candidates": list(each.spec.candidate_names),
        "actions": [action.name for action in each.spec.actions],
    }


def packed(column: np.ndarray) -> Any:
    """A column for JSON: numbers as they are, None for NaN, and words as numbers of a list."""
    if column.dtype.kind in "OU":
        words, codes = np.unique(column.astype(str), return_inverse=True)
        return {"words": words.tolist(), "codes": codes.tolist()}
    if column.dtype.kind == "f":
        return [None if value != value else round(float(value), 4) for value in column]
    return column.astype(np.int64).tolist()


def find(reviewed: Reviewed, episode: int) -> int:
    """The row of an episode of the judged agent among all episodes.

    Raises:
        FalseBeaconError: If there is no such episode.
    """
    own = reviewed.episodes.own
    if episode not in own["episode"]:
        last = int(own["episode"].max(initial=-1))
        raise FalseBeaconError(
            f"{reviewed.label} has no episode {episode} of its agent: they go from 0 to {last}."
        )
    return int(np.flatnonzero(reviewed.episodes["episode"] == episode)[0])
