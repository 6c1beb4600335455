"""`parity.json`: how far two engines that show the same levels are from each other."""

from __future__ import annotations

from pathlib import Path

from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.records import Record, SchemaVersion, VersionedRecord
from policies.runs.provenance import Git

PARITY_FILE, WALKS, PARITY_PAGE, ARCHIVE, FRAMES = (
    "parity.json", "walks.csv", "parity.html", "parity.zip", "frames",
)  # fmt: skip
"""Files of a parity directory, and its folder of pictures."""

AGAIN = "run `falsebeacon parity` again"

EQUAL, CLOSE = 1e-3, 0.05
"""Blocks: bodies that are no farther apart are in the same place, and nearly so."""

STRIKING = 48
"""Threshold, of 255: a pixel that differs by more in any channel shows something else."""

MeanColour = tuple[float, float, float]
"""Red, green and blue, 0 to 255, or differences of them."""


class LevelShown(Record):
    """A level that both engines were asked to show.

    Attributes:
        split: Its split.
        level_seed: Its seed.
        time: Time of day in ticks.
        refusal: Why it was not shown to the end, in the engine's words; empty where it was.
    """

    split: str
    level_seed: int
    time: int
    refusal: str = ""


class WalkRow(Record):
    """One list of decisions, made by a body on either side; the bodies are never synchronised.

    Attributes:
        split: Split of the level.
        level_seed: Seed of the level.
        walk: Which of the level's walks.
        decisions: Asked for.
        made: Made by both bodies.
        fault: Why an engine did not go on; empty where it did.
        start: Blocks between the bodies before the first decision.
        farthest: Most blocks between them after any.
        final: Blocks between them after the last.
        yaw: Most degrees between their headings.
        beyond_equal: Decisions made when they were first more than `EQUAL` apart; None for never.
        beyond_close: The same for `CLOSE`.
        striking: Share of all pixels of all decisions that differ by more than `STRIKING`.
    """

    split: str
    level_seed: int
    walk: str
    decisions: int
    made: int
    fault: str
    start: float
    farthest: float
    final: float
    yaw: float
    beyond_equal: int | None
    beyond_close: int | None
    striking: float

    @property
    def where(self) -> str:
        """Names the walk."""
        return f"{self.split} seed {self.level_seed}, walk {self.walk}"


class Still(Record):
    """Both engines' pictures from one pose.

    Attributes:
        split: Split of the level.
        level_seed: Seed of the level.
        aim: Purpose of the pose.
        pose: Feet x, y, z in blocks and yaw in degrees.
        apart: Most blocks between that place and where either body stands.
        striking: Share of pixels that differ by more than `STRIKING`.
        file: The two pictures and their difference side by side, in the parity directory.
    """

    split: str
    level_seed: int
    aim: str
    pose: tuple[float, float, float, float]
    apart: float
    striking: float
    file: str

    @property
    def where(self) -> str:
        """Names the pose."""
        return f"{self.split} seed {self.level_seed}, {self.aim}"


class PixelGroup(Record):
    """Pixels of one block over all stills, either inside it or at its edges.

    Attributes:
        pixels: Their number.
        mean: Mean absolute difference by channel.
        most: Largest absolute difference by channel.
        striking: Share that differs by more than `STRIKING` in any channel.
    """

    pixels: int
    mean: MeanColour = (0.0, 0.0, 0.0)
    most: MeanColour = (0.0, 0.0, 0.0)
    striking: float = 0.0


class BlockRow(Record):
    """The look of one block, or of the sky, the sun or a beam, on either side.

    Attributes:
        name: Name in the palette, or ``sky``, ``sun`` or ``beam``.
        marks: Candidates that it shows.
        inside: Pixels around which the picture shows the same block.
        edge: The others, where what is misplaced differs.
        tested: Mean colour inside, of the engine that is tested.
        against: The same of the other.
    """

    name: str
    marks: tuple[str, ...] = ()
    inside: PixelGroup
    edge: PixelGroup
    tested: MeanColour = (0.0, 0.0, 0.0)
    against: MeanColour = (0.0, 0.0, 0.0)

    @property
    def off(self) -> float:
        """Largest difference of the mean colours in any channel."""
        return max(abs(a - b) for a, b in zip(self.tested, self.against, strict=True))


class Check(Record):
    """One bar, and whether it was met.

    Attributes:
        what: Quantity that was measured.
        bar: The requirement, in words.
        measured: The result, in words.
        value: The same as a number; None where nothing was measured, which meets no bar.
        limit: Largest value that passes.
        where: Place of that value; empty where it is about all.
        reason: Reason of the bar.
        passed: Whether it was met.
    """

    what: str
    bar: str
    measured: str
    value: float | None
    limit: float
    where: str
    reason: str
    passed: bool


class Parity(VersionedRecord):
    """`parity.json`.

    Attributes:
        schema_version: Version of this file; ``schema`` in the JSON.
        task: Name of the task.
        version: Its version.
        task_hash: Its hash.
        tested: The engine that is tested.
        against: The engine that it is held against.
        minerl: Settings of Minecraft, where it was one side.
        names_compared: Whether the engine that is tested reads back the names of all drawn blocks;
            None for one that draws the level's own array.
        restarts: Count of Minecrafts that were replaced after failures.
        note: Note of the person who ran it.
        seed: Seed of poses and of random walks.
        checks: Every bar, and whether it was met.
        levels: All levels, shown or refused.
        walks: Walks of all levels.
        stills: Stills of all levels.
        blocks: All blocks that stills show.
        machine: The machine, by property.
        versions: Package -> version.
        git: Revision of the source.
        command: The command line.
        created: UTC time, ISO 8601.
        seconds: Wall time.
    """

    schema_version: SchemaVersion = 1
    task: str
    version: int
    task_hash: str
    tested: str
    against: str
    minerl: MineRLSettings | None
    names_compared: bool | None
    restarts: int
    note: str
    seed: int
    checks: tuple[Check, ...]
    levels: tuple[LevelShown, ...]
    walks: tuple[WalkRow, ...]
    stills: tuple[Still, ...]
    blocks: tuple[BlockRow, ...]
    machine: dict[str, str]
    versions: dict[str, str]
    git: Git
    command: tuple[str, ...]
    created: str
    seconds: float

    @property
    def unmet(self) -> tuple[Check, ...]:
        """Bars that were not met."""
        return tuple(check for check in self.checks if not check.passed)


def read_parity(directory: Path) -> Parity:
    """Reads the `parity.json` of a parity directory; errors as in `VersionedRecord.read`."""
    return Parity.read(directory / PARITY_FILE, AGAIN)
