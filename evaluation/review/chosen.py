"""Choice of the episodes that a static site holds: by rule, by filter, or by number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.records.clip_selection import choose_clips
from evaluation.review.catalogue import Reviewed, find, rows_of
from minecraft_tasks.core.errors import FalseBeaconError, lookup

FILTERED = ("mode", "split", "class", "first", "success", "disagrees", "cycle", "level", "seed")
"""Columns that a filter may name."""


def chosen(
    reviewed: Reviewed, episodes: Sequence[int], where: Sequence[str], most: int
) -> list[int]:
    """Numbers of the episodes of an evaluation that a site holds, in order.

    These are the ones that `choose_clips` takes for the report and those of their twins, or
    those of the filters, and in any case those that are named by number.

    Args:
        reviewed: The evaluation.
        episodes: Numbers; all of them are held.
        where: Filters COLUMN=VALUE, all of which must hold.
        most: Of the filtered episodes, the first so many are held.

    Raises:
        FalseBeaconError: If there is no such episode, or a filter names no column.
    """
    found = {find(reviewed, episode): episode for episode in episodes}
    numbers = set(found.values())
    if where:
        numbers |= set(_filtered(reviewed, where)[:most])
    if not where:
        own = reviewed.episodes.own
        mode = reviewed.verdict.headline
        clips = choose_clips(own.where(mode=mode, valid=True), reviewed.spec)
        numbers |= {clip.episode for clip in clips}
        columns = rows_of(reviewed)
        twin = dict(zip(columns["episode"].tolist(), columns["twin"].tolist(), strict=True))
        numbers |= {twin[number] for number in numbers if twin[number] >= 0}
    return sorted(numbers)


def _filtered(reviewed: Reviewed, where: Sequence[str]) -> list[int]:
    columns = rows_of(reviewed)
    keep = np.ones(len(columns["episode"]), bool)
    for text in where:
        name, equals, value = text.partition("=")
        if not equals:
            raise FalseBeaconError(f"filter {text!r} is not COLUMN=VALUE, such as split=heldout.")
        lookup("column of a filter", name, dict.fromkeys(FILTERED))
        keep &= _equal(columns[name], name, value)
    return columns["episode"][keep].tolist()


def _equal(column: np.ndarray, name: str, value: str) -> np.ndarray:
    if column.dtype.kind in "OU":
        words = sorted(set(column.astype(str)) - {""})
        lookup(f"value of {name}", value, dict.fromkeys(words))
        return column.astype(str) == value
    if column.dtype.kind == "b" or name == "cycle":
        words = {"yes": True, "no": False}
        return (column > 0) == lookup(f"value of {name}", value, words)
    try:
        return column == int(value)
    except ValueError:
        raise FalseBeaconError(f"filter {name}={value}: {value!r} is no whole number.") from None
