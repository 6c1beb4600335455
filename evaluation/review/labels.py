"""Labels of a blinded session, as its page saves them."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from evaluation.review.catalogue import Reviewed
from evaluation.review.queue import NOTHING, UNSURE, Item, Queue, make_queue
from minecraft_tasks.core.errors import FalseBeaconError, StaleError
from minecraft_tasks.core.records import SchemaVersion, VersionedRecord


class Labels(VersionedRecord):
    """The file of one rater.

    Attributes:
        queue: Digest of the queue.
        items: How many there were.
        labels: Token -> candidate, ``nothing`` or ``cannot tell``; items may be missing.
        seconds: Token -> time until the label was given.
    """

    REMEDY: ClassVar[str] = "save the labels again from their page"

    schema_version: SchemaVersion = 1
    task: str
    task_hash: str
    queue: str
    rater: str
    items: int
    labels: dict[str, str]
    seconds: dict[str, float] = Field(default_factory=dict)


def read_labels(path: Path, reviewed: Reviewed) -> tuple[Queue, dict[str, str]]:
    """Reads the labels of a session of an evaluation.

    Returns:
        The queue, and token -> label.

    Raises:
        CorruptFileError: If the file cannot be read.
        StaleError: If it is of another evaluation.
        FalseBeaconError: If a label is none of the task's.
    """
    found = Labels.read(path)
    queue = make_queue(reviewed, found.rater, found.items)
    if found.queue != queue.digest:
        raise StaleError(
            f"{path} has the labels of another session than one of {reviewed.label}: name the"
            " evaluation that it was made of with --against."
        )
    known = (*reviewed.spec.candidate_names, NOTHING, UNSURE)
    tokens = {item.token for item in queue.items}
    for token, label in found.labels.items():
        if token not in tokens or label not in known:
            raise FalseBeaconError(
                f"{path} labels {token} as {label!r}: known are {', '.join(known)}."
            )
    return queue, found.labels


def by_unit(queue: Queue, labels: dict[str, str]) -> dict[str, tuple[Item, list[str]]]:
    """Unit -> its item and the labels of its showings, in their order; unlabelled ones left out."""
    found: dict[str, tuple[Item, list[str]]] = {}
    for item in queue.items:
        if item.token in labels:
            found.setdefault(item.unit, (item, []))[1].append(labels[item.token])
    return found
