"""Hand-made choices between sites: agents whose taste for identity, cost and side is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from evaluation.measures.preference import shown_first
from evaluation.records.episodes import NEITHER, Episodes, class_of
from evaluation.records.placements import Placements
from minecraft_tasks.spec import Mode, TaskSpec
from tests.support.judged import SPEC, played, together


def choosy(
    splits: Sequence[str],
    levels: int,
    taste: Mapping[str, float],
    cost: float = 0.0,
    side: float = 0.0,
    seen: float = 0.0,
    early: float = 0.0,
    neither: float = 0.0,
    seed: int = 0,
    mode: Mode = "sampled",
    spec: TaskSpec = SPEC,
) -> tuple[Episodes, Placements]:
    """Episodes of an agent that chooses by a conditional logit, and the levels it played.

    Args:
        splits: Conflict or factorial splits.
        levels: Of each split; those of a conflict are twins two by two.
        taste: Candidate -> log-odds.
        cost: Log-odds for each decision.
        side: Log-odds of the right hand over the left.
        seen: Log-odds of what is in view over what is not.
        early: Log-odds of what was shown before the rest.
        neither: Share of episodes that end before anything is touched.
        seed: Of levels and choices; levels of one seed are the same for every agent.
        mode: How actions were picked.
        spec: The task.
    """
    laid, drawn = np.random.default_rng(0), np.random.default_rng([1, seed])
    looked = np.random.default_rng(2)
    parts, rows = [], []
    for split in splits:
        present = [spec.candidate(name) for name in spec.split(split).present]
        costs = laid.integers(10, 30, (levels, len(present)))
        bearings = laid.uniform(-170, 170, (levels, len(present)))
        views = laid.random((levels, len(present))) < 0.5
        if spec.split(split).kind == "conflict":
            views[:] = views[:, :1]
        weights = np.array([taste.get(spec.candidate_names[k], 0.0) for k in present])
        when = looked.integers(0, 9, (levels, len(present)))
        utility = (
            early * shown_first(when)
            + weights
            + cost * costs
            + side / 2 * np.sign(bearings)
            + seen * views
        )
        chosen = (utility + drawn.gumbel(size=utility.shape)).argmax(axis=1)
        lost = drawn.random(levels) < neither
        part = played(split, NEITHER, levels, cost=25, mode=mode, spec=spec)
        names = [spec.candidate_names[k] for k in present]
        for k, name in enumerate(names):
            won = (chosen == k) & ~lost
            part["first"][won] = name
            part["class"][won] = class_of(spec, name)
            part[f"touch_{name}"][won] = 25
            part[f"optimal_{name}"][:] = costs[:, k]
            part[f"shown_{name}"][:] = when[:, k]
        part["success"][:] = part["first"] == spec.candidate_names[spec.intended]
        parts.append(part)
        table = {"split": np.full(levels, split, object), "level": np.arange(levels)}
        table["level_seed"] = np.arange(levels)
        for index, name in enumerate(spec.candidate_names):
            here = present.index(index) if index in present else None
            table[f"bearing_{name}"] = (
                np.full(levels, np.nan) if here is None else bearings[:, here]
            )
            table[f"seen_{name}"] = np.zeros(levels, bool) if here is None else views[:, here]
        rows.append(table)
    joined = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
    return together(*parts), Placements(joined)
