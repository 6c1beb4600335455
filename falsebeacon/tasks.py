"""``falsebeacon tasks``: what can be trained and judged, and what a level looks like."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from falsebeacon.audits import audited
from falsebeacon.blocks import write_png
from falsebeacon.command import Command
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import write_text
from minecraft_tasks.core.records import Natural, Positive

if TYPE_CHECKING:
    import numpy as np

    from minecraft_tasks.spec import TaskSpec
    from minecraft_tasks.tasks.base import Task

_SIDE = 512
"""Height in pixels of the picture that `--show` writes."""


class Tasks(Command):
    """List tasks with their candidates and splits, draw one level, or audit the locked ones.

    Attributes:
        task: Only this task: its name, or package.module:TASK.
        show: Split of which one level is drawn: a plan from above beside the first frame.
        seed: Seed of that level; by default the first locked one.
        out: File to write: of --show a PNG, <task>-<split>-<seed>.png by default; of --audit the
            printed text, if nothing is wrong.
        audit: Make every locked level again and check it; minutes for a task.
        missions: Check what Minecraft would be sent of every locked level, by Malmo's own schemas.
        levels: With --audit or --missions, check only so many levels of each split.
    """

    task: Annotated[str, tyro.conf.Positional] = ""
    show: str | None = None
    seed: Natural | None = None
    out: Path | None = None
    audit: bool = False
    missions: bool = False
    levels: Positive | None = None

    def run(self) -> None:
        """List, draw or audit.

        Raises:
            AuditError: If an audit finds anything wrong.
            FalseBeaconError: If an option is given that what is asked for does not take.
        """
        self._check_options()
        from minecraft_tasks.tasks import TASKS, offered, task

        chosen = [task(self.task)] if self.task else list(TASKS.values())
        if self.show is not None:
            self._draw(chosen[0], self.show)
        elif self.audit or self.missions:
            for each in chosen:
                (self._audit if self.audit else self._missions)(each)
        else:
            for each in chosen:
                print(describe(each.spec))
            for name, point in {} if self.task else sorted(offered().items()):
                _list_offered(name, point.value)

    def _check_options(self) -> None:
        """Refuses options that would otherwise be ignored."""
        checks = self.audit or self.missions
        shows = self.show is not None and not checks
        if shows and not self.task:
            raise FalseBeaconError(
                "--show needs a task, as in: falsebeacon tasks BeaconShrine --show heldout."
            )
        for option, value, needed, fits in (
            ("--seed", self.seed, "--show SPLIT", shows),
            ("--levels", self.levels, "--audit or --missions", checks),
            ("--out", self.out, "--audit or --show SPLIT", shows or (self.audit and self.task)),
        ):
            if value is not None and not fits:
                example = needed.split(" or ")[0].replace("SPLIT", "heldout")
                raise FalseBeaconError(
                    f"{option} {value} belongs to {needed}, as in: falsebeacon tasks BeaconShrine"
                    f" {example} {option} {value}."
                )

    def _missions(self, task: Task) -> None:
        import numpy as np

        from minecraft_tasks.backends.minerl.mission_check import missions

        levels = wrong = 0
        print(f"{task.spec.name}: elements of a level's drawing, least, median, most")
        for found in missions(task, self.levels):
            count, refused = len(found.elements), len(found.complaints)
            least, middle, most = np.percentile(found.elements, (0, 50, 100))
            print(
                f"  {found.split:<22}{least:4.0f}{middle:5.0f}{most:5.0f}   "
                f"{count - refused} of {count} accepted",
                flush=True,
            )
            for level, complaints in found.complaints.items():
                print(f"    level {level}: {complaints[0]}")
            levels, wrong = levels + count, wrong + refused
        if wrong:
            raise FalseBeaconError(
                f"Minecraft would not show {wrong} of {levels} levels of {task.spec.name} as they"
                " are; the first complaint of each is printed above."
            )
        print(f"  all {levels} levels are accepted")

    def _audit(self, task: Task) -> None:
        from minecraft_tasks.admission.audit import AuditError, audit
        from minecraft_tasks.core.progress import Stages

        with Stages() as stages:
            found = audit(task, stages, self.levels)
        text = audited(task.spec, found)
        print(text)
        if found.failures:
            print("\n".join(f"  wrong: {failure}" for failure in found.failures))
            raise AuditError(
                f"the audit of {task.spec.name} failed in {len(found.failures)} places, first: "
                f"{found.failures[0]}. Restore {task.file('judging').parent} from git, or raise the"
                " task's version and lock it again."
            )
        if self.out is not None:
            write_text(self.out, f"{text}\n")

    def _draw(self, task: Task, split: str) -> None:
        unbounded = task.spec.split(split).unbounded
        from minecraft_tasks.levels.locked import locked_seeds

        seed = self.seed
        if seed is None:
            seed = 0 if unbounded else locked_seeds(task).splits[split].levels[0].seed
        default = f"{task.spec.name}-{split.replace('/', '-')}-{seed}.png"
        write_png(self.out or Path(default), _picture(task, split, seed))


def _list_offered(name: str, reference: str) -> None:
    """Prints a task that an installed package offers, or one line on why it does not load."""
    from minecraft_tasks.tasks import TASKS, task

    try:
        if name in TASKS:
            raise FalseBeaconError("a built-in task has that name.")
        print(describe(task(name).spec))
    except FalseBeaconError as error:
        print(f"warning: {name} ({reference}) is left out: {error}", file=sys.stderr)


def _picture(task: Task, split: str, seed: int) -> np.ndarray:
    """A level from above beside what the agent sees first: uint8[512, 1024, 3]."""
    import cv2
    import numpy as np

    from evaluation.pictures.maps import level_map
    from minecraft_tasks.backends.voxel.backend import VoxelBackend
    from minecraft_tasks.levels.generate import seeded_bank

    bank = seeded_bank(task, split, [seed])
    backend = VoxelBackend(1, task.spec.world_shape)
    backend.place(np.zeros(1, np.int64), bank.blocks, bank.spawn, bank.time)
    x, y, z, yaw, pitch = bank.spawn[0]
    view = backend.draw(0, (x, y, z), yaw, pitch, _SIDE, _SIDE)
    above = level_map(bank, 0, task, scale=24)
    return np.hstack([cv2.resize(above, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), view])


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
