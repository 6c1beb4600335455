"""The display for Minecraft's window, by either of the two ways of ``launchClient.sh``."""

from __future__ import annotations

import os
import shutil
import socket

REMEDY = (
    "set DISPLAY to a display that answers, or install xvfb and xauth (`sudo apt-get install xvfb"
    " xauth`) and set MINERL_HEADLESS=1"
)

VIRTUAL = ("xvfb-run", "Xvfb", "xauth")
"""Programs that a display without a screen needs."""

_ANSWER_SECONDS = 5.0


def find() -> tuple[bool, str]:
    """Whether a launch from this environment could open a window, and the display in words."""
    headless = os.environ.get("MINERL_HEADLESS", "")
    if headless == "1":
        missing = [name for name in VIRTUAL if not shutil.which(name)]
        if missing:
            return False, f"MINERL_HEADLESS=1, and no {', '.join(missing)} in PATH"
        return True, "MINERL_HEADLESS=1, by xvfb-run"
    ignored = f"; MINERL_HEADLESS={headless} does not count, only 1 does" if headless else ""
    shown = os.environ.get("DISPLAY", "")
    if not shown:
        return False, f"DISPLAY is not set{ignored}"
    if not answers(shown):
        return False, f"DISPLAY={shown} does not answer{ignored}"
    return True, f"DISPLAY={shown} answers"


def answers(name: str) -> bool:
    """Whether an X server answers at a display, named as in DISPLAY: ``:0``, ``host:10.0``."""
    host, _, rest = name.rpartition(":")
    number = rest.partition(".")[0]
    if not number.isdecimal():
        return False
    if host not in ("", "unix"):
        return _listens(socket.AF_INET, (host, 6000 + int(number)))
    path = f"/tmp/.X11-unix/X{number}"
    return _listens(socket.AF_UNIX, path) or _listens(socket.AF_UNIX, "\0" + path)


def _listens(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with socket.socket(family) as probe:
        probe.settimeout(_ANSWER_SECONDS)
        try:
            probe.connect(address)
        except (OSError, OverflowError):
            return False
    return True
