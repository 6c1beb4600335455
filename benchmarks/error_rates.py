"""Error rates of the statistics that a verdict rests on, by simulation through the real functions.

``python -m benchmarks.error_rates`` prints three tables: how often the interval of a share covers
the true share, how often an agent without preference is called for some proxy, and how often the
gate passes an agent, by the true ratio of its control SPL to its held-out SPL.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from evaluation.measures.capability import gate
from evaluation.records.episodes import NEITHER, REFERENCE, Episodes, class_of
from evaluation.statistics.estimates import share_of
from evaluation.verdicts.record import CalibrationStatus, Outcome
from evaluation.verdicts.verdict import judge
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks import task

Twins = Literal["alike", "independent", "opposed"]
TWINS: tuple[Twins, ...] = ("alike", "independent", "opposed")
SHARES = (0.5, 0.6, 0.7, 0.8, 0.9)
RATIOS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 1.0)
FEWEST = 10
TRUSTED = CalibrationStatus(calibrated=True, sentence="simulated")


def outcomes(twins: Twins, share: float, layouts: int, rng: np.random.Generator) -> np.ndarray:
    """Whether each of two twins on each layout ends with the candidate: bool[2 * layouts].

    Opposed twins end differently as often as the share allows.
    """
    if twins == "independent":
        return rng.random(2 * layouts) < share
    if twins == "alike":
        return np.repeat(rng.random(layouts) < share, 2)
    both, single = max(0.0, 2 * share - 1), share - max(0.0, 2 * share - 1)
    drawn = rng.random(layouts)
    first = drawn < both + single
    second = (drawn < both) | ((drawn >= both + single) & (drawn < both + 2 * single))
    return np.column_stack([first, second]).ravel()


def coverage(twins: Twins, share: float, levels: int, runs: int, seed: int = 0) -> float:
    """Share of simulated runs whose 95 % interval covers the true share."""
    rng = np.random.default_rng(seed)
    layouts = np.arange(levels) // 2
    hits = 0
    for _ in range(runs):
        found = share_of(outcomes(twins, share, levels // 2, rng), layouts)
        assert found is not None
        hits += found.low <= share <= found.high
    return hits / runs


def episodes(
    spec: TaskSpec, split: str, first: np.ndarray, taken: np.ndarray, agent: str = "simulated"
) -> Episodes:
    """Episodes of one split with known ends.

    Args:
        spec: The task.
        split: The split.
        first: object[n], the candidate that each episode touches first, or ``neither``.
        taken: int[n], decisions until then; `FEWEST` would do.
        agent: Who played.
    """
    n, described = len(first), spec.split(split)
    level = np.arange(n)
    columns = {
        "episode": level,
        "agent": np.full(n, agent, object),
        "mode": np.full(n, "sampled", object),
        "split": np.full(n, split, object),
        "level": level,
        "layout": np.array([f"{split} {k // 2 if described.twins else k}" for k in level], object),
        "valid": np.ones(n, bool),
        "reason": np.full(n, "", object),
        "first": first,
        "class": np.array(
            ["incapable" if name == NEITHER else class_of(spec, name) for name in first], object
        ),
    }
    for name in spec.candidate_names:
        group = next((group for group in described.sites if name in group), ())
        columns[f"shown_{name}"] = np.full(n, -1)
        columns[f"touch_{name}"] = np.where(np.isin(first, group), taken, -1)
        fewest = FEWEST if name in described.present else np.nan
        columns[f"optimal_{name}"] = np.full(n, fewest, np.float32)
    return Episodes(columns, spec.candidate_names)


def joined(*parts: Episodes) -> Episodes:
    """Some episodes after each other."""
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0].columns}
    return Episodes(columns, parts[0].candidates)


def by_lengths(spec: TaskSpec, split: str, spl: np.ndarray, agent: str = "simulated") -> Episodes:
    """Episodes that reach the intended goal with a known SPL each, float[n]; 0 for not at all."""
    taken = np.rint(FEWEST / np.maximum(spl, 1e-3)).astype(int)
    first = np.where(spl > 0, spec.intended_name, NEITHER).astype(object)
    return episodes(spec, split, first, taken, agent)


def indifferent(spec: TaskSpec, twins: Twins, levels: int, rng: np.random.Generator) -> Outcome:
    """The outcome of a capable agent that takes either candidate of each conflict alike."""
    parts = [by_lengths(spec, split, np.ones(64)) for split in ("heldout", "control")]
    parts.append(by_lengths(spec, "control", np.zeros(64), REFERENCE))
    for split in spec.conflicts(spec.intended_name):
        a, b = split.present
        drawn = outcomes(twins, 0.5, levels // 2, rng)
        first = np.where(drawn, a, b).astype(object)
        parts.append(episodes(spec, split.name, first, np.full(levels, FEWEST)))
    return judge(joined(*parts), spec, "simulated", TRUSTED).outcome


def called(spec: TaskSpec, twins: Twins, levels: int, runs: int, seed: int = 0) -> float:
    """Share of agents without preference that are called for some proxy."""
    rng = np.random.default_rng(seed)
    found = [indifferent(spec, twins, levels, rng) for _ in range(runs)]
    return sum(outcome in ("misgeneralises", "prefers") for outcome in found) / runs


def passes(
    spec: TaskSpec, ratio: float, levels: int, runs: int, seed: int = 0
) -> tuple[float, float]:
    """Shares of simulated agents that the gate passes, and that it refuses as incapable.

    A searcher's SPL is between 0.7 and 1 on each held-out level, and between 0.4 and 1 on each
    control level. Agents have 0 in 3 % of held-out episodes, and between half of the searcher's and
    all of it in the others. On control levels as many more fail as the ratio asks for.
    """
    rng = np.random.default_rng(seed)
    chance = by_lengths(spec, "control", np.zeros(levels), REFERENCE)
    passed = refused = 0
    for _ in range(runs):
        parts, searcher = [], {}
        for split, least, able in (("heldout", 0.7, 0.97), ("control", 0.4, 0.97 * ratio)):
            known = rng.uniform(least, 1, levels)
            searcher[split] = {spec.intended_name: known.tolist()}
            solved = rng.random(levels) < able
            parts.append(by_lengths(spec, split, known * rng.uniform(0.5, 1, levels) * solved))
        found = gate(joined(*parts), chance, spec, searcher=searcher)
        passed += found.passed
        refused += found.decided and not found.passed
    return passed / runs, refused / runs


def main(runs: int = 400) -> dict[str, object]:
    """Prints the tables, and gives the figures."""
    spec = task("BeaconShrine").spec
    covered = {
        f"{levels} {twins}": {share: coverage(twins, share, levels, 10 * runs) for share in SHARES}
        for levels in (32, 64)
        for twins in TWINS
    }
    print(f"coverage of 95 % intervals ({10 * runs} runs each), by levels, twins and true share")
    for name, row in covered.items():
        print(f"  {name:<16}" + "".join(f"{share:>6.1f}: {row[share]:.3f}" for share in SHARES))
    wrong = {
        f"{levels} {twins}": called(spec, twins, levels, runs)
        for levels in (32, 64)
        for twins in TWINS
    }
    print(f"called for some proxy without any preference ({runs} runs each)")
    for name, share in wrong.items():
        print(f"  {name:<16}{share:.3f}")
    gates = {
        f"{levels} {ratio}": passes(spec, ratio, levels, runs)
        for levels in (32, 64)
        for ratio in RATIOS
    }
    print(f"gate, by levels and true ratio ({runs} runs each): passed, refused, left open")
    for name, (good, bad) in gates.items():
        print(f"  {name:<16}{good:>6.3f}{bad:>8.3f}{1 - good - bad:>8.3f}")
    return {"coverage": covered, "called": wrong, "gate": gates}


if __name__ == "__main__":
    main()
