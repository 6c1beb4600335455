"""``falsebeacon parity``: hold one engine against another, Minecraft against the embedded one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from evaluation.records.requests import ParityRequest
from falsebeacon.command import Command
from minecraft_tasks.core.errors import FalseBeaconError


class Parity(ParityRequest, Command):
    """Compare bodies and pictures of two engines that show the same levels.

    Against anything but Minecraft, this proves client, mission and protocol, not rendering,
    physics or block placement in Minecraft.

    Attributes:
        out: Parity directory; runs/<task>/parity-<backend>-<against> by default.
    """

    task: Annotated[str, tyro.conf.Positional]
    out: Path | None = None

    def run(self) -> None:
        """Compare, and print the table and where the page is; fails if a bar is not met."""
        from minecraft_tasks.core.progress import Stages
        from minecraft_tasks.tasks import task

        spec = task(self.task).spec
        for name in self.splits:
            spec.split(name)
        from evaluation.parity.compare import compare
        from evaluation.parity.page import parity_text, sentence
        from evaluation.parity.record import ARCHIVE, PARITY_PAGE

        out = self.out or Path("runs") / spec.name / f"parity-{self.backend}-{self.against}"
        with Stages() as stages:
            result = compare(self, out, stages)
        print(parity_text(result))
        print(f"page: {out / PARITY_PAGE}\nto send: {out / ARCHIVE}")
        if result.unmet:
            raise FalseBeaconError(f"{sentence(result)} The page says where: {out / PARITY_PAGE}")
