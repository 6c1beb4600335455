"""``falsebeacon doctor``: whether real Minecraft could be started here."""

from __future__ import annotations

from textwrap import TextWrapper
from typing import Annotated

from pydantic import Field

from falsebeacon.command import Command
from minecraft_tasks.backends.minerl.machine.home import home
from minecraft_tasks.backends.minerl.machine.leftovers import sweep
from minecraft_tasks.backends.minerl.machine.preflight import MachineCheck, preflight
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError

MARKS = {"ok": "ok", "warning": "--", "missing": "!!"}
_REMEDY = TextWrapper(
    100, initial_indent=" " * 17, subsequent_indent=" " * 17,
    break_long_words=False, break_on_hyphens=False,
)  # fmt: skip


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
        """Print what was found; fails if Minecraft could not be started."""
        settings = MineRLSettings(workers=self.workers)
        if self.sweep:
            for folder in sweep():
                print(f"swept {folder}")
        missing = []
        for finding in preflight(home(), settings):
            print(_line(finding), flush=True)
            if finding.state == "missing":
                missing.append(finding.name)
        if missing:
            raise FalseBeaconError(f"Minecraft cannot be started here: see {', '.join(missing)}.")
        print("As far as can be told without starting it, Minecraft can be started here.")


def _line(finding: MachineCheck) -> str:
    line = f"{MARKS[finding.state]}  {finding.name:<13}{finding.found}"
    if not finding.remedy:
        return line
    return f"{line}\n{_REMEDY.fill(finding.remedy)}"
