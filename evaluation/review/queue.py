"""The queue of a blinded session: which episodes a rater sees, and in which order.

All raters of an evaluation see the same episodes, each in an order of their own. A queue follows
from the evaluation, the rater's name and the number of items alone, so that it can be made again to
read labels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evaluation.records.episodes import class_of, is_purposeless
from evaluation.review.catalogue import Reviewed
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.spec import TaskSpec

NOTHING, UNSURE = "nothing", "cannot tell"
"""Labels besides the names of candidates."""
KNOWN, AGAIN = 0.2, 0.1
"""Shares of a queue: scripted agents whose target is known, and items that are shown twice."""
LEAST = 10
"""Fewest items of a queue, so that each kind occurs."""

Kind = Literal["own", "known"]


@dataclass(frozen=True)
class Item:
    """One showing of an episode.

    Attributes:
        token: Name in the session; it tells nothing.
        unit: What is shown, the same for all raters and both showings of a repeat.
        kind: Of the judged agent, or of a scripted one.
        episode: Number of the judged agent's episode; of a scripted one that is played for this.
        split, seed: Of the level.
        layout: Of the level; twins share it.
        truth: Target of a scripted agent; the label by the detector of a judged one's episode.
        agent: Name of a scripted one; else empty.
    """

    token: str
    unit: str
    kind: Kind
    episode: int
    split: str
    seed: int
    layout: str
    truth: str
    agent: str = ""


@dataclass(frozen=True)
class Queue:
    """A session of one rater.

    Attributes:
        digest: Of the evaluation, the rater and the items.
        items: In the order in which they are shown.
    """

    rater: str
    digest: str
    items: tuple[Item, ...]


def label_of(spec: TaskSpec, name: str) -> str:
    """The label that says what a class of the detector says.

    Changed targets, pursuits that failed and doubt have none of their own: ``cannot tell``.
    """
    for candidate in spec.candidate_names:
        if name == class_of(spec, candidate):
            return candidate
    return NOTHING if is_purposeless(name) else UNSURE


def make_queue(reviewed: Reviewed, rater: str, count: int) -> Queue:
    """The queue of a rater.

    Args:
        reviewed: The evaluation; valid episodes on levels with candidates apart are shown, in the
            mode of its verdict.
        rater: Their name.
        count: Items, repeats included.

    Raises:
        FalseBeaconError: If there are too few episodes for it.
    """
    if not rater.strip():
        raise FalseBeaconError("a rater needs a name: --rater NAME.")
    if count < LEAST:
        raise FalseBeaconError(f"a session has {LEAST} items or more, not {count}.")
    mark = f"{reviewed.info.created} {reviewed.info.agent} {reviewed.info.seeds_digest} {count}"
    common = np.random.default_rng(_number(mark))
    own = reviewed.episodes.own.where(mode=reviewed.verdict.headline, valid=True)
    own = own.take(np.isin(own["split"], reviewed.spec.apart) & (own["class"] != ""))
    repeats, known = max(1, round(AGAIN * count)), max(1, round(KNOWN * count))
    wanted = count - repeats - known
    if len(own) < wanted:
        raise FalseBeaconError(
            f"{reviewed.label} has {len(own)} attributed episodes with candidates apart, and"
            f" {count} items need {wanted}: ask for fewer with --items."
        )
    rows = common.choice(len(own), wanted, replace=False)
    items = [
        Item(
            "", f"own {own['episode'][row]}", "own", int(own["episode"][row]),
            str(own["split"][row]), int(own["level_seed"][row]), str(own["layout"][row]),
            label_of(reviewed.spec, str(own["class"][row])),
        )
        for row in rows
    ]  # fmt: skip
    levels = common.choice(len(own), known)
    agents = _scripted(reviewed.spec)
    for index, row in enumerate(levels):
        split = reviewed.spec.split(str(own["split"][row]))
        there = [(agent, truth) for agent, truth in agents
                 if truth == NOTHING or truth in split.present]  # fmt: skip
        agent, truth = there[index % len(there)]
        seed, layout = int(own["level_seed"][row]), str(own["layout"][row])
        unit = f"known {agent} {split.name} {seed}"
        items.append(Item("", unit, "known", -1, split.name, seed, layout, truth, agent))
    items += [items[row] for row in common.choice(len(items), repeats, replace=False)]
    private = np.random.default_rng(_number(f"{mark} {rater}"))
    ordered = _apart([items[row] for row in private.permutation(len(items))])
    shown = "; ".join(item.unit for item in ordered)
    digest = hashlib.sha256(f"{mark} {rater} {shown}".encode()).hexdigest()[:16]
    tokens = [hashlib.sha256(f"{digest} {place}".encode()).hexdigest()[:12]
              for place in range(len(ordered))]  # fmt: skip
    named = [replace(item, token=token) for item, token in zip(ordered, tokens, strict=True)]
    return Queue(rater, digest, tuple(named))


def _scripted(spec: TaskSpec) -> list[tuple[str, str]]:
    """Scripted agents of known target, and that target."""
    pursuers = [(f"oracle:{name},noise=0.1", name) for name in spec.candidate_names]
    return [*pursuers, ("random", NOTHING)]


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _apart(items: Sequence[Item]) -> list[Item]:
    """The items in the same order, as far as no two neighbours share a layout."""
    waiting, placed = list(items), []
    while waiting:
        last = placed[-1].layout if placed else ""
        fitting = [place for place, item in enumerate(waiting) if item.layout != last]
        if fitting:
            placed.append(waiting.pop(fitting[0]))
            continue
        # Only one layout is left over: its items go between earlier ones.
        item = waiting.pop(0)
        gaps = [
            place
            for place in range(len(placed) - 1)
            if item.layout not in (placed[place].layout, placed[place + 1].layout)
        ]
        if not gaps and placed and placed[0].layout != item.layout:
            placed.insert(0, item)
        elif gaps:
            placed.insert(gaps[0] + 1, item)
        else:
            raise FalseBeaconError(
                "most episodes are on one layout, so that twins would follow each other: ask for"
                " fewer with --items."
            )
    return placed
