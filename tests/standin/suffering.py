"""What a fault does to an answer.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.standin.log import Log

GONE = 3
"""Exit status of a process that a fault ended."""


def before(due: Mapping[str, str], log: Log, held: Callable[[], bool] = lambda: False) -> bool:
    """Faults that come before an answer: to wait, to wait for ever, to be gone.

    Args:
        due: Kind -> value of the faults that are due.
        log: Where they are told.
        held: Whether an answer is still to be held back.

    Returns:
        Whether the connection is to be closed.
    """
    for kind, value in due.items():
        log(f"fault: {kind}={value}")
    if "exit" in due:
        os._exit(GONE)
    if "hang" in due:
        threading.Event().wait()
    while "hold" in due and held():
        time.sleep(0.01)
    return "close" in due


def frame(whole: bytes, due: Mapping[str, str]) -> bytes:
    """A frame, or less of it."""
    return whole[: max(len(whole) - int(due.get("short-frame", 0)), 0)]


def info(whole: dict[str, Any], due: Mapping[str, str]) -> dict[str, Any]:
    """An info, or less of it."""
    if "empty-info" in due:
        return {}
    return {key: value for key, value in whole.items() if key != due.get("missing-key")}
