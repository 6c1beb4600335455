"""Two engines show the same levels: how far apart are bodies and pictures?

A comparison with anything but Minecraft proves client, mission and protocol, not rendering, physics
or block placement in Minecraft. Nothing here can tell the two cases apart.
"""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import numpy as np

from evaluation.parity.bars import checks
from evaluation.parity.engines import Sides, machine, open_sides
from evaluation.parity.levels import chosen_levels
from evaluation.parity.page import write_page
from evaluation.parity.pictures import side_by_side, write_picture
from evaluation.parity.pixels import PixelTally
from evaluation.parity.poses import GazePose, poses
from evaluation.parity.record import (
    ARCHIVE,
    FRAMES,
    PARITY_FILE,
    PARITY_PAGE,
    WALKS,
    LevelShown,
    Parity,
    Still,
)
from evaluation.parity.scripts import walk_scripts
from evaluation.parity.walks import (
    LevelRefused,
    Walked,
    difference,
    pictures,
    put_at_pose,
    strikes,
    walk_both,
    write_walks,
)
from evaluation.records.info import command, now
from evaluation.records.requests import ParityRequest
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import published, require_own
from minecraft_tasks.core.progress import StageProgress
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.visibility.footprint import FRAME_SIDE
from policies.runs.provenance import git_state, package_versions


def compare(request: ParityRequest, out: Path, progress: StageProgress) -> Parity:
    """Compares one engine with another, and writes a parity directory.

    Files appear in `out` only when all of them are made.

    Args:
        request: Task, engines, and numbers of levels and poses.
        out: The parity directory.
        progress: Called after each level.

    Raises:
        FalseBeaconError: If the task or a split is unknown, an engine cannot be had or shows no
            level at all, or `out` is something else than a parity directory.
    """
    require_own(out, PARITY_FILE, "parity directory")
    if min(request.levels, request.poses) < 1:
        raise FalseBeaconError("a comparison needs at least one level, and one pose on each.")
    task = find_task(request.task)
    bank = chosen_levels(task, request.levels, request.splits)
    sides = open_sides(task.spec, request)
    try:
        return compare_sides(request, out, bank, sides, progress)
    finally:
        for engine in sides:
            engine.close()


def compare_sides(
    request: ParityRequest, out: Path, bank: LevelBank, sides: Sides, progress: StageProgress
) -> Parity:
    """`compare`, with given engines and levels."""
    started = time.monotonic()
    with published(out, (FRAMES, PARITY_PAGE)) as made:
        comparison = Comparison(request, sides, bank, made)
        for row in range(len(bank)):
            progress("levels", row, len(bank))
            comparison.level(row)
        progress("levels", len(bank), len(bank))
        walked, actions = comparison.walked, comparison.spec.actions
        if not walked:
            raise FalseBeaconError(f"no level could be shown: {comparison.levels[0].refusal}")
        write_walks(made / WALKS, walked, [action.name for action in actions])
        parity = comparison.record(time.monotonic() - started)
        parity.write(made / PARITY_FILE)
        write_page(made)
        _pack(made)
    return parity


class Comparison:
    """Walks and stills of two engines on the levels that they have shown so far."""

    def __init__(
        self, request: ParityRequest, sides: Sides, bank: LevelBank, directory: Path
    ) -> None:
        self.spec = find_task(request.task).spec
        self._request, self._sides = request, sides
        self._bank, self._directory = bank, directory
        self._tally = PixelTally()
        self.levels: list[LevelShown] = []
        self.walked: list[Walked] = []
        self.stills: list[Still] = []

    def level(self, row: int) -> None:
        """Walks on a level and looks at it from poses, until an engine refuses it."""
        bank = self._bank
        rng = np.random.default_rng([self._request.seed, row])
        refusal = ""
        try:
            for script in walk_scripts(self.spec, bank, row, rng):
                self.walked.append(walk_both(self._sides, self.spec, bank, row, script))
            for index, pose in enumerate(poses(self.spec, bank, row, self._request.poses, rng)):
                self._look(row, index, pose)
        except LevelRefused as error:
            refusal = str(error)
        split, seed, moment = bank.splits[row], int(bank.seeds[row]), int(bank.time[row])
        self.levels.append(LevelShown(split=split, level_seed=seed, time=moment, refusal=refusal))

    def _look(self, row: int, index: int, pose: GazePose) -> None:
        """Takes both pictures from one pose."""
        bank, sides = self._bank, self._sides
        spawn = np.array([*pose.feet, pose.yaw, 0.0])
        put_at_pose(sides, bank.blocks[row], spawn, int(bank.time[row]))
        seen, ids = pictures(sides), np.empty((1, FRAME_SIDE, FRAME_SIDE), np.uint8)
        sides.against.ids(ids)
        self._tally.add(seen, ids[0])
        split, level_seed = bank.splits[row], int(bank.seeds[row])
        file = f"{FRAMES}/{split.replace('/', '-')}-{level_seed}-{index:02d}.png"
        apart = [np.linalg.norm(engine.position[0] - pose.feet) for engine in sides]
        still = Still(
            split=split,
            level_seed=level_seed,
            aim=pose.aim,
            pose=(*pose.feet, pose.yaw),
            apart=float(max(apart)),
            striking=float(strikes(difference(seen)).mean()),
            file=file,
        )
        self.stills.append(still)
        write_picture(self._directory / file, side_by_side(seen, self._request.sides, still.where))

    def record(self, seconds: float) -> Parity:
        """The results, with the bars and the machine."""
        request, walks = self._request, tuple(row for row, _, _ in self.walked)
        blocks = self._tally.rows(self.spec)
        compared = None if request.settings is None else request.settings.compare
        return Parity(
            task=self.spec.name,
            version=self.spec.version,
            task_hash=self.spec.task_hash,
            tested=request.backend,
            against=request.against,
            minerl=request.settings,
            names_compared=compared,
            restarts=sum(getattr(engine, "restarts", 0) for engine in self._sides),
            note=request.note,
            seed=request.seed,
            checks=checks(self.levels, walks, self.stills, blocks, compared),
            levels=tuple(self.levels),
            walks=walks,
            stills=tuple(self.stills),
            blocks=blocks,
            machine=machine(),
            versions=package_versions(),
            git=git_state(),
            command=command(),
            created=now(),
            seconds=round(seconds, 1),
        )


def _pack(directory: Path) -> None:
    """Packs all files into one archive to be sent."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    with zipfile.ZipFile(directory / ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(directory))
