"""The records of a seed file: admitted levels and their measurements."""

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
    """Control region of a candidate: an empty box that is as accessible; see `pseudo_sites`.

    Attributes:
        site: Its bounds, in blocks.
        optimal: Fewest decisions to it from the spawn.
    """

    site: Site
    optimal: float


class LockedLevel(Record):
    """One admitted level.

    Attributes:
        seed: Seed that generates it.
        layout: Layout hash.
        content: Content hash.
        optimal: Candidate -> fewest decisions.
        pixels: Candidate -> its pixels in the first frame, 64 x 64.
        seen: Candidates with enough pixels in the first frame to count as seen.
        around: Candidates that a whole turn on the spot at the spawn shows, as `seen`.
        bearings: Candidate -> degrees to the right of the first heading, of the place of its site
            that is nearest to the spawn.
        sun: The same of the sun; None where it is overhead.
        films: Hash of what the best path to each group of `Split.sites` shows; see
            `visibility.film`.
        ratio: Largest cost divided by the smallest.
        pseudo: Candidate -> its pseudo-site; empty where not every candidate has one.
        no_pseudo: Rule that left no pseudo-site, where candidates are apart; see `pseudo_sites`.
    """

    seed: int
    layout: str
    content: str
    optimal: dict[str, float]
    pixels: dict[str, int]
    seen: tuple[str, ...]
    around: tuple[str, ...]
    bearings: dict[str, float]
    sun: float | None
    films: tuple[str, ...]
    ratio: float
    pseudo: dict[str, PseudoSite]
    no_pseudo: str


class LockedSplit(Record):
    """The admitted levels of a split, and counts of the seeds that were refused.

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

    def films(self) -> frozenset[str]:
        """Every film of every level."""
        return frozenset(film for entry in self.levels for film in entry.films)


class Area(Record):
    """Pixel area of a candidate at a fixed distance; see `visibility.area`.

    Attributes:
        split: Split whose levels were measured.
        views: Number of views from that distance with a free line of sight.
        seen: Number of views in which the candidate has pixels.
        median: Pixels, over those views; 0 where there are none.
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
        schema_version: ``falsebeacon_seeds`` in the JSON.
        purpose: Use of the levels.
        task: Name of the task.
        task_hash: Its hash.
        thresholds: Thresholds of the rules of admission.
        areas: Candidate -> its pixel area at an equal distance.
        splits: Split -> its levels.
    """

    schema_version: Annotated[int, Field(alias="falsebeacon_seeds")] = 3
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
        """Layout hashes of every split, which training levels must not have."""
        return frozenset().union(*(split.layouts() for split in self.splits.values()))

    def films(self) -> frozenset[str]:
        """Films of every split."""
        return frozenset().union(*(split.films() for split in self.splits.values()))


def write_seeds(seeds: SeedFile, path: Path) -> None:
    """Writes a seed file atomically, one level per line."""
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
