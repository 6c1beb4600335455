"""Processes and folders that a worker leaves behind, found by a mark in their environment.

Minecraft runs in a session of its own, so that killing the worker's process group would leave it
running, and MineRL copies its folder for every launch. Everything that a worker starts inherits its
environment, and its temporary folder; both are swept, by whoever comes next if need be.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MARK = "FALSEBEACON_MINERL_WORKER"
"""Environment variable that everything started by a worker carries: the worker's folder."""

PREFIX = "falsebeacon-minerl-"
OWNER = "owner"
"""File in a worker's folder: process id and start time of the process that the worker serves."""


def started(pid: int) -> str:
    """When a process started, as the kernel counts; empty if there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return ""


def claim(folder: Path) -> None:
    """Says that a worker's folder is this process's."""
    (folder / OWNER).write_text(f"{os.getpid()} {started(os.getpid())}")


def marked(folder: Path | str) -> Iterator[int]:
    """Ids of the running processes that a worker with this folder has started."""
    wanted = f"{MARK}={folder}".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            found = wanted in (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if found and _alive(int(entry.name)):
            yield int(entry.name)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (OSError, IndexError):
        return False


def end(folder: Path, seconds: float = 10.0) -> None:
    """Ends everything that a worker has started, and deletes its folder.

    They are asked first, so that xvfb-run can end its display, and killed a second later.
    """
    began, quiet = time.monotonic(), 0
    until, patient = began + seconds, began + 1.0
    # Looked for twice: one that is just being started has no environment yet.
    while quiet < 2 and time.monotonic() < until:
        left = list(marked(folder))
        quiet = 0 if left else quiet + 1
        for pid in left:
            with suppress(ProcessLookupError):
                asked = time.monotonic() < patient
                os.kill(pid, signal.SIGTERM if asked else signal.SIGKILL)
        time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


def abandoned(root: Path) -> list[Path]:
    """The workers' folders among those in `root` whose owner is gone."""
    folders = []
    for folder in root.glob(f"{PREFIX}*"):
        try:
            pid, since = (folder / OWNER).read_text().split()
        except (OSError, ValueError):
            # Not claimed yet, or never: a folder without an owner is left to its maker.
            continue
        if started(int(pid)) != since:
            folders.append(folder)
    return folders


def sweep(root: Path) -> list[Path]:
    """Ends what workers left behind whose owner is gone.

    Args:
        root: The folder that holds the workers' folders.

    Returns:
        The folders that were swept.
    """
    swept = abandoned(root)
    for folder in swept:
        end(folder)
    return swept
