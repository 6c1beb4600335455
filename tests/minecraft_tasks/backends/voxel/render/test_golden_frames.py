"""Pictures that trained agents know: whoever changes them raises `scene.LOOK_VERSION`."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.spec import LOOK_VERSION
from minecraft_tasks.tasks import task

GOLDEN = Path(__file__).parents[4] / "golden"
TASKS = ("BeaconShrine", "GreenArrowMaze")
PITCHES = (0.0, 20.0, -20.0)


def pictures() -> np.ndarray:
    """uint8[2 * 64, 6 * 64, 3]: the spawns of two levels of each task, at three pitches."""
    rows = []
    for name in TASKS:
        bank = seeded_bank(task(name), "train", (0, 1))
        engine = VoxelBackend(2, bank.blocks.shape[1:])
        engine.place(np.arange(2), bank.blocks, bank.spawn, bank.time)
        views = [
            engine.draw(
                slot, bank.spawn[slot, :3].tolist(), float(bank.spawn[slot, 3]), pitch, 64, 64
            )
            for slot in range(2)
            for pitch in PITCHES
        ]
        rows.append(np.concatenate(views, axis=1))
    return np.concatenate(rows)


def test_frames_are_those_of_their_version() -> None:
    """Rounding may differ between machines, at edges; anything else is another look."""
    golden = cv2.imread(str(GOLDEN / f"frames-{LOOK_VERSION}.png"))
    assert golden is not None, "no pictures of this version: write `pictures()` there"
    same = (pictures() == golden[..., ::-1]).all(axis=-1)
    assert same.mean() >= 0.999
