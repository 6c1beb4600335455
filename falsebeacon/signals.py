"""What Ctrl-C and SIGTERM do to a command: one line, and the exit status of the signal.

Only the standard library is imported here, so that signals are caught before anything else loads.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)
LINE = "falsebeacon: interrupted; earlier results are intact."

caught = 0
"""Exit status of the last signal that arrived; 0 before the first."""


def catch() -> None:
    """From here on, a signal ends the command with one line and its own status."""
    sys.unraisablehook = _lost
    for number in SIGNALS:
        signal.signal(number, _handle)


def finish() -> None:
    """From here on, signals change nothing: the process is about to end."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _handle(number: int, frame: FrameType | None) -> None:
    """Ends at once while a command loads its modules; later on, lets it clean up.

    The start-up code of an extension may drop an exception, or turn it into another one; and a
    command that is still loading has nothing open.
    """
    global caught
    caught = 128 + number
    if _is_loading(frame):
        os.write(sys.stderr.fileno(), f"{LINE}\n".encode())
        os._exit(caught)
    from minecraft_tasks.core.interruption import interrupt

    interrupt(number, frame)


def _lost(unraisable: Any) -> None:
    """Raises a signal again whose exception was raised where Python drops all of them.

    Callbacks from C, such as those of a compiler, and finalisers are such places. Python calls the
    profile function at the next call or return, and what that raises is not dropped unless it is
    in such a place again.
    """
    if isinstance(unraisable.exc_value, KeyboardInterrupt):
        sys.setprofile(_raise_again)
    else:
        sys.__unraisablehook__(unraisable)


def _raise_again(frame: FrameType, event: str, argument: object) -> None:
    if frame.f_code is not _lost.__code__:
        sys.setprofile(None)
        signal.raise_signal(caught - 128 if caught else signal.SIGINT)


def _is_loading(frame: FrameType | None) -> bool:
    """Whether a module of this package is importing something, at any depth."""
    importing = False
    while frame is not None:
        if importing and str(frame.f_globals.get("__name__")).startswith("falsebeacon."):
            return True
        importing = frame.f_code.co_filename == "<frozen importlib._bootstrap>"
        frame = frame.f_back
    return False
