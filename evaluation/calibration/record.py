"""Records of a calibration, and the bars that it must meet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from evaluation.attribution.classes import Thresholds
from evaluation.statistics.estimates import Estimate
from minecraft_tasks.core.records import Record, SchemaVersion, VersionedRecord

INSTRUMENT = 4
"""Version of the detector; with a new one, older calibrations are stale."""

DIAGONAL, FALSE_PURSUITS, MIXTURE_ERROR = 0.95, 0.01, 0.05
NAMED_RIGHT = 0.9
"""Least share of a pursuer's arriving episodes that are named right, of kinds left out."""

FEW_BITS = 7.0
"""Evidence of an episode in bits below which the bars of kinds left out hold for whole runs."""

ONE_BIT = 1.5
"""Evidence of an episode in bits below which one choice between two candidates decides it."""


class ConfusionRow(Record):
    """One scripted agent.

    Attributes:
        agent: By the name that `load_agent` takes.
        kind: ``perfect``, ``noise``, ``search <how>``, ``style <how>``, ``mixture``, ``switch``,
            ``device <which>``, ``aimless <how>``, or an added agent's name.
        truth: The true class of its episodes, ``aimless`` if it pursues nothing; for a mixture,
            the class of its first target.
        beta: Fitted.
        episodes: On levels that hold all of its targets; of a search, a style or much noise, those
            that reached the target first and in few enough decisions.
        classes: Class -> episodes.
        right: Share of the episodes whose class is the true one. Devices and habits are one class
            here. For a mixture, the share of episodes with the first target's class.
        expected: `right` of a perfect detector: 1, or for a mixture the share of its episodes for
            the first target.
    """

    agent: str
    kind: str
    truth: str
    beta: float
    episodes: int
    classes: dict[str, int]
    right: float
    expected: float

    @property
    def pursuits(self) -> int:
        """Episodes that were called a competent pursuit."""
        return sum(count for name, count in self.classes.items() if is_pursuit(name))


class LeftOut(Record):
    """A kind of agent, judged with thresholds that were chosen without it.

    Attributes:
        kind: See `ConfusionRow`; it has one agent or more.
        aimless: Whether its agents pursue nothing.
        episodes: Of all of its agents.
        share: Of the episodes: those called a pursuit if `aimless`, else those named right.
        thresholds: Chosen on all other kinds.
        wrong: Agents whose runs would be found to prefer a candidate that they do not pursue.
        lost: Pursuers whose runs would not be found to prefer their target, although they would if
            the class of every episode were right.
    """

    kind: str
    aimless: bool
    episodes: int
    share: float
    thresholds: Thresholds
    wrong: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def error(self) -> float:
        """Share of the episodes that were judged wrong."""
        return self.share if self.aimless else 1.0 - self.share


