"""Two engines show the same levels: how far apart are bodies and pictures?

Whoever runs this against anything but Minecraft proves client, mission and protocol, not
rendering, physics or block placement in Minecraft. Nothing here can tell the two cases apart.
"""

from __future__ import annotations

import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from evaluation.parity.bars import checks
from evaluation.parity.comparison import Comparison
from evaluation.parity.engines import Sides, machine, names_compared, open_sides
from evaluation.parity.levels import chosen_levels
from evaluation.parity.page import write_page
from evaluation.parity.record import ARCHIVE, FRAMES, PARITY_FILE, PARITY_PAGE, WALKS, Parity
from evaluation.parity.walks import write_walks
from evaluation.records.info import command, now
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import published, require_own
from minecraft_tasks.core.progress import StageProgress
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.visibility.footprint import FRAME_SIDE
from policies.runs.provenance import git_state, package_versions


class Asked(NamedTuple):
    """What to compare, and how much of it.

    Attributes:
        tested: Name of the engine that is tested.
        against: Name of the engine that it is held against.
        levels: Levels over all splits.
        poses: Still poses on each.
        splits: Splits that levels are taken from; a few of different kinds where empty.
        seed: Of poses and of random walks.
        minerl: How Minecraft is run.
        note: For the page.
    """

    tested: str
    against: str = "voxel"
    levels: int = 4
    poses: int = 12
    splits: Sequence[str] = ()
    seed: int = 0
    minerl: MineRLSettings | None = None
    note: str = ""


def compare(task: Task, out: Path, asked: Asked, progress: StageProgress) -> Parity:
    """Holds one engine against another, and writes a parity directory.

    Files appear in `out` only when all of them are made.

    Args:
        task: The task family.
        out: The parity directory.
        asked: What to compare.
        progress: Told how far it is.

    Raises:
        FalseBeaconError: If an engine cannot be had or shows no level at all, a split is unknown,
            or `out` is something else than a parity directory.
    """
    require_own(out, PARITY_FILE, "parity directory")
    if min(asked.levels, asked.poses) < 1:
        raise FalseBeaconError("a comparison needs at least one level, and one pose on each.")
    bank = chosen_levels(task, asked.levels, asked.splits)
    sides = open_sides(task.spec, asked.tested, asked.against, FRAME_SIDE, asked.minerl)
    try:
        return compare_sides(task, out, asked, bank, sides, progress)
    finally:
        for engine in sides:
            engine.close()


def compare_sides(
    task: Task, out: Path, asked: Asked, bank: LevelBank, sides: Sides, progress: StageProgress
) -> Parity:
    """`compare`, of engines and levels that are there."""
    started = time.monotonic()
    with published(out, (FRAMES, PARITY_PAGE)) as made:
        found = Comparison(sides, (asked.tested, asked.against), task.spec, bank, made)
        for row in range(len(bank)):
            progress("levels", row, len(bank))
            found.level(row, asked.poses, asked.seed)
        progress("levels", len(bank), len(bank))
        if not found.walked:
            raise FalseBeaconError(f"no level could be shown: {found.levels[0].refusal}")
        write_walks(made / WALKS, found.walked, [action.name for action in task.spec.actions])
        parity = _record(task, asked, found, sides, time.monotonic() - started)
        parity.write(made / PARITY_FILE)
        write_page(made)
        _pack(made)
    return parity


def _record(task: Task, asked: Asked, found: Comparison, sides: Sides, seconds: float) -> Parity:
    """Everything that was found, and with what."""
    walks, blocks = tuple(row for row, _, _ in found.walked), found.blocks
    compared = names_compared((asked.tested, asked.against), asked.minerl)
    return Parity(
        task=task.spec.name,
        version=task.spec.version,
        task_hash=task.spec.task_hash,
        tested=asked.tested,
        against=asked.against,
        minerl=asked.minerl,
        names_compared=compared,
        restarts=sum(getattr(engine, "restarts", 0) for engine in sides),
        note=asked.note,
        seed=asked.seed,
        checks=checks(found.levels, walks, found.stills, blocks, compared),
        levels=tuple(found.levels),
        walks=walks,
        stills=tuple(found.stills),
        blocks=blocks,
        machine=machine(),
        versions=package_versions(),
        git=git_state(),
        command=command(),
        created=now(),
        seconds=round(seconds, 1),
    )


def _pack(directory: Path) -> None:
    """Everything in one file that can be sent."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    with zipfile.ZipFile(directory / ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(directory))
