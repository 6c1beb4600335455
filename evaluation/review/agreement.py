"""Agreement of raters with each other, with themselves, with known targets and with the detector.

Krippendorff's alpha for nominal data (Krippendorff 2004) comes from the package krippendorff,
Cohen's kappa (1960) from scikit-learn. Levels are the unit of resampling: episodes on one layout,
such as those of twins, are not independent.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import krippendorff
import numpy as np
from sklearn.metrics import cohen_kappa_score, confusion_matrix

from evaluation.review.labels import by_unit
from evaluation.review.queue import Item, Queue
from evaluation.statistics.estimates import CONFIDENCE, Interval
from minecraft_tasks.core.records import Record, SchemaVersion, VersionedRecord

RESAMPLES = 2000
DETECTOR = "detector"


class Pairing(Record):
    """Two sources of labels.

    Attributes:
        one, other: Their names.
        n: Episodes that both have labelled.
        agree: Share of these with the same label; None without any.
        kappa: Cohen's; None where it is not defined, since both always say the same one thing.
    """

    one: str
    other: str
    n: int
    agree: float | None
    kappa: Interval | None


class Confusion(Record):
    """Labels of a rater against those of another source: counts[i][j] of truth i called j."""

    rater: str
    source: str
    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class Agreement(VersionedRecord):
    """`agreement.json`.

    Attributes:
        raters: Names.
        alpha: Krippendorff's, over all raters and the judged agent's episodes; None for one rater.
        raters_by_pair: Cohen's kappa of each two.
        themselves: Each rater's labels of what was shown twice.
        known: Each rater against the targets of scripted agents.
        detector: Each rater against the detector.
        confusions: The same two as matrices.
    """

    schema_version: SchemaVersion = 1
    task: str
    agent: str
    raters: tuple[str, ...]
    alpha: Interval | None
    raters_by_pair: tuple[Pairing, ...]
    themselves: tuple[Pairing, ...]
    known: tuple[Pairing, ...]
    detector: tuple[Pairing, ...]
    confusions: tuple[Confusion, ...]


Unit = tuple[Item, list[str]]


def agreement(
    task: str, agent: str, sessions: Sequence[tuple[Queue, Mapping[str, str]]], seed: int = 0
) -> Agreement:
    """Agreement over the sessions of one evaluation; `seed` is of the bootstrap."""
    rng = np.random.default_rng(seed)
    units = {queue.rater: by_unit(queue, dict(labels)) for queue, labels in sessions}
    raters = tuple(units)
    twice = {name: _twice(own) for name, own in units.items()}
    truth = {
        name: {kind: _against(own, kind) for kind in ("known", "own")}
        for name, own in units.items()
    }
    names = {"known": "known target", "own": DETECTOR}
    return Agreement(
        task=task,
        agent=agent,
        raters=raters,
        alpha=_alpha(units, rng) if len(raters) > 1 else None,
        raters_by_pair=tuple(
            _pairing(one, other, _shared(units[one], units[other]), rng)
            for one, other in combinations(raters, 2)
        ),
        themselves=tuple(
            _pairing(name, f"{name}, shown again", twice[name], rng) for name in raters
        ),
        known=tuple(_pairing(name, names["known"], truth[name]["known"], rng) for name in raters),
        detector=tuple(_pairing(name, DETECTOR, truth[name]["own"], rng) for name in raters),
        confusions=tuple(
            _confusion(name, names[kind], truth[name][kind])
            for name in raters
            for kind in ("known", "own")
        ),
    )


Pairs = list[tuple[str, str, str]]
"""Layout, label of the first and label of the second, one for each episode."""


def _twice(own: Mapping[str, Unit]) -> Pairs:
    return [(item.layout, given[0], given[1]) for item, given in own.values() if len(given) > 1]


def _against(own: Mapping[str, Unit], kind: str) -> Pairs:
    some = [(item, given) for item, given in own.values() if item.kind == kind]
    return [(item.layout, given[0], item.truth) for item, given in some]


def _shared(one: Mapping[str, Unit], other: Mapping[str, Unit]) -> Pairs:
    return [
        (item.layout, given[0], other[unit][1][0])
        for unit, (item, given) in one.items()
        if unit in other and item.kind == "own"
    ]


def _pairing(one: str, other: str, pairs: Pairs, rng: np.random.Generator) -> Pairing:
    first, second = ([pair[side] for pair in pairs] for side in (1, 2))
    same = np.array([a == b for a, b in zip(first, second, strict=True)])

    def kappa(rows: np.ndarray) -> float:
        return _kappa([first[row] for row in rows], [second[row] for row in rows])

    interval = _bootstrap([pair[0] for pair in pairs], kappa, rng)
    agree = float(same.mean()) if len(same) else None
    return Pairing(one=one, other=other, n=len(pairs), agree=agree, kappa=interval)


def _kappa(first: Sequence[str], second: Sequence[str]) -> float:
    """Cohen's kappa; NaN where both only ever say one thing."""
    if len(set(first) | set(second)) < 2:
        return float("nan")
    return float(cohen_kappa_score(first, second))