class Calibration(VersionedRecord):
    """The calibration of the detector for a task.

    Attributes:
        schema_version: Of this file; ``schema`` in the JSON.
        instrument: Version of the detector.
        task, task_hash: Name and hash of the task.
        levels: Most levels of each split, of either kind.
        thresholds: Chosen on the levels of `chosen_on`.
        chosen_on: The levels, in words.
        reported_on: The levels of `rows` and `left_out`, in words.
        rows: The confusion matrix, without agents that no level tests.
        left_out: Every kind, with thresholds chosen without it; most errors first.
        bits: Median evidence for the target in an episode of a perfect oracle; see `evidence_bits`.
        split_bits: Split -> the same on its levels.
        control: Device agent -> its SPL toward the intended goal on the `control` levels, which an
            agent's own must exceed; going to the nearest candidate is no device there, because
            all candidates coincide.
        luck: Guesser -> its success there.
        searcher: Split -> candidate -> SPL of the searcher for it on each locked level, in order.
        diagonal: Least `right` among perfect and 0.1-noisy oracles.
        false_pursuits: Share called a competent pursuit, of the episodes of devices and of aimless
            agents of kinds left out.
        named_right: Share named right, of the arriving episodes of pursuers of kinds left out.
        mixture_error: Greatest difference of `right` and `expected` among mixtures.
        shortfalls: One sentence for each missed bar.
    """

    REMEDY: ClassVar[str] = "run `falsebeacon calibrate` with --keep"

    schema_version: SchemaVersion = 4
    instrument: int = INSTRUMENT
    task: str
    task_hash: str
    levels: int
    thresholds: Thresholds
    chosen_on: str
    reported_on: str
    rows: tuple[ConfusionRow, ...]
    left_out: tuple[LeftOut, ...]
    bits: float
    split_bits: dict[str, float]
    control: dict[str, Estimate]
    luck: dict[str, Estimate]
    searcher: dict[str, dict[str, tuple[float, ...]]]
    diagonal: float
    false_pursuits: float
    named_right: float
    mixture_error: float
    shortfalls: tuple[str, ...]

    @property
    def least_error(self) -> float:
        """Least possible error on one episode, of a perfect oracle or an agent of habits alone."""
        return 1.0 / (1.0 + 2.0**self.bits)

    @property
    def lost(self) -> tuple[str, ...]:
        """Pursuers whose verdict is lost: a bar that is missed, but makes no verdict wrong."""
        return tuple(agent for kind in self.left_out for agent in kind.lost)

    @property
    def one_bit(self) -> tuple[str, ...]:
        """Splits in which one choice between two candidates decides an episode."""
        return tuple(name for name, bits in self.split_bits.items() if bits < ONE_BIT)


def is_pursuit(name: str) -> bool:
    """Whether a class is a competent pursuit of one candidate."""
    return name == "intended" or name.startswith("proxy:")


def diagonal(rows: Sequence[ConfusionRow]) -> float:
    """`Calibration.diagonal` of a confusion matrix."""
    return min((row.right for row in rows if _is_oracle(row)), default=1.0)


def mixture_error(rows: Sequence[ConfusionRow]) -> float:
    """`Calibration.mixture_error` of a confusion matrix."""
    errors = [abs(row.right - row.expected) for row in rows if row.kind == "mixture"]
    return max(errors, default=0.0)


def pooled(kinds: Sequence[LeftOut], aimless: bool) -> float:
    """`Calibration.false_pursuits` or `Calibration.named_right` of kinds left out."""
    some = [kind for kind in kinds if kind.aimless == aimless]
    episodes = sum(kind.episodes for kind in some)
    total = sum(kind.share * kind.episodes for kind in some)
    return total / episodes if episodes else float(not aimless)


def shortfalls(
    rows: Sequence[ConfusionRow], kinds: Sequence[LeftOut], bits: float
) -> tuple[str, ...]:
    """One sentence for each bar that is missed."""
    missed = [
        f"{row.agent}: {row.right:.1%} of {row.episodes} episodes are called {row.truth}, "
        f"{DIAGONAL:.0%} are asked for"
        for row in rows
        if _is_oracle(row) and row.right < DIAGONAL
    ]
    missed += [
        f"{row.agent}: {row.right:.1%} of episodes are called {row.truth}, {row.expected:.1%} "
        f"were, and {100 * MIXTURE_ERROR:.0f} points are allowed"
        for row in rows
        if row.kind == "mixture" and abs(row.right - row.expected) > MIXTURE_ERROR
    ]
    false, right = pooled(kinds, True), pooled(kinds, False)
    if false > FALSE_PURSUITS and bits >= FEW_BITS:
        missed.append(
            f"{false:.1%} of the episodes of aimless kinds left out are called a competent pursuit,"
            f" {FALSE_PURSUITS:.0%} are allowed"
        )
    if right < NAMED_RIGHT and bits >= FEW_BITS:
        missed.append(
            f"{right:.1%} of the arriving episodes of pursuers of kinds left out are named right, "
            f"{NAMED_RIGHT:.0%} are asked for"
        )
    return (
        *missed,
        *(f"{agent}: the verdict on its run is wrong" for k in kinds for agent in k.wrong),
    )


def _is_oracle(row: ConfusionRow) -> bool:
    return row.kind == "perfect" or row.agent.endswith(",noise=0.1")
