"""What Ctrl-C and SIGTERM do to a command: one line, and the exit status of the signal.

Only the standard library is imported here, so that signals are caught before anything else loads.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
LINE = "falsebeacon: interrupted; earlier results are intact."

caught = 0
"""Exit status of the last signal that came; 0 as long as none has."""


def catch() -> None:
    """From here on, a signal ends the command with one line and its own status."""
    for number in SIGNALS:
        signal.signal(number, _handle)


def finish(status: int) -> None:
    """From here on, a signal ends the process at once with the status that it ends with anyway."""
    sys.stdout.flush()
    for number in SIGNALS:
        signal.signal(number, lambda *_: os._exit(status))


def _handle(number: int, frame: FrameType | None) -> None:
    """Ends at once while a command loads its modules; later on, lets it clean up.

    An exception that is raised while a module is loaded may be lost, or turned into another one,
    in the start-up code of an extension; and a command that is still loading has nothing open.
    """
    global caught
    caught = 128 + number
    if _is_loading(frame):
        os.write(sys.stderr.fileno(), f"{LINE}\n".encode())
        os._exit(caught)
    from minecraft_tasks.core.interruption import interrupt

    interrupt(number, frame)


def _is_loading(frame: FrameType | None) -> bool:
    """Whether a module of this package is importing something, at whatever depth."""
    importing = False
    while frame is not None:
        if importing and str(frame.f_globals.get("__name__")).startswith("falsebeacon."):
            return True
        importing = frame.f_code.co_filename == "<frozen importlib._bootstrap>"
        frame = frame.f_back
    return False
