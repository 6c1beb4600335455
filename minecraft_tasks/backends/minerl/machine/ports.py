"""Ports that this process holds against others on this machine."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

from filelock import AcquireReturnProxy

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.locks import FOREVER, LockHeldError, hold

_TRIED = 256


class HeldPort:
    """A port that is locked against other processes of this user until `release`.

    Args:
        first: The lowest port to take.
        running: Whether a Minecraft already listens there; only this port is tried then.

    Attributes:
        number: The port.

    Raises:
        FalseBeaconError: If all tried ports are in use.
    """

    def __init__(self, first: int, running: bool = False) -> None:
        last = first if running else min(first + _TRIED, 65536) - 1
        for number in range(first, last + 1):
            busy = (
                f"the Minecraft on port {number} is in use: two agents would move one body. Wait"
                " for the other one, or start another Minecraft."
            )
            try:
                self._lock = hold(_lock_file(f"port-{number}"), busy, seconds=0.0).lock
            except LockHeldError:
                if running:
                    raise
                continue
            if running or _free(number):
                self.number = number
                return
            self.release()
        raise FalseBeaconError(
            f"no port from {first} to {last} is free for Minecraft: end what holds them, or name"
            " another first port."
        )

    def release(self) -> None:
        """Unlocks it."""
        self._lock.release()


def one_launch_at_a_time() -> AcquireReturnProxy:
    """Waits until no other process launches Minecraft, and makes them wait until released."""
    return hold(_lock_file("launch"), "another process launches Minecraft.", FOREVER)


def _lock_file(name: str) -> Path:
    # One user cannot open the files of another.
    return Path(tempfile.gettempdir()) / f"falsebeacon-{os.getuid()}-{name}.lock"


def _free(port: int) -> bool:
    with socket.socket() as probe:
        # As Minecraft's server does; without it a port that was just left counts as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True
