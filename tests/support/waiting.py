"""Waits for a state, never for a time."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

DEADLINE = 1200.0
"""Seconds after which a test fails: many times what a busy machine takes to compile the engine."""


def wait_for(
    happened: Callable[[], object], what: str, process: subprocess.Popen[str] | None = None
) -> None:
    """Returns as soon as something has happened.

    Args:
        happened: Whether it has.
        what: It, in words.
        process: What makes it happen, and must not end before.

    Raises:
        AssertionError: If the process ends first, or it does not happen before the deadline.
    """
    deadline = time.monotonic() + DEADLINE
    while not happened():
        assert process is None or process.poll() is None, f"ended before {what}"
        assert time.monotonic() < deadline, f"waited {DEADLINE:g} s in vain for {what}"
        time.sleep(0.02)
