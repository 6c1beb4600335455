"""The stand-in in a process of its own, and what goes wrong in it.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.standin.faults import ask_for
from tests.support.children import environment
from tests.support.ports import reserved
from tests.support.waiting import wait_for

START = "***** Start MalmoEnvServer on port "


class Standin:
    """A running stand-in.

    Attributes:
        port: Where it listens, over all restarts.
        log: Its own account.
    """

    def __init__(self, schemas: Path, folder: Path) -> None:
        """Starts it and waits until it listens.

        Its port is reserved, so that it gets the same one when it is started again.

        Args:
            schemas: Malmo's folder of schemas.
            folder: For its faults and its log.
        """
        self.log, self._faults = folder / "standin.log", folder / "faults"
        self._schemas = schemas
        self._reserved, self.port = reserved()
        self.start()

    def start(self) -> None:
        """Starts it, where it was before if it was."""
        command = [
            sys.executable, "-m", "tests.standin", "--port", str(self.port),
            "--schemas", str(self._schemas), "--faults", str(self._faults), "--log", str(self.log),
        ]  # fmt: skip
        said, started = len(self.account()), f"{START}{self.port}\n"
        # It would stop for good once it had filled a pipe that is not read.
        self.process = subprocess.Popen(
            command,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        wait_for(lambda: started in self.account()[said:], f"a start in {self.log}", self.process)

    def account(self) -> str:
        """All that it has logged."""
        return self.log.read_text() if self.log.exists() else ""

    def suffer(self, *faults: str) -> None:
        """Lets these faults happen from now on, and no others."""
        ask_for(self._faults, *faults)

    def stop(self) -> None:
        """Kills it for good."""
        self.process.kill()
        self.process.wait()
        self._reserved.close()
