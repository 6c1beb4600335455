"""Ports that no other process on this machine takes meanwhile."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from minecraft_tasks.core.errors import FalseBeaconError

_TRIED = 256


class HeldPort:
    """A port that nobody else of ours uses, held by a lock until `release`.

    Args:
        first: The lowest port to take.
        running: Whether a Minecraft listens there already: then it is this port or none.

    Attributes:
        number: The port.

    Raises:
        FalseBeaconError: If none of the ports from there on is free, or the one is used already.
    """

    def __init__(self, first: int, running: bool = False) -> None:
        last = first if running else min(first + _TRIED, 65536) - 1
        for number in range(first, last + 1):
            # It may be released by another thread than the one that took it.
            lock = FileLock(_lock_file(f"port-{number}"), thread_local=False)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue
            if running or _free(number):
                self.number, self._lock = number, lock
                return
            lock.release()
        if running:
            raise FalseBeaconError(
                f"the Minecraft on port {first} is used by somebody else: two would move one body."
                " Wait for them, or start another."
            )
        raise FalseBeaconError(
            f"no port from {first} to {last} is free for Minecraft: end what holds them, or name"
            " another first port."
        )

    def release(self) -> None:
        """Lets others have it."""
        self._lock.release()


@contextmanager
def one_launch_at_a_time() -> Iterator[None]:
    """Waits until nobody else launches Minecraft: launches get in each other's way."""
    with FileLock(_lock_file("launch")):
        yield


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