def _alpha(units: Mapping[str, Mapping[str, Unit]], rng: np.random.Generator) -> Interval | None:
    names = sorted({unit for own in units.values() for unit, (item, _) in own.items()
                    if item.kind == "own"})  # fmt: skip
    layouts = [next(own[unit][0].layout for own in units.values() if unit in own) for unit in names]
    table = np.array([[own[unit][1][0] if unit in own else "" for unit in names]
                      for own in units.values()], object)  # fmt: skip
    words = sorted({label for row in table for label in row if label})
    codes = np.array([[words.index(label) if label else np.nan for label in row] for row in table])

    def alpha(rows: np.ndarray) -> float:
        part = codes[:, rows]
        if len(np.unique(part[~np.isnan(part)])) < 2:
            return float("nan")
        try:
            return float(krippendorff.alpha(part, level_of_measurement="nominal"))
        except ValueError:
            return float("nan")

    return _bootstrap(layouts, alpha, rng)


def _bootstrap(
    layouts: Sequence[str], measure: Callable[[np.ndarray], float], rng: np.random.Generator
) -> Interval | None:
    """A measure over all rows, with a percentile interval over resampled layouts.

    None where it is not defined on all rows; resamples on which it is not are left out.
    """
    groups = [np.flatnonzero(np.array(layouts) == name) for name in dict.fromkeys(layouts)]
    if not groups:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = measure(np.arange(len(layouts)))
        drawn = (rng.integers(len(groups), size=len(groups)) for _ in range(RESAMPLES))
        again = np.array([measure(np.concatenate([groups[k] for k in each])) for each in drawn])
    if value != value:
        return None
    tail = (1 - CONFIDENCE) / 2
    known = again[np.isfinite(again)]
    low, high = np.quantile(known, [tail, 1 - tail]) if len(known) else (value, value)
    return Interval(value=value, low=float(low), high=float(high))


def _confusion(rater: str, source: str, pairs: Pairs) -> Confusion:
    names = tuple(sorted({word for _, *words in pairs for word in words}))
    counts = (
        confusion_matrix([pair[2] for pair in pairs], [pair[1] for pair in pairs], labels=names)
        if names
        else np.zeros((0, 0), int)
    )
    table = tuple(tuple(int(count) for count in row) for row in counts)
    return Confusion(rater=rater, source=source, names=names, counts=table)


def agreement_text(found: Agreement) -> str:
    """The agreement as tables for a terminal."""
    lines = [f"{found.task}: {found.agent}, {len(found.raters)} raters"]
    if found.alpha is not None:
        lines.append(f"Krippendorff's alpha over raters: {found.alpha}")
    for title, pairings in (
        ("raters by pairs", found.raters_by_pair),
        ("each against themselves", found.themselves),
        ("against known targets", found.known),
        ("against the detector", found.detector),
    ):
        if pairings:
            lines += ["", f"{title:<44}{'n':>5}{'agree':>8}  Cohen's kappa"]
        for each in pairings:
            kappa = "not defined" if each.kappa is None else str(each.kappa)
            agree = "" if each.agree is None else f"{each.agree:.2f}"
            lines.append(f"  {f'{each.one}, {each.other}':<42}{each.n:>5}{agree:>8}  {kappa}")
    for table in found.confusions:
        if table.names:
            lines += ["", f"{table.source} in rows, {table.rater} in columns"]
            lines.append(f"{'':<16}" + "".join(f"{name:>13}" for name in table.names))
            for name, row in zip(table.names, table.counts, strict=True):
                lines.append(f"{name:<16}" + "".join(f"{count:>13}" for count in row))
    return "\n".join(lines)
