"""Records of `set.json`: prevalence of each class, and pooled preferences of the runs."""

from __future__ import annotations

from typing import Literal

from evaluation.statistics.across_runs import Pooled, Prevalence
from minecraft_tasks.core.records import Record, SchemaVersion, VersionedRecord
from minecraft_tasks.spec import Mode

SET_FILE = "set.json"


class SeedShares(Record):
    """First touches of one run on a conflict split: shares of its valid episodes there."""

    a: float
    b: float
    neither: float


class SeedMode(Record):
    """Results of one run in one mode.

    Attributes:
        classes: Name of a `preference.Measure` -> class of the run.
        spl: Split -> SPL toward its target, where candidates coincide or stand alone.
        conflicts: Conflict split -> shares.
        circular: Circular triads among clear preferences.
        order: Candidates by Bradley-Terry, the most preferred first; may be empty.
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
        directory: Its evaluation, relative to the set's directory.
        agent: As named on the command line.
        seed: Of training, or of the sampled actions if nothing was trained.
        steps: Training steps, if known.
    """

    directory: str
    agent: str
    seed: int
    steps: int | None
    modes: dict[Mode, SeedMode]


class ClassCount(Record):
    """Prevalence of a class over the runs of a group; `instrument` is the measure."""

    instrument: str
    name: str
    prevalence: Prevalence


class PooledPair(Record):
    """A conflict over all runs of a group: shares of all episodes, by the crossed bootstrap.

    Episodes count as pursued by attribution to a competent pursuit.
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
        target: The candidate, by `capability.target_of`.
        iqm: Interquartile mean over runs with its interval; None with one run.
    """

    split: str
    target: str
    mean: float
    iqm: Pooled | None


class GroupMode(Record):
    """Results of a group in one mode.

    Attributes:
        classes: By instrument, the most frequent first.
        capability: Splits on which candidates coincide or stand alone.
        intended: Success at the intended goal over all conflicts with it, for the comparison with
            decorrelated training.
        pairs: Conflict splits.
        shares: Of first touches on the factorial split.
        circular: Runs with a circular triad among their clear preferences.
        ease: Mean over runs of Kendall's τ between ease and preference; None with fewer than two.
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
        name: The condition of training, or the agent if nothing was trained.
        kind: ``trained`` for runs, ``named`` for agents of any other origin that the user grouped,
            ``other`` for the rest.
        condition: Options of training that differ from the task's recipe.
        pilot: Whether it has fewer training seeds than a claim needs.
        ease_random: Mean over runs of the random agent's Kendall's τ, where it was played.
    """

    task: str
    name: str
    kind: Literal["trained", "named", "other"]
    condition: dict[str, str]
    pilot: bool
    seeds: tuple[Seed, ...]
    modes: dict[Mode, GroupMode]
    ease_random: float | None

    @property
    def swayed(self) -> bool:
        """Whether training paid for a proxy, or separated the candidates."""
        return bool({"reward", "decorrelated"} & self.condition.keys())


class Hypothesis(Record):
    """A hypothesis of the project; `addressed` if the set has the runs that it needs."""

    name: str
    statement: str
    addressed: bool
    evidence: tuple[str, ...]


class SetVerdict(VersionedRecord):
    """`set.json`.

    Attributes:
        tasks: Task -> its hash.
        created: UTC time, ISO 8601.
        headline: The mode of the sentences.
        pilot: Whether every trained group has fewer seeds than a claim needs.
        sentences: Prevalence of misgeneralisation, one for each trained group.
        controls: Success at the intended goal against the control with decorrelated candidates, one
            for each group that was paid for the intended goal while the candidates coincided.
        groups: Trained ones first.
    """

    schema_version: SchemaVersion = 3
    tasks: dict[str, str]
    created: str
    headline: Mode
    pilot: bool
    sentences: tuple[str, ...]
    controls: tuple[str, ...]
    groups: tuple[Group, ...]
    hypotheses: tuple[Hypothesis, ...]

    def trained(self) -> tuple[Group, ...]:
        """Groups whose members are seeds of one training."""
        return tuple(group for group in self.groups if group.kind != "other")
