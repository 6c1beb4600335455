"""``falsebeacon parity``: hold one engine against another, Minecraft against the embedded one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import tyro

from falsebeacon.command import Command, Natural, Positive
from falsebeacon.stages import Stages
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError


class ParityCommand(Command):
    """Compare bodies and pictures of two engines that show the same levels.

    Whoever runs this against anything but Minecraft proves client, mission and protocol, not
    rendering, physics or block placement in Minecraft.

    Attributes:
        task: Name of the task.
        backend: The engine that is tested; minerl is Minecraft itself (docs/minerl.md).
        against: The engine that it is held against.
        levels: Levels over all splits.
        poses: Still poses on each, from which pictures are compared.
        splits: Splits that levels are taken from; a few of different kinds by default.
        seed: Of poses and of random walks.
        note: Printed on the page, such as what answered on the port.
        out: Parity directory; runs/<task>/parity-<backend>-<against> by default.
        minerl: How Minecraft is run; one is enough.
    """

    task: Annotated[str, tyro.conf.Positional]
    backend: Literal["voxel", "minerl"] = "minerl"
    against: Literal["voxel", "minerl"] = "voxel"
    levels: Positive = 4
    poses: Positive = 12
    splits: tuple[str, ...] = ()
    seed: Natural = 0
    note: str = ""
    out: Path | None = None
    minerl: Annotated[MineRLSettings, tyro.conf.OmitArgPrefixes] = MineRLSettings()

    def run(self) -> None:
        """Compare, and print the table and where the page is.

        Raises:
            FalseBeaconError: If a bar is not met, or nothing could be compared.
        """
        from minecraft_tasks.tasks import task

        found = task(self.task)
        for name in self.splits:
            found.spec.split(name)
        from evaluation.parity.compare import Asked, compare
        from evaluation.parity.page import parity_text, sentence
        from evaluation.parity.record import ARCHIVE, PARITY_PAGE

        out = self.out or Path("runs") / self.task / f"parity-{self.backend}-{self.against}"
        asked = Asked(
            tested=self.backend,
            against=self.against,
            levels=self.levels,
            poses=self.poses,
            splits=self.splits,
            seed=self.seed,
            minerl=self.minerl if "minerl" in (self.backend, self.against) else None,
            note=self.note,
        )
        with Stages() as stages:
            made = compare(found, out, asked, stages)
        print(parity_text(made))
        print(f"page: {out / PARITY_PAGE}\nto send: {out / ARCHIVE}")
        if made.unmet:
            raise FalseBeaconError(f"{sentence(made)} The page says where: {out / PARITY_PAGE}")
