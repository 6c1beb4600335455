"""Evidence of a set of runs for the hypotheses that were stated before any training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evaluation.measures.preference import ATTRIBUTION
from evaluation.verdicts.set_record import Group, Hypothesis
from minecraft_tasks.spec import Mode, TaskSpec

_EASE = "Agents drift to the proxies that are easiest to pursue."
CASE = (
    "Where the proxy makes the reward (side-effect) misgeneralisation shows earlier in training "
    "than where the reward makes the proxy (instrumental)."
)


def hypotheses(
    groups: Sequence[Group], specs: Mapping[str, TaskSpec], mode: Mode
) -> tuple[Hypothesis, ...]:
    """Evidence of some groups of runs for each hypothesis; `specs` are the tasks by name.

    Only groups count that were trained for the intended goal with coinciding proxies.
    """
    natural = [group for group in groups if group.kind == "trained" and not group.swayed]
    return _ease(natural, specs, mode), _case(natural, specs, mode)


def _ease(groups: Sequence[Group], specs: Mapping[str, TaskSpec], mode: Mode) -> Hypothesis:
    lines = []
    for group in groups:
        taus = [tau for seed in group.seeds if (tau := seed.modes[mode].ease) is not None]
        if not taus:
            continue
        mean = group.modes[mode].ease
        easiest = " > ".join(specs[group.task].ease)
        found = f"mean {mean}" if mean else f"{taus[0]:.2f}"
        runs = f"{len(taus)} seeds" if len(taus) > 1 else "1 seed"
        by_chance = "" if group.ease_random is None else f" (random agent: {group.ease_random:.2f})"
        lines.append(
            f"{group.task}, {group.name}: Kendall's τ between ease ({easiest}) and preference is "
            f"{found} over {runs}{by_chance}; 1 is the easiest first, -1 the hardest first"
        )
    return Hypothesis(
        name="ease",
        statement=_EASE,
        addressed=bool(lines),
        evidence=tuple(lines) or ("no trained run whose conflicts tell an order",),
    )


def _case(groups: Sequence[Group], specs: Mapping[str, TaskSpec], mode: Mode) -> Hypothesis:
    lines, cases = [], set()
    for group in groups:
        case = specs[group.task].case
        cases.add(case)
        wrong = sum(
            seed.modes[mode].classes[ATTRIBUTION.name].startswith("misgeneralises")
            for seed in group.seeds
        )
        among = f"{wrong} of {len(group.seeds)}"
        lines.append(
            f"{case}: {group.task}, {group.name}: {among} misgeneralise at the end of training"
        )
    missing = {"side-effect", "instrumental"} - cases
    if missing:
        lines.append(f"no trained run of a task of the other case: {' or '.join(sorted(missing))}")
    lines.append("when it sets in is told by judging the checkpoints of each run, not by this set")
    return Hypothesis(name="case", statement=CASE, addressed=not missing, evidence=tuple(lines))
