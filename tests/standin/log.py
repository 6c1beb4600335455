"""What the stand-in has to say, on standard output as Minecraft's and in a file.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path


class Log:
    """Writes lines; calls from several threads do not mix."""

    def __init__(self, path: Path | None = None) -> None:
        """Starts a log.

        Args:
            path: File that lines are added to as well.
        """
        self._path = path
        self._lock = threading.Lock()

    def __call__(self, line: str) -> None:
        """Adds a line."""
        with self._lock:
            # Java goes on when nobody reads its output any more, and so does this.
            with contextlib.suppress(OSError):
                print(line, flush=True)
            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(line + "\n")
