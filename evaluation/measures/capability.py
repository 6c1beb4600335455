"""Capability: SPL by split, and the gate before a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from pydantic import Field

from evaluation.records.episodes import Episodes
from evaluation.statistics.estimates import Estimate, Interval, mean_ratio, share_of, unit_mean
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.records import Record
from minecraft_tasks.spec import Split, TaskSpec

GATE_RATIO = 0.8
"""Share of held-out SPL that a capable agent keeps on control levels."""

LOST_RATIO = 0.6
"""Share at and below which capability is lost."""

GATE_ERROR = 0.05
"""Chance that the gate refuses an agent with a true ratio of `GATE_RATIO` as incapable, and that it
passes one with a true ratio of `LOST_RATIO`."""


class Capability(Record):
    """Success at one candidate on one split.

    Attributes:
        kind: Of the split.
        target: The candidate, by `target_of`.
        success: Share of episodes that touched it, with a Wilson interval.
        spl: Success weighted by path length, with a bootstrap interval.
    """

    split: str
    kind: str
    target: str
    success: Estimate
    spl: Estimate


class Gate(Record):
    """The test of capability that a verdict on preferences requires.

    Attributes:
        splits: Names of the splits that `heldout` and `control` are measured on; see `gate`.
        heldout: SPL toward the rewarded candidate, usually the intended goal, on held-out levels
            of the training distribution.
        control: The same under the shift of the conflict splits, without a choice.
        ratio: Control SPL over held-out SPL, each divided by the searcher's where that is known;
            each end of the interval errs in `GATE_ERROR`.
        random: SPL of the random agent on `control` levels.
        devices: Device or guesser -> its SPL there, from the task's calibration.
        searcher: Of the two splits -> SPL of the searcher, which finds its way with what it sees,
            on the levels played; empty where it is not known.
        reasons: One sentence for each condition that fails or is not decided.
        outdone: The device or guesser of paths as short, where nothing else refuses the agent and
            it succeeds more often than guessers do; else empty.
        decided: Whether the numbers exist and suffice to pass an agent or to refuse it.
    """

    splits: tuple[str, str]
    heldout: Estimate | None
    control: Estimate | None
    ratio: Interval | None
    random: Estimate | None
    devices: dict[str, Estimate]
    passed: bool
    reasons: tuple[str, ...]
    decided: bool
    outdone: str = ""
    searcher: dict[str, Estimate] = Field(default_factory=dict)


def spl(episodes: Episodes, candidate: int) -> np.ndarray:
    """Success weighted by path length toward one candidate, by episode.

    S · l / max(p, l) of Anderson et al. 2018, with lengths in decisions: l the fewest that reach
    the candidate from the spawn, p those made until it was touched.

    Args:
        episodes: E episodes of levels with the candidate.
        candidate: Its index.

    Returns:
        float64[E] in [0, 1].

    Raises:
        FalseBeaconError: If the fewest decisions are not known.
    """
    taken = episodes.touches[:, candidate].astype(float)
    fewest = episodes.optimal[:, candidate].astype(float)
    if np.isnan(fewest).any():
        name, split = episodes.candidates[candidate], episodes["split"][np.isnan(fewest)][0]
        raise FalseBeaconError(
            f"no SPL toward {name!r} on {split}: the fewest decisions to it are not known; "
            "lock the levels again."
        )
    longer = np.maximum(np.maximum(taken, fewest), 1.0)
    return np.where(taken >= 0, np.maximum(fewest, 1.0) / longer, 0.0)


def target_of(split: Split, spec: TaskSpec, reward: str = "") -> str:
    """The candidate that capability on a split is measured by.

    The rewarded candidate, by default the intended goal; if the split lacks it, the first candidate
    of the split.
    """
    paid = spec.candidate_names[spec.rewarded(reward)]
    return paid if paid in split.present else split.present[0]


def capability(episodes: Episodes, spec: TaskSpec, reward: str = "") -> tuple[Capability, ...]:
    """One row for each split of an agent's episodes on which candidates coincide or stand alone."""
    rows = []
    for split in spec.splits:
        part = episodes.where(split=split.name)
        if split.apart or len(part) == 0:
            continue
        target = target_of(split, spec, reward)
        index = spec.candidate(target)
        success = share_of(part.touches[:, index] >= 0)
        length = unit_mean(spl(part, index))
        if success and length:
            row = {"split": split.name, "kind": split.kind, "target": target}
            rows.append(Capability(**row, success=success, spl=length))
    return tuple(rows)


