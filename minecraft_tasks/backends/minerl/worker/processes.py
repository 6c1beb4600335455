"""Processes and folders that a worker leaves behind, found by a mark in their environment.

Minecraft runs in a session of its own, so killing the worker's process group would not end it, and
MineRL copies its folder for every launch. A worker's children inherit its environment and its
temporary folder; `machine.leftovers` sweeps both after a crash.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "FALSEBEACON_MINERL_WORKER"
"""Environment variable of a worker's children: the worker's folder."""


def marked(folder: Path | str) -> Iterator[int]:
    """Ids of the running processes of the worker with this folder."""
    for process in psutil.process_iter(["environ"]):
        # None where it may not be read, empty where the process has ended.
        environment = process.info["environ"] or {}
        if environment.get(MARK) == str(folder) and process.pid != os.getpid():
            yield process.pid


def end(folder: Path, seconds: float = 10.0) -> None:
    """Ends all processes of a worker, and deletes its folder.

    They get SIGTERM first, so that xvfb-run can end its display, and SIGKILL a second later.
    """
    began, quiet = time.monotonic(), 0
    until, patient = began + seconds, began + 1.0
    # Searched twice: a process that is just being started has no environment yet.
    while quiet < 2 and time.monotonic() < until:
        left = list(marked(folder))
        quiet = 0 if left else quiet + 1
        for pid in left:
            with suppress(ProcessLookupError):
                early = time.monotonic() < patient
                os.kill(pid, signal.SIGTERM if early else signal.SIGKILL)
        time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)
