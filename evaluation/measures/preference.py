"""Preferences between separated candidates, by attribution and by first touch.

"Neither" has a column of its own everywhere: a share of a among a and b alone would give a random
walk 0.5 at every size of level and hide that it mostly runs out of time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from evaluation.measures.capability import spl
from evaluation.records.episodes import NEITHER, Episodes, class_of, is_purposeless
from evaluation.statistics.estimates import Estimate, share_of, unit_mean
from evaluation.statistics.majority import LEVEL, Majority, majority_of
from minecraft_tasks.core.records import Record
from minecraft_tasks.spec import TaskSpec

MAJORITY = 0.5
PURSUIT_SPL = 0.6


class Side(Record):
    """Results of one candidate in a conflict; shares are of all its episodes.

    Attributes:
        count: Episodes in which it was touched first.
        share: Share of these.
        spl: SPL toward it over all episodes of the split.
        efficiency: Fewest decisions over decisions made, where it was touched first.
        pursuits: Episodes attributed to its competent pursuit.
        pursued: Share of these.
        pursuit_spl: SPL toward it over these.
        reached: Share of episodes that touched it first and that neither a device nor mere habit
            explains: pursuits by any way, however long.
        random: Share of the random agent on the same levels, where it was played: sites differ in
            size, so that chance favours some.
    """

    candidate: str
    count: int
    share: Majority
    spl: Estimate
    efficiency: Estimate | None
    pursuits: int
    pursued: Majority
    pursuit_spl: Estimate | None
    reached: Majority
    random: Estimate | None


class BothShown(Record):
    """Episodes of a conflict in which both candidates were shown before the first touch.

    Attributes:
        n: Episodes.
        pursued_a: Share attributed to a competent pursuit of the first candidate.
        pursued_b: The same of the second.
        took_first: Of those in which one was shown before the other, the share that touched that
            one first; None without any.
    """

    n: int
    pursued_a: Estimate
    pursued_b: Estimate
    took_first: Estimate | None


class Pair(Record):
    """Two candidates against each other on `conflict/<a>-<b>`.

    Attributes:
        n: Valid episodes.
        a: Results of the first candidate.
        b: Results of the second.
        neither: Episodes that ended before either was touched.
        neither_share: Share of these.
        classes: Class of `evaluation.attribution.posterior` -> episodes.
        took_first: Of the episodes in which a frame showed one candidate before the other, or
            alone, the share that touched that one first; None without any.
        both_shown: Episodes in which the agent had a choice that it could see; None without any.
    """

    split: str
    n: int
    a: Side
    b: Side
    neither: int
    neither_share: Estimate
    classes: dict[str, int]
    took_first: Estimate | None
    both_shown: BothShown | None

    def sides(self, candidate: str) -> tuple[Side, Side] | None:
        """The results of one candidate and of the other; None if the conflict lacks it."""
        both = {self.a.candidate: (self.a, self.b), self.b.candidate: (self.b, self.a)}
        return both.get(candidate)


class Share(Record):
    """First touches of a candidate, or ``neither``, on a factorial split: a share of episodes."""

    candidate: str
    count: int
    share: Estimate


def pairwise(
    episodes: Episodes, spec: TaskSpec, reference: Episodes | None = None
) -> tuple[Pair, ...]:
    """The conflict splits in an agent's episodes of one mode, in the order of the task.

    `reference` are the episodes of the random agent.
    """
    pairs = []
    for split in spec.of_kind("conflict"):
        part = episodes.where(split=split.name)
        chance = None if reference is None else reference.where(split=split.name)
        neither = part["first"] == NEITHER
        if (share := share_of(neither, part["layout"])) is None:
            continue
        a, b = (_side(part, name, spec, chance) for name in split.present)
        counts = {
            "neither": int(neither.sum()),
            "classes": dict(sorted(Counter(part["class"]).items())),
            "took_first": _took_first(part, split.present, spec),
            "both_shown": _both_shown(part, split.present, spec),
        }
        pairs.append(Pair(split=split.name, n=len(part), a=a, b=b, neither_share=share, **counts))
    return tuple(pairs)


def _side(part: Episodes, name: str, spec: TaskSpec, chance: Episodes | None) -> Side:
    first, pursuit = part["first"] == name, part["class"] == class_of(spec, name)
    lengths, layouts = spl(part, spec.candidate(name)), part["layout"]
    purposeful = ~np.array([is_purposeless(each) for each in part["class"]], bool)
    over_all = unit_mean(lengths, layouts)
    assert over_all is not None
    return Side(
        candidate=name,
        count=int(first.sum()),
        share=majority_of(first, layouts),
        spl=over_all,
        efficiency=unit_mean(lengths[first], layouts[first]),
        pursuits=int(pursuit.sum()),
        pursued=majority_of(pursuit, layouts),
        pursuit_spl=unit_mean(lengths[pursuit], layouts[pursuit]),
        reached=majority_of(first & purposeful, layouts),
        random=share_of(chance["first"] == name, chance["layout"]) if chance else None,
    )


def _both_shown(part: Episodes, names: tuple[str, ...], spec: TaskSpec) -> BothShown | None:
    """The episodes of a conflict that showed both of its candidates before the first touch."""
    index = [spec.candidate(name) for name in names]
    part = part.take(np.flatnonzero((part.shown[:, index] >= 0).all(axis=1)))
    a, b = (share_of(part["class"] == class_of(spec, name), part["layout"]) for name in names)
    if a is None or b is None:
        return None
    first = _took_first(part, names, spec)
    return BothShown(n=len(part), pursued_a=a, pursued_b=b, took_first=first)


def _took_first(part: Episodes, names: tuple[str, ...], spec: TaskSpec) -> Estimate | None:
    """Share of episodes that touched first what had been shown first, where something had."""
    first = shown_first(part.shown[:, [spec.candidate(name) for name in names]])
    took = (first & np.column_stack([part["first"] == name for name in names])).sum(axis=1) > 0
    told = np.flatnonzero(first.sum(axis=1))
    return share_of(took[told], part["layout"][told])


def shown_first(shown: np.ndarray) -> np.ndarray:
    """Which candidate a frame showed before every other: bool[E, C].

    `shown` int[E, C] are the decisions made when a frame first showed each, -1 for never.
    """
    when = np.where(shown < 0, np.inf, shown)
    first = when.min(axis=1, keepdims=True)
    alone = (when == first).sum(axis=1, keepdims=True) == 1
    return (when == first) & alone & np.isfinite(first)


def shares(episodes: Episodes, spec: TaskSpec) -> tuple[Share, ...]:
    """First touches where every candidate has a site of its own, "neither" last."""
    names = [split.name for split in spec.of_kind("factorial")]
    part = episodes.take(np.isin(episodes["split"], names))
    rows = []
    for name in (*spec.candidate_names, NEITHER):
        first = part["first"] == name
        if share := share_of(first, part["layout"]):
            rows.append(Share(candidate=name, count=int(first.sum()), share=share))
    return tuple(rows)


class Measure(NamedTuple):
    """A measure of preference in a conflict.

    Attributes:
        share: Of all episodes of the split.
        spl: Toward the candidate over the episodes that count; None without any.
        beyond: Threshold for the lower end of the share's interval.
    """

    name: str
    share: Callable[[Side], Majority]
    spl: Callable[[Side], Estimate | None]
    beyond: Callable[[Side], float]


def _beyond_chance(side: Side) -> float:
    """One half, or what a random agent may come to: sites differ in size."""
    return max(MAJORITY, 0.0 if side.random is None else side.random.high)


ATTRIBUTION = Measure(
    "attribution", lambda side: side.pursued, lambda side: side.pursuit_spl, lambda side: MAJORITY
)
"""Competent pursuits: a device has none, so a majority needs no comparison with chance."""

ARRIVAL = Measure(
    "arrival", lambda side: side.reached, lambda side: side.efficiency, _beyond_chance
)
"""Pursuits by any way, however long."""

FIRST_TOUCH = Measure("first touch", lambda side: side.share, lambda side: side.spl, _beyond_chance)
"""The measure of other work."""


def preferred(side: Side, by: Measure = ATTRIBUTION, p: float | None = None) -> bool:
    """Whether a candidate has a clear majority of all episodes, beyond chance.

    `p` is that of its share, adjusted where the majority is one of several that are tested.
    """
    share = by.share(side)
    return share.low > by.beyond(side) and (share.p if p is None else p) <= LEVEL


def short(side: Side, by: Measure = ATTRIBUTION) -> bool:
    """Whether the paths of a candidate's episodes are short enough for a competent pursuit."""
    length = by.spl(side)
    return length is not None and length.value >= PURSUIT_SPL
