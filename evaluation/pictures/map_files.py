"""Pictures of twin levels from above, kept so that a report needs no engine."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from evaluation.pictures.maps import extent, sun_side, terrain
from evaluation.records.info import PlanPicture
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.tasks.base import Task

TWINS_SHOWN = 2
"""Twin pairs of each conflict with the intended goal whose paths the report draws."""

PLAN_SCALE = 16


def write_plans(directory: Path, task: Task, bank: LevelBank) -> tuple[PlanPicture, ...]:
    """Pictures of the first twins of each conflict with the intended goal."""
    plans = []
    for split in task.spec.conflicts(task.spec.intended_name):
        rows = [row for row, name in enumerate(bank.splits) if name == split.name]
        for level in range(0, min(2 * TWINS_SHOWN, len(rows)), 2):
            twins = rows[level : level + 2]
            edges = np.array([extent(bank.blocks[row], bank.sites[row]) for row in twins])
            shown = _union(edges)
            plans += [
                _plan(directory, task, bank, row, level + k, shown) for k, row in enumerate(twins)
            ]
    return tuple(plans)


def _union(edges: np.ndarray) -> tuple[int, int, int, int]:
    """West, east, north and south around several extents int[K, 4]: twins are shown alike."""
    (west, _, north, _), (_, east, _, south) = edges.min(axis=0), edges.max(axis=0)
    return int(west), int(east), int(north), int(south)


def _plan(
    directory: Path,
    task: Task,
    bank: LevelBank,
    row: int,
    level: int,
    shown: tuple[int, int, int, int],
) -> PlanPicture:
    split = bank.splits[row]
    file = f"plans/{split.replace('/', '-')}-{level}.png"
    west, east, north, south = shown
    picture = terrain(bank.blocks[row], PLAN_SCALE)
    picture = picture[
        north * PLAN_SCALE : south * PLAN_SCALE, west * PLAN_SCALE : east * PLAN_SCALE
    ]
    (directory / file).parent.mkdir(exist_ok=True)
    if not cv2.imwrite(str(directory / file), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)):
        raise FalseBeaconError(f"cannot write {directory / file}: is the disk full?")
    sites = {
        name: (box[0], box[2], box[3], box[5])
        for name, box in zip(task.spec.candidate_names, bank.sites[row].tolist(), strict=True)
        if not np.isnan(box[0])
    }
    return PlanPicture(
        file=file,
        split=split,
        level=level,
        level_seed=int(bank.seeds[row]),
        extent=shown,
        sites=sites,
        sun=sun_side(int(bank.time[row])),
    )