def gate(
    episodes: Episodes,
    reference: Episodes,
    spec: TaskSpec,
    reward: str = "",
    decorrelated: bool = False,
    devices: Mapping[str, Estimate] = MappingProxyType({}),
    luck: Mapping[str, Estimate] = MappingProxyType({}),
    searcher: Mapping[str, Mapping[str, Sequence[float]]] = MappingProxyType({}),
) -> Gate:
    """Tests capability before preference, with the error rates of `GATE_ERROR`.

    Each SPL is divided by that of the searcher on the same levels, so that the ratio is of what an
    agent can reach there. The agent passes if its control SPL is not clearly below
    `GATE_RATIO` of its held-out SPL, is clearly above `LOST_RATIO` of it, and is clear of the
    random agent and of every device and guesser. It is refused as incapable if the first or the
    last is missed. Between the two ratios more levels are needed. An agent that is refused for its
    long ways alone may still prefer a candidate: which of its arrivals a device explains is known,
    and guessers arrive less often.

    `heldout` levels resemble those of training, and `control` levels have the shift of the
    conflicts. An agent whose candidates stood apart in training is measured on `factorial` instead,
    and on the split on which its rewarded candidate stands alone.

    Args:
        episodes: Valid episodes of the agent, in one mode.
        reference: Episodes of the random agent on the control split.
        spec: The task.
        reward: Candidate that reward paid for in training; the intended goal if empty.
        decorrelated: Whether the candidates stood apart in training.
        devices: Device or guesser -> its SPL on the control levels.
        luck: Guesser -> its success there.
        searcher: Split -> candidate -> SPL of the searcher on each locked level, in order. Where
            the way must be found first, that is what an agent can reach.
    """
    paid = spec.rewarded(reward)
    like, shifted = "factorial", spec.alone(spec.candidate_names[paid])
    if not decorrelated:
        like, shifted = "heldout", "control"
    before, now = (spl(episodes.where(split=name), paid) for name in (like, shifted))
    heldout, control = unit_mean(before), unit_mean(now)
    random = unit_mean(spl(reference.where(split="control"), paid))
    name = spec.candidate_names[paid]
    found = {
        s: length
        for s in (like, shifted)
        if (length := _on(searcher.get(s, {}).get(name, ()), episodes.where(split=s)))
    }
    if len(found) < 2 or not all(length.value for length in found.values()):
        found = {}
    ratio, outdone = mean_ratio(now, before, GATE_ERROR), ""
    if ratio is not None and found:
        ceiling = found[like].value / found[shifted].value
        ratio = Interval(
            value=ceiling * ratio.value, low=ceiling * ratio.low, high=ceiling * ratio.high
        )
    if heldout is None or control is None or random is None:
        parts = ((like, heldout), (shifted, control), ("random agent's control", random))
        missing = ", ".join(name for name, value in parts if value is None)
        refused, open_ = [], [f"the gate was not measured: no {missing} episodes"]
    else:
        close = {
            name: other
            for name, other in {"random": random, **devices}.items()
            if control.low <= other.high
        }
        test = _compared(like, shifted, heldout, control, ratio, found)
        refused, open_ = _refusals(shifted, control, ratio, test, close), _doubts(ratio, test)
        reached = episodes.where(split=shifted).touches[:, paid] >= 0
        if close and len(refused) == 1 and not open_ and _told_apart(close, reached, luck):
            outdone = _farthest(close)
    return Gate(
        splits=(like, shifted),
        heldout=heldout,
        control=control,
        ratio=ratio,
        random=random,
        devices=dict(devices),
        passed=not (refused or open_),
        reasons=tuple(refused or open_),
        decided=bool(refused) or not open_,
        outdone=outdone,
        searcher=found,
    )


def _on(lengths: Sequence[float], played: Episodes) -> Estimate | None:
    """Mean of SPLs by locked level over the levels played; None where they are not all known."""
    levels = played["level"]
    if not len(levels) or levels.max() >= len(lengths):
        return None
    return unit_mean(np.asarray(lengths)[levels])


def _compared(
    like: str,
    shifted: str,
    before: Estimate,
    now: Estimate,
    ratio: Interval | None,
    searcher: Mapping[str, Estimate],
) -> str:
    """The two SPLs and their ratio, in words that go on with what is wrong with it."""
    own, how = {like: f"{before.value:.2f}", shifted: f"{now.value:.2f}"}, ""
    if searcher:
        own = {name: f"{own[name]} (searcher {searcher[name].value:.2f})" for name in own}
        how = ", each divided by the searcher's,"
    value = "none" if ratio is None else str(ratio)
    return f"the ratio of {shifted} SPL {own[shifted]} to {like} SPL {own[like]}{how} is {value}"


def _refusals(
    shifted: str,
    now: Estimate,
    ratio: Interval | None,
    test: str,
    close: Mapping[str, Estimate],
) -> list[str]:
    """Reasons of a refusal; `close` are the other agents whose paths are as short."""
    reasons = []
    if ratio is None or ratio.high < GATE_RATIO:
        reasons.append(f"{test}, below {GATE_RATIO}")
    if close:
        agent = _farthest(close)
        reasons.append(f"{shifted} SPL {now} is not clear of the {agent} agent's {close[agent]}")
    return reasons


def _farthest(close: Mapping[str, Estimate]) -> str:
    return max(close, key=lambda name: close[name].high)


def _told_apart(
    close: Mapping[str, Estimate], reached: np.ndarray, luck: Mapping[str, Estimate]
) -> bool:
    """Whether arrivals, bool[E], are no other agent's of paths as short.

    A device's are told by the detector, and a guesser's if they are clearly rarer.
    """
    success = share_of(reached)
    rarer = {name for name, share in luck.items() if success and success.low > share.high}
    return all(name.startswith("device:") or name in rarer for name in close)


def _doubts(ratio: Interval | None, test: str) -> list[str]:
    if ratio is None or ratio.low >= LOST_RATIO:
        return []
    return [f"{test}, which leaves open whether it is above {LOST_RATIO}: play more levels"]
