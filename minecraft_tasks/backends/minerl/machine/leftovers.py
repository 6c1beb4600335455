"""Folders of workers: claimed by an owner, swept after its death, their logs kept."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from minecraft_tasks.backends.minerl.worker.processes import end
from minecraft_tasks.core.processes import is_alive, mark

PREFIX = "falsebeacon-minerl-"
OWNER = "owner"
"""File in a worker's folder: the mark of the process that the worker serves."""

KEPT = 20
"""Folders of logs that are kept; the oldest are deleted first."""

LOGS = ("worker.log", "logs/mc_*.log", "*/Minecraft/run/logs/latest.log")
"""Logs in a worker's folder: its own, Minecraft's output, and Minecraft's own."""


def claim(folder: Path) -> None:
    """Makes this process the owner of a worker's folder."""
    (folder / OWNER).write_text(mark())


def abandoned() -> list[Path]:
    """Folders of workers in the temporary directory whose owner has ended."""
    folders = []
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # A folder that was not claimed, or not yet, is left to its maker.
        with suppress(OSError, ValueError):
            if is_alive((folder / OWNER).read_text()) is False:
                folders.append(folder)
    return folders


def sweep() -> list[Path]:
    """Ends the processes of workers whose owner has ended, and deletes their folders.

    Returns:
        The deleted folders.
    """
    swept = abandoned()
    for folder in swept:
        end(folder)
    return swept


def last_line(log: Path) -> str:
    """The last line of a log."""
    with suppress(OSError):
        lines = log.read_text(errors="replace").strip().splitlines()
        if lines:
            return lines[-1].strip()
    return "nothing"


def keep_logs(folder: Path) -> Path | None:
    """Copies the logs of a worker's folder to a folder that `sweep` leaves alone.

    Returns:
        The copies' folder; None if they could not be made, which must not hide the first error.
    """
    root = Path(tempfile.gettempdir()) / f"falsebeacon-{os.getuid()}-logs"
    with suppress(OSError):
        root.mkdir(exist_ok=True)
        place = Path(tempfile.mkdtemp(dir=root, prefix=f"{folder.name}-"))
        for path in (path for pattern in LOGS for path in folder.glob(pattern)):
            shutil.copyfile(path, place / path.name)
        # Another process may delete at the same time.
        with suppress(OSError):
            for old in sorted(root.iterdir(), key=lambda path: path.stat().st_mtime)[:-KEPT]:
                shutil.rmtree(old, ignore_errors=True)
        return place
    return None
