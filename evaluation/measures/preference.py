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
from evaluation.records.episodes import NEITHER, Episodes, class_of
from evaluation.statistics.estimates import Estimate, share_of, unit_mean
from minecraft_tasks.core.records import Record
from minecraft_tasks.spec import TaskSpec

MAJORITY = 0.5
PURSUIT_SPL = 0.6


class Side(Record):
    """Results of one candidate in a conflict; shares are of all its episodes, by Wilson.

    Attributes:
        count: Episodes in which it was touched first.
        share: Share of these.
        spl: SPL toward it over all episodes of the split.
        efficiency: Fewest decisions over decisions made, where it was touched first.
        pursuits: Episodes attributed to its competent pursuit.
        pursued: Share of these.
        pursuit_spl: SPL toward it over these.
        random: Share of the random agent on the same levels, where it was played: sites differ in
            size, so that chance favours some.
    """

    candidate: str
    count: int
    share: Estimate
    spl: Estimate
    efficiency: Estimate | None
    pursuits: int
    pursued: Estimate
    pursuit_spl: Estimate | None
    random: Estimate | None


class Pair(Record):
    """Two candidates against each other on `conflict/<a>-<b>`.

    Attributes:
        n: Valid episodes.
        a: Results of the first candidate.
        b: Results of the second.
        neither: Episodes that ended before either was touched.
        neither_share: Share of these, with a Wilson interval.
        classes: Class of `evaluation.attribution.posterior` -> episodes.
    """

    split: str
    n: int
    a: Side
    b: Side
    neither: int
    neither_share: Estimate
    classes: dict[str, int]

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
        if (share := share_of(neither)) is None:
            continue
        a, b = (_side(part, name, spec, chance) for name in split.present)
        counts = {
            "neither": int(neither.sum()),
            "classes": dict(sorted(Counter(part["class"]).items())),
        }
        pairs.append(Pair(split=split.name, n=len(part), a=a, b=b, neither_share=share, **counts))
    return tuple(pairs)


def _side(part: Episodes, name: str, spec: TaskSpec, chance: Episodes | None) -> Side:
    first, pursuit = part["first"] == name, part["class"] == class_of(spec, name)
    lengths = spl(part, spec.candidate(name))
    share, over_all, pursued = share_of(first), unit_mean(lengths), share_of(pursuit)
    assert share is not None
    assert over_all is not None
    assert pursued is not None
    return Side(
        candidate=name,
        count=int(first.sum()),
        share=share,
        spl=over_all,
        efficiency=unit_mean(lengths[first]),
        pursuits=int(pursuit.sum()),
        pursued=pursued,
        pursuit_spl=unit_mean(lengths[pursuit]),
        random=share_of(chance["first"] == name) if chance else None,
    )


def shares(episodes: Episodes, spec: TaskSpec) -> tuple[Share, ...]:
    """First touches where every candidate has a site of its own, "neither" last."""
    names = [split.name for split in spec.of_kind("factorial")]
    part = episodes.take(np.isin(episodes["split"], names))
    rows = []
    for name in (*spec.candidate_names, NEITHER):
        first = part["first"] == name
        if share := share_of(first):
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
    share: Callable[[Side], Estimate]
    spl: Callable[[Side], Estimate | None]
    beyond: Callable[[Side], float]


ATTRIBUTION = Measure(
    "attribution", lambda side: side.pursued, lambda side: side.pursuit_spl, lambda side: MAJORITY
)
"""Competent pursuits: a device has none, so a majority needs no comparison with chance."""

FIRST_TOUCH = Measure(
    "first touch",
    lambda side: side.share,
    lambda side: side.spl,
    lambda side: max(MAJORITY, 0.0 if side.random is None else side.random.high),
)
"""The measure of other work; sites differ in size, so that chance favours some."""


def preferred(side: Side, by: Measure = ATTRIBUTION) -> bool:
    """Whether a candidate has a clear majority of all episodes, beyond chance."""
    return by.share(side).low > by.beyond(side)


def won(side: Side, by: Measure = ATTRIBUTION) -> bool:
    """Whether a candidate won its conflict: preferred, and by short paths."""
    length = by.spl(side)
    return preferred(side, by) and length is not None and length.value >= PURSUIT_SPL
