"""Two engines show the same levels: how far apart are bodies and pictures?

Whoever runs this against anything but Minecraft proves client, mission and protocol, not
rendering, physics or block placement in Minecraft. Nothing here can tell the two cases apart.
"""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

from evaluation.parity.bars import checks
from evaluation.parity.comparison import Comparison
from evaluation.parity.engines import Sides, machine, open_sides
from evaluation.parity.levels import chosen_levels
from evaluation.parity.page import write_page
from evaluation.parity.record import ARCHIVE, FRAMES, PARITY_FILE, PARITY_PAGE, WALKS, Parity
from evaluation.parity.walks import write_walks
from evaluation.records.info import command, now
from evaluation.records.requests import ParityRequest
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import published, require_own
from minecraft_tasks.core.progress import StageProgress
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.visibility.footprint import FRAME_SIDE
from policies.runs.provenance import git_state, package_versions


def compare(request: ParityRequest, out: Path, progress: StageProgress) -> Parity:
    """Holds one engine against another, and writes a parity directory.

    Files appear in `out` only when all of them are made.

    Args:
        request: What to compare, and how much of it.
        out: The parity directory.
        progress: Told how far it is.

    Raises:
        FalseBeaconError: If the task or a split is unknown, an engine cannot be had or shows no
            level at all, or `out` is something else than a parity directory.
    """
    require_own(out, PARITY_FILE, "parity directory")
    if min(request.levels, request.poses) < 1:
        raise FalseBeaconError("a comparison needs at least one level, and one pose on each.")
    task = find_task(request.task)
    bank = chosen_levels(task, request.levels, request.splits)
    sides = open_sides(task.spec, request, FRAME_SIDE)
    try:
        return compare_sides(request, out, bank, sides, progress)
    finally:
        for engine in sides:
            engine.close()


def compare_sides(
    request: ParityRequest, out: Path, bank: LevelBank, sides: Sides, progress: StageProgress
) -> Parity:
    """`compare`, of engines and levels that are there."""
    started, spec = time.monotonic(), find_task(request.task).spec
    with published(out, (FRAMES, PARITY_PAGE)) as made:
        found = Comparison(sides, request.sides, spec, bank, made)
        for row in range(len(bank)):
            progress("levels", row, len(bank))
            found.level(row, request.poses, request.seed)
        progress("levels", len(bank), len(bank))
        if not found.walked:
            raise FalseBeaconError(f"no level could be shown: {found.levels[0].refusal}")
        write_walks(made / WALKS, found.walked, [action.name for action in spec.actions])
        parity = _record(spec, request, found, sides, time.monotonic() - started)
        parity.write(made / PARITY_FILE)
        write_page(made)
        _pack(made)
    return parity


def _record(
    spec: TaskSpec, request: ParityRequest, found: Comparison, sides: Sides, seconds: float
) -> Parity:
    """Everything that was found, and with what."""
    walks, blocks = tuple(row for row, _, _ in found.walked), found.blocks
    compared = None if request.settings is None else request.settings.compare
    return Parity(
        task=spec.name,
        version=spec.version,
        task_hash=spec.task_hash,
        tested=request.backend,
        against=request.against,
        minerl=request.settings,
        names_compared=compared,
        restarts=sum(getattr(engine, "restarts", 0) for engine in sides),
        note=request.note,
        seed=request.seed,
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
