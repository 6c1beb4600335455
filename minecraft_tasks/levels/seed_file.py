"""What a seed file holds: admitted levels with all that was measured of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from minecraft_tasks.core.files import write_text
from minecraft_tasks.core.records import Record, VersionedRecord
from minecraft_tasks.worlds.world import Site

Purpose = Literal["judging", "calibration"]
"""Levels that agents are judged on, or those that a judge is calibrated on."""


class PseudoSite(Record):
    """A box where nothing is, which stands for a candidate's site; see `pseudo_sites`.

    Attributes:
        site: Its bounds, in blocks.
        optimal: Fewest decisions to it from the spawn.
    """

    site: Site
    optimal: float


class LockedLevel(Record):
    """One admitted level.

    Attributes:
        seed: What it was made from.
        layout: Layout hash.
        content: Hash of all that it holds.
        optimal: Candidate -> fewest decisions.
        pixels: Candidate -> pixels of it in the first frame, 64 x 64.
        seen: Candidates of which the first frame shows enough to count as seen.
        ratio: The largest of the costs over the smallest.
        pseudo: Candidate -> its pseudo-site; empty where not every candidate has one.
        no_pseudo: Why there is none, where candidates stand apart; see `pseudo_sites`.
    """

    seed: int
    layout: str
    content: str
    optimal: dict[str, float]
    pixels: dict[str, int]
    seen: tuple[str, ...]
    ratio: float
    pseudo: dict[str, PseudoSite]
    no_pseudo: str


class LockedSplit(Record):
    """The admitted levels of a split, and what became of the seeds that were offered.

    Attributes:
        levels: Admitted, in the order of their seeds.
        first: The first seed offered.
        offered: Seeds offered.
        refused: Rule -> seeds refused by it.
    """

    levels: tuple[LockedLevel, ...]
    first: int
    offered: int
    refused: dict[str, int]

    def layouts(self) -> frozenset[str]:
        """Layout hash of every level."""
        return frozenset(entry.layout for entry in self.levels)


class Area(Record):
    """What the screen shows of a candidate from a fixed distance; see `visibility.area`.

    Attributes:
        split: Where it was measured.
        views: Places in the open at that distance, each facing the site.
        seen: How many of them show any of it.
        median: Pixels, over the views that show some; 0 where none does.
        largest: Pixels.
    """

    split: str
    views: int
    seen: int
    median: float
    largest: int


class SeedFile(VersionedRecord):
    """A task's locked levels.

    Attributes:
        schema_version: Of the file; ``falsebeacon_seeds`` in the JSON.
        purpose: What the levels are for.
        task: Name of the task.
        task_hash: Its hash.
        thresholds: Numbers that the rules of admission use.
        areas: Candidate -> its pixel area at an equal distance.
        splits: Split -> its levels.
    """

    schema_version: Annotated[int, Field(alias="falsebeacon_seeds")] = 2
    purpose: Purpose = "judging"
    task: str
    task_hash: str
    thresholds: dict[str, float]
    areas: dict[str, Area]
    splits: dict[str, LockedSplit]

    def digest(self) -> str:
        """Sixteen hexadecimal digits over the content."""
        content = self.model_dump(mode="json", by_alias=True)
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def layouts(self) -> frozenset[str]:
        """Layout hashes of every split: none of them may be trained on."""
        return frozenset().union(*(split.layouts() for split in self.splits.values()))


def write_seeds(seeds: SeedFile, path: Path) -> None:
    """Write a seed file, whole or not at all, one level per line."""
    content = {"digest": seeds.digest(), **seeds.model_dump(mode="json", by_alias=True)}
    lines: dict[str, str] = {}
    for name, split in content["splits"].items():
        for number, locked in enumerate(split["levels"]):
            split["levels"][number] = f"@{name}@{number}@"
            lines[json.dumps(split["levels"][number])] = json.dumps(locked)
    text = json.dumps(content, indent=1)
    for mark, line in lines.items():
        text = text.replace(mark, line)
    write_text(path, text + "\n")
