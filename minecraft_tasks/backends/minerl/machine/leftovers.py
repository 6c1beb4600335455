"""What workers of dead runs have left behind: folders that name their owner, and processes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from minecraft_tasks.backends.minerl.worker.processes import end
from minecraft_tasks.core.processes import is_alive, mark

PREFIX = "falsebeacon-minerl-"
OWNER = "owner"
"""File in a worker's folder: the mark of the process that the worker serves."""


def claim(folder: Path) -> None:
    """Says that a worker's folder is this process's."""
    (folder / OWNER).write_text(mark())


def abandoned(root: Path) -> list[Path]:
    """The workers' folders among those in `root` whose owner is gone."""
    folders = []
    for folder in root.glob(f"{PREFIX}*"):
        # A folder that was not claimed, or not yet, is left to its maker.
        with suppress(OSError, ValueError):
            if is_alive((folder / OWNER).read_text()) is False:
                folders.append(folder)
    return folders


def sweep(root: Path) -> list[Path]:
    """Ends the processes and deletes the folders of workers whose owner is gone.

    Args:
        root: The folder that holds the workers' folders.

    Returns:
        The folders that were swept.
    """
    swept = abandoned(root)
    for folder in swept:
        end(folder)
    return swept
