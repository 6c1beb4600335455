"""``falsebeacon doctor``: whether real Minecraft could be started here."""

from __future__ import annotations

from textwrap import fill
from typing import Annotated

from pydantic import Field

from falsebeacon.command import Command
from minecraft_tasks.backends.minerl.machine.home import home
from minecraft_tasks.backends.minerl.machine.leftovers import sweep
from minecraft_tasks.backends.minerl.machine.preflight import preflight
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError

MARKS = {"ok": "ok", "warning": "--", "missing": "!!"}
_INDENT = " " * 17


class Doctor(Command):
    """Tell whether Minecraft could be started here, without starting or downloading anything.

    A line for each thing that it needs: ok; -- may make trouble; !! keeps it from starting. What
    to do about it stands below.

    Attributes:
        workers: Minecrafts at a time that there shall be ports, disk and memory for.
        sweep: First end the processes and delete the folders that dead runs have left behind.
    """

    workers: Annotated[int, Field(ge=1, le=64)] = 1
    sweep: bool = False

    def run(self) -> None:
        """Print the findings; fails if Minecraft could not be started."""
        settings = MineRLSettings(workers=self.workers)
        if self.sweep:
            for folder in sweep():
                print(f"swept {folder}")
        missing = []
        for finding in preflight(home(), settings):
            print(f"{MARKS[finding.state]}  {finding.name:<13}{finding.found}", flush=True)
            if finding.remedy:
                print(fill(finding.remedy, 100, initial_indent=_INDENT, subsequent_indent=_INDENT,
                           break_long_words=False, break_on_hyphens=False))  # fmt: skip
            if finding.state == "missing":
                missing.append(finding.name)
        if missing:
            raise FalseBeaconError(f"Minecraft cannot be started here: see {', '.join(missing)}.")
        print("As far as can be told without starting it, Minecraft can be started here.")
