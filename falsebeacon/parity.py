"""``falsebeacon parity``: hold one engine against another, Minecraft against the embedded one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from evaluation.records.requests import ParityRequest
from falsebeacon.command import Command
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError


class ParityCommand(ParityRequest, Command):
    """Compare bodies and pictures of two engines that show the same levels.

    Whoever runs this against anything but Minecraft proves client, mission and protocol, not
    rendering, physics or block placement in Minecraft.

    Attributes:
        out: Parity directory; runs/<task>/parity-<backend>-<against> by default.
    """

    task: Annotated[str, tyro.conf.Positional]
    minerl: Annotated[MineRLSettings, tyro.conf.OmitArgPrefixes] = MineRLSettings()
    out: Path | None = None

    def run(self) -> None:
        """Compare, and print the table and where the page is.

        Raises:
            FalseBeaconError: If a bar is not met, or nothing could be compared.
        """
        from minecraft_tasks.core.progress import Stages
        from minecraft_tasks.tasks import task

        known = task(self.task).spec
        for name in self.splits:
            known.split(name)
        from evaluation.parity.compare import compare
        from evaluation.parity.page import parity_text, sentence
        from evaluation.parity.record import ARCHIVE, PARITY_PAGE

        out = self.out or Path("runs") / known.name / f"parity-{self.backend}-{self.against}"
        with Stages() as stages:
            found = compare(self, out, stages)
        print(parity_text(found))
        print(f"page: {out / PARITY_PAGE}\nto send: {out / ARCHIVE}")
        if found.unmet:
            raise FalseBeaconError(f"{sentence(found)} The page says where: {out / PARITY_PAGE}")
