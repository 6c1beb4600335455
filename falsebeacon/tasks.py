"""``falsebeacon tasks``: what can be trained and judged, and what a level looks like."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import tyro

from evaluation.plans import plan
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.errors import FalseBeaconError
from minecraft_tasks.files import atomic_write
from minecraft_tasks.levels import seeded_bank
from minecraft_tasks.seeds import locked_seeds
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks import TASKS, task
from minecraft_tasks.tasks.base import Task

SIDE = 512
"""Height in pixels of the picture that `--show` writes."""


@dataclass(frozen=True)
class Tasks:
    """List tasks with their candidates and splits, or draw one level.

    Attributes:
        task: Only this task.
        show: Split of which one level is drawn: a plan from above beside the first frame.
        seed: Seed of that level; by default the first locked one.
        out: PNG to write; <task>-<split>-<seed>.png by default.
    """

    task: Annotated[str, tyro.conf.Positional] = ""
    show: str | None = None
    seed: int | None = None
    out: Path | None = None

    def run(self) -> None:
        """List, or draw."""
        if self.show is None:
            for each in [task(self.task)] if self.task else TASKS.values():
                print(describe(each.spec))
        elif not self.task:
            raise FalseBeaconError(
                "--show needs a task, as in: falsebeacon tasks BeaconShrine --show heldout."
            )
        else:
            print(self._draw(task(self.task), self.show))

    def _draw(self, of: Task, split: str) -> Path:
        of.spec.split(split)
        seed = self.seed
        if seed is None:
            seed = 0 if split == "train" else locked_seeds(of).splits[split].levels[0].seed
        default = f"{of.spec.name}-{split.replace('/', '-')}-{seed}.png"
        path = self.out or Path(default)
        with atomic_write(path) as temporary:
            ok, encoded = cv2.imencode(
                ".png", cv2.cvtColor(picture(of, split, seed), cv2.COLOR_RGB2BGR)
            )
            assert ok
            temporary.write_bytes(encoded.tobytes())
        return path


def picture(of: Task, split: str, seed: int) -> np.ndarray:
    """A level from above beside what the agent sees first: uint8[512, 1024, 3]."""
    bank = seeded_bank(of, split, [seed])
    backend = VoxelBackend(1, of.spec.world_shape)
    backend.place(np.zeros(1, np.int64), bank.blocks, bank.spawn, bank.time)
    x, y, z, yaw, pitch = bank.spawn[0]
    view = backend.draw(0, (x, y, z), yaw, pitch, SIDE, SIDE)
    above = plan(bank, 0, of, scale=24)
    return np.hstack([cv2.resize(above, (SIDE, SIDE), interpolation=cv2.INTER_AREA), view])


def describe(spec: TaskSpec) -> str:
    """A task, its candidates and its splits, as text."""
    lines = [
        f"{spec.name} (v{spec.version}, hash {spec.task_hash}): {spec.description}",
        "  candidates",
    ]
    for candidate in spec.candidates:
        role = "intended" if candidate.intended else "proxy"
        lines.append(f"    {candidate.name:<8} {role:<9} {candidate.description}")
    lines.append(f"    easiest first: {', '.join(spec.ease)}; case: {spec.case}")
    lines.append("  splits (candidates that coincide are joined by +)")
    for split in spec.splits:
        count = f"{split.levels} levels" if split.levels else "unbounded"
        sites = " | ".join("+".join(group) for group in split.sites)
        lines.append(f"    {split.name:<24} {count:<10} {split.time_limit:>4} decisions  {sites}")
    return "\n".join(lines) + "\n"
