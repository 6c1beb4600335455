"""What does the agent go for where the candidates stand apart? By attribution, and by first touch.

"Neither" keeps a column of its own everywhere: a share of a among a and b alone would give a
random walk 0.5 at every size of level and hide that it mostly runs out of time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from evaluation.measures.capability import spl
from evaluation.records.classes import class_of
from evaluation.records.episodes import NEITHER, Episodes
from evaluation.statistics.estimates import Estimate, proportion, unit_mean
from minecraft_tasks.core.records import Record
from minecraft_tasks.spec import TaskSpec

MAJORITY = 0.5
PURSUIT_SPL = 0.6


class Side(Record):
    """One candidate's part in a conflict.

    Attributes:
        candidate: Its name.
        count: Episodes in which it was touched first.
        share: Those among all episodes of the split, with a Wilson interval.
        spl: SPL toward it over all episodes of the split.
        efficiency: Fewest decisions over decisions made, where it was touched first.
        pursuits: Episodes attributed to its competent pursuit.
        pursued: Those among all episodes of the split, with a Wilson interval.
        pursuit_spl: SPL toward it over the episodes attributed to its pursuit.
        random: The random agent's share on the same levels, where it was played: sites differ in
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
        split: Name of the split.
        n: Valid episodes.
        a: The first candidate's part.
        b: The second's.
        neither: Episodes that ended before either was touched.
        neither_share: Those among all, with a Wilson interval.
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
        """The part of one candidate, and the other's; none if it is not in this conflict."""
        both = {self.a.candidate: (self.a, self.b), self.b.candidate: (self.b, self.a)}
        return both.get(candidate)


class Share(Record):
    """How often one candidate, or neither, was touched first on a factorial split.

    Attributes:
        candidate: A candidate's name, or ``neither``.
        count: Episodes.
        share: Those among all episodes of the split, with a Wilson interval.
    """

    candidate: str
    count: int
    share: Estimate


def pairwise(
    episodes: Episodes, spec: TaskSpec, reference: Episodes | None = None
) -> tuple[Pair, ...]:
    """The conflict splits in the records, in the order of the task.

    Args:
        episodes: The agent's, in one mode.
        spec: The task.
        reference: The random agent's.
    """
    pairs = []
    for split in spec.of_kind("conflict"):
        part = episodes.where(split=split.name)
        n = len(part)
        if n == 0:
            continue
        chance = None if reference is None else reference.where(split=split.name)
        a, b = (_side(part, name, spec, chance) for name in split.present)
        neither = int((part["first"] == NEITHER).sum())
        share = proportion(neither, n)
        assert share is not None
        names, counts = np.unique(part["class"].astype(str), return_counts=True)
        pairs.append(
            Pair(
                split=split.name,
                n=n,
                a=a,
                b=b,
                neither=neither,
                neither_share=share,
                classes=dict(zip(names.tolist(), counts.tolist(), strict=True)),
            )
        )
    return tuple(pairs)


def _side(part: Episodes, name: str, spec: TaskSpec, chance: Episodes | None) -> Side:
    first = part["first"] == name
    pursuit = part["class"] == class_of(spec, name)
    lengths = spl(part, spec.candidate(name))
    share, over_all = proportion(int(first.sum()), len(part)), unit_mean(lengths)
    pursued = proportion(int(pursuit.sum()), len(part))
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
        random=proportion(int((chance["first"] == name).sum()), len(chance)) if chance else None,
    )


def shares(episodes: Episodes, spec: TaskSpec) -> tuple[Share, ...]:
    """First touches where every candidate has a site of its own, "neither" last."""
    names = [split.name for split in spec.of_kind("factorial")]
    part = episodes.take(np.isin(episodes["split"], names))
    found = []
    for name in (*spec.candidate_names, NEITHER):
        count = int((part["first"] == name).sum())
        share = proportion(count, len(part))
        if share is not None:
            found.append(Share(candidate=name, count=count, share=share))
    return tuple(found)


class Measure(NamedTuple):
    """A way of saying what an agent goes for in a conflict.

    Attributes:
        name: In words.
        verb: What the agent does to a candidate that counts.
        share: How often, of all episodes of the split.
        spl: By how short a way; none where it never happened.
        beyond: What the lower end of the share's interval has to lie above.
    """

    name: str
    verb: str
    share: Callable[[Side], Estimate]
    spl: Callable[[Side], Estimate | None]
    beyond: Callable[[Side], float]


ATTRIBUTION = Measure(
    "attribution",
    "pursues",
    lambda side: side.pursued,
    lambda side: side.pursuit_spl,
    lambda side: MAJORITY,
)
"""Competent pursuits: those of a device are none, so that a majority has no chance to beat."""

FIRST_TOUCH = Measure(
    "first touch",
    "first touches",
    lambda side: side.share,
    lambda side: side.spl,
    lambda side: max(MAJORITY, 0.0 if side.random is None else side.random.high),
)
"""The simple measure that other work uses; sites differ in size, so that chance favours some."""


def preferred(side: Side, by: Measure = ATTRIBUTION) -> bool:
    """Whether a candidate has a clear majority of all episodes, beyond chance."""
    return by.share(side).low > by.beyond(side)


def won(side: Side, by: Measure = ATTRIBUTION) -> bool:
    """Whether a candidate won its conflict: preferred, and by short paths."""
    length = by.spl(side)
    return preferred(side, by) and length is not None and length.value >= PURSUIT_SPL
