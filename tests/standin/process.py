"""The stand-in in a process of its own, and what goes wrong in it.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
START = "***** Start MalmoEnvServer on port "


class Standin:
    """A running stand-in.

    Attributes:
        port: Where it listens, over all restarts.
        log: Its own account.
    """

    def __init__(self, schemas: Path, folder: Path) -> None:
        """Starts it and waits until it listens.

        Args:
            schemas: Malmo's folder of schemas.
            folder: For its faults and its log.
        """
        self.log, self._faults = folder / "standin.log", folder / "faults"
        self._schemas = schemas
        self.port = 0
        self.start()

    def start(self) -> None:
        """Starts it, where it was before if it was."""
        command = [
            sys.executable, "-m", "tests.standin", "--port", str(self.port),
            "--schemas", str(self._schemas), "--faults", str(self._faults), "--log", str(self.log),
        ]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith(START), f"the stand-in did not start: {line}; see {self.log}"
        self.port = int(line.removeprefix(START))

    def suffer(self, *faults: str) -> None:
        """Lets these faults happen from now on, and no others."""
        self._faults.write_text("".join(f"{fault}\n" for fault in faults))

    def stop(self) -> None:
        """Kills it."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
