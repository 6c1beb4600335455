"""Hand-made episode tables, so that statistics and verdicts are tested on numbers one can see."""

from __future__ import annotations

import numpy as np

from evaluation.records.episodes import NEITHER, REFERENCE, Episodes, class_of
from minecraft_tasks.spec import Mode, TaskSpec
from minecraft_tasks.tasks import task

SPEC = task("BeaconShrine").spec
INTENDED = SPEC.candidate_names[SPEC.intended]


def played(
    split: str,
    first: str,
    count: int,
    cost: int = 10,
    fewest: int = 10,
    mode: Mode = "sampled",
    agent: str = "somebody",
    reason: str = "",
    spec: TaskSpec = SPEC,
) -> Episodes:
    """Some episodes of one split that all went the same way, on layouts of their own.

    Args:
        split: Name of the split.
        first: Touched first; where it coincides with others, so are they.
        count: Rows.
        cost: Decisions until then, or all of them for "neither".
        fewest: To every candidate that is there.
        mode: How actions were picked.
        agent: Who played.
        reason: Why the episodes are invalid, if they are.
        spec: The task.
    """
    described = spec.split(split)
    pair = 2 if described.twins else 1
    group = next((group for group in described.sites if first in group), ())
    columns: dict[str, np.ndarray] = {
        "episode": np.arange(count),
        "agent": np.full(count, agent, object),
        "mode": np.full(count, mode, object),
        "split": np.full(count, split, object),
        "level": np.arange(count),
        "level_seed": np.arange(count),
        "layout": np.array([f"{split} {first} {level // pair}" for level in range(count)], object),
        "task_hash": np.full(count, spec.task_hash, object),
        "success": np.full(count, spec.candidate_names[spec.intended] in group),
        "steps": np.full(count, cost),
        "truncated": np.full(count, first == NEITHER),
        "return": np.zeros(count, np.float32),
        "valid": np.full(count, not reason),
        "reason": np.full(count, reason, object),
        "reruns": np.zeros(count, np.int16),
        "rerun_reason": np.full(count, "", object),
        "first": np.full(count, first, object),
        "class": np.full(count, "incapable" if first == NEITHER else class_of(spec, first), object),
        "posterior": np.ones(count, np.float32),
    }
    for name in spec.candidate_names:
        columns[f"shown_{name}"] = np.full(count, -1)
        columns[f"touch_{name}"] = np.full(count, cost if name in group else -1)
        present = fewest if name in described.present else np.nan
        columns[f"optimal_{name}"] = np.full(count, present, np.float32)
    return Episodes(columns, spec.candidate_names)


def together(*parts: Episodes) -> Episodes:
    """One table after the other, episodes numbered through."""
    names = parts[0].columns
    columns = {name: np.concatenate([part[name] for part in parts]) for name in names}
    columns["episode"] = np.arange(len(columns["episode"]))
    return Episodes(columns, parts[0].candidates)


def capable(mode: Mode = "sampled") -> Episodes:
    """Held-out and control episodes that pass the gate, and the random agent's."""
    return together(
        played("heldout", INTENDED, 64, cost=11, mode=mode),
        played("control", INTENDED, 60, cost=11, mode=mode),
        played("control", NEITHER, 4, cost=160, mode=mode),
        played("control", INTENDED, 8, cost=100, agent=REFERENCE),
        played("control", NEITHER, 56, cost=160, agent=REFERENCE),
    )


def contest(
    split: str, won: int, lost: int, neither: int = 0, cost: int = 12, mode: Mode = "sampled"
) -> Episodes:
    """A conflict split: its first candidate won, its second did, neither was touched."""
    a, b = SPEC.split(split).present
    return together(
        played(split, a, won, cost, mode=mode),
        played(split, b, lost, cost, mode=mode),
        played(split, NEITHER, neither, cost=160, mode=mode),
    )
