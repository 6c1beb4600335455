"""What a worker and its Minecraft have said, kept when they are lost."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

KEPT = 20
"""Losses whose logs are kept; the oldest go first."""

PATTERNS = ("worker.log", "logs/mc_*.log", "*/Minecraft/run/logs/latest.log")
"""The logs in a worker's folder: its own, Minecraft's output, and Minecraft's own."""


def last_words(log: Path) -> str:
    """The last line of a log."""
    with suppress(OSError):
        lines = log.read_text(errors="replace").strip().splitlines()
        if lines:
            return lines[-1].strip()
    return "nothing"


def keep(folder: Path) -> Path | None:
    """Copies the logs of a worker's folder to where the next cleaning does not come.

    Returns:
        Where they are; None if they could not be kept, which must not hide what went wrong.
    """
    root = Path(tempfile.gettempdir()) / f"falsebeacon-{os.getuid()}-logs"
    with suppress(OSError):
        root.mkdir(exist_ok=True)
        place = Path(tempfile.mkdtemp(dir=root, prefix=f"{folder.name}-"))
        for path in (path for pattern in PATTERNS for path in folder.glob(pattern)):
            shutil.copyfile(path, place / path.name)
        _prune(root)
        return place
    return None


def _prune(root: Path) -> None:
    # Another process may prune at the same time.
    with suppress(OSError):
        for old in sorted(root.iterdir(), key=lambda path: path.stat().st_mtime)[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)
