"""What two engines show of the same levels, gathered level by level."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evaluation.parity.engines import Sides
from evaluation.parity.pictures import side_by_side, write_picture
from evaluation.parity.pixels import PixelTally
from evaluation.parity.poses import GazePose, poses
from evaluation.parity.record import FRAMES, BlockRow, LevelShown, Still
from evaluation.parity.scripts import walk_scripts
from evaluation.parity.walks import (
    LevelRefused,
    Walked,
    difference,
    pictures,
    put_at_pose,
    strikes,
    walk_both,
    walk_row,
)
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.visibility.footprint import FRAME_SIDE


class Comparison:
    """What two engines have shown so far.

    Args:
        sides: The engines.
        names: Of the engine that is tested, and of the other.
        spec: The task.
        bank: Levels.
        directory: That pictures are written into.
    """

    def __init__(
        self, sides: Sides, names: tuple[str, str], spec: TaskSpec, bank: LevelBank, directory: Path
    ) -> None:
        self._sides, self._names, self._bank = sides, names, bank
        self._spec, self._directory = spec, directory
        self._tally = PixelTally()
        self.levels: list[LevelShown] = []
        self.walked: list[Walked] = []
        self.stills: list[Still] = []

    @property
    def blocks(self) -> tuple[BlockRow, ...]:
        """Rows of everything that stills show."""
        return self._tally.rows(self._spec)

    def level(self, row: int, count: int, seed: int) -> None:
        """Walks on a level, and looks at it from poses; a level that is refused is given up.

        Args:
            row: The level.
            count: Poses.
            seed: Of poses and of the random walk.
        """
        bank = self._bank
        rng = np.random.default_rng([seed, row])
        refusal = ""
        try:
            for script in walk_scripts(self._spec, bank, row, rng):
                trace = walk_both(self._sides, self._spec, bank, row, script, FRAME_SIDE)
                self.walked.append((walk_row(bank, row, script, trace), script, trace))
            for index, pose in enumerate(poses(self._spec, bank, row, count, rng)):
                self._look(row, index, pose)
        except LevelRefused as error:
            refusal = str(error)
        self.levels.append(
            LevelShown(
                split=bank.splits[row],
                level_seed=int(bank.seeds[row]),
                time=int(bank.time[row]),
                refusal=refusal,
            )
        )

    def _look(self, row: int, index: int, pose: GazePose) -> None:
        """Both pictures from one pose."""
        bank, sides = self._bank, self._sides
        spawn = np.array([*pose.feet, pose.yaw, 0.0])
        put_at_pose(sides, bank.blocks[row], spawn, int(bank.time[row]))
        seen, ids = pictures(sides, FRAME_SIDE), np.empty((1, FRAME_SIDE, FRAME_SIDE), np.uint8)
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
        write_picture(self._directory / file, side_by_side(seen, self._names, still.where))
