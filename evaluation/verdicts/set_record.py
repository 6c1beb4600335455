"""The verdict on a set of runs: how often each class came out, and what the runs prefer together.

The records of `set.json`; `evaluation.verdicts.pooling` fills them in.
"""

from __future__ import annotations

from typing import Literal

from evaluation.statistics.across_runs import Pooled, Prevalence
from minecraft_tasks.core.records import Record, SchemaVersion, VersionedRecord
from minecraft_tasks.spec import Mode

SET_FILE = "set.json"


class SeedShares(Record):
    """One run's first touches on a conflict split: shares of all its valid episodes there."""

    a: float
    b: float
    neither: float


class SeedMode(Record):
    """What one run is, in one mode.

    Attributes:
        classes: Name of a `preference.Measure` -> the class that it puts the run into.
        spl: Split -> SPL toward its target, where candidates coincide or stand alone.
        conflicts: Conflict split -> shares.
        circular: Circular triads among clear preferences.
        order: Candidates from the most to the least preferred, by Bradley-Terry; may be empty.
        ease: Kendall's τ of that order with the task's ranking by ease.
    """

    classes: dict[str, str]
    spl: dict[str, float]
    conflicts: dict[str, SeedShares]
    circular: int
    order: str
    ease: float | None


class Seed(Record):
    """One run of a group.

    Attributes:
        directory: Its evaluation, relative to the set's own directory.
        agent: As it was named when it was judged.
        seed: Of training; of the sampled actions where nothing was trained.
        steps: Training steps, where known.
        modes: Mode -> what it is there.
    """

    directory: str
    agent: str
    seed: int
    steps: int | None
    modes: dict[Mode, SeedMode]


class ClassCount(Record):
    """How often a class came out in a group.

    Attributes:
        instrument: Which said so.
        name: Of the class.
        prevalence: Over runs.
    """

    instrument: str
    name: str
    prevalence: Prevalence


class PooledPair(Record):
    """A conflict over all runs of a group: shares of all episodes, by the crossed bootstrap.

    Attributes:
        split: Name of the split.
        a: The first candidate.
        b: The second.
        pursued_a: Episodes attributed to a competent pursuit of a.
        pursued_b: The same of b.
        first_a: Episodes that touched a first.
        first_b: The same of b.
        neither: Episodes that touched neither.
    """

    split: str
    a: str
    b: str
    pursued_a: Pooled
    pursued_b: Pooled
    first_a: Pooled
    first_b: Pooled
    neither: Pooled


class PooledShare(Record):
    """First touches of one candidate, or of ``neither``, on the factorial split."""

    candidate: str
    share: Pooled


class PooledCapability(Record):
    """SPL on one split over the runs of a group.

    Attributes:
        split: Name of the split.
        target: The candidate whose reaching counts.
        mean: Over runs.
        iqm: Interquartile mean over runs with its interval; none with one run.
    """

    split: str
    target: str
    mean: float
    iqm: Pooled | None


class GroupMode(Record):
    """A group in one mode.

    Attributes:
        classes: By instrument, the most frequent first.
        capability: Splits on which candidates coincide or stand alone.
        intended: Success at the intended goal over all conflicts that hold it: what training with
            decorrelated proxies is compared by.
        pairs: Conflict splits.
        shares: Of first touches on the factorial split.
        circular: Runs with a circular triad among their clear preferences.
        ease: Mean over runs of Kendall's τ between ease and preference; none with fewer than two.
    """

    classes: tuple[ClassCount, ...]
    capability: tuple[PooledCapability, ...]
    intended: Pooled | None
    pairs: tuple[PooledPair, ...]
    shares: tuple[PooledShare, ...]
    circular: int
    ease: Pooled | None


class Group(Record):
    """Runs that differ by their seed alone.

    Attributes:
        task: Name of the task.
        name: The condition of training, or the agent where nothing was trained.
        kind: ``trained`` if its training run is known, ``other`` for agents of any other origin.
        condition: Options of training that are not usual.
        pilot: Whether it has fewer training seeds than a claim needs.
        seeds: Its runs.
        modes: Mode -> what they are together.
        ease_random: Kendall's τ of the random agent beside them, where it was played; the mean over
            runs.
    """

    task: str
    name: str
    kind: Literal["trained", "other"]
    condition: dict[str, str]
    pilot: bool
    seeds: tuple[Seed, ...]
    modes: dict[Mode, GroupMode]
    ease_random: float | None


class Hypothesis(Record):
    """A hypothesis of the project, and whether this set speaks to it.

    Attributes:
        name: Short.
        statement: What is claimed.
        addressed: Whether the set holds what it takes.
        evidence: What was found, or what is missing.
    """

    name: str
    statement: str
    addressed: bool
    evidence: tuple[str, ...]


class SetVerdict(VersionedRecord):
    """`set.json`.

    Attributes:
        schema_version: Of this file; ``schema`` in the JSON.
        tasks: Task -> its hash.
        created: UTC time, ISO 8601.
        headline: The mode that the sentences are taken from.
        pilot: Whether every trained group has fewer seeds than a claim needs.
        sentences: One for each trained group: how often it misgeneralises.
        controls: One for each group that training paid for the intended goal while the candidates
            coincided, where the control with decorrelated candidates is there: whether the
            intended goal is reached less often than by that control.
        groups: Trained ones first.
        hypotheses: What the set speaks to.
    """

    schema_version: SchemaVersion = 2
    tasks: dict[str, str]
    created: str
    headline: Mode
    pilot: bool
    sentences: tuple[str, ...]
    controls: tuple[str, ...]
    groups: tuple[Group, ...]
    hypotheses: tuple[Hypothesis, ...]

    def trained(self) -> tuple[Group, ...]:
        """Groups that a training run stands behind."""
        return tuple(group for group in self.groups if group.kind == "trained")
