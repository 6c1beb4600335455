"""Ctrl-C and SIGTERM as a request to stop at the next safe moment."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.interruption import SIGNALS, exit_status, interrupt


class TrainingStopped(FalseBeaconError):
    """A signal stopped the run; the message names the checkpoint to resume from."""

    def __init__(self, text: str, status: int = exit_status(signal.SIGINT)) -> None:
        super().__init__(text)
        self.status = status


class Interruption:
    """While entered, a first signal is a request; a second one raises `Interrupted` at once.

    Outside the main thread, where Python delivers no signals, it does nothing.

    Attributes:
        number: The first signal; None before it.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._before: dict[int, Any] = {}

    @property
    def requested(self) -> bool:
        """Whether a signal has asked to stop."""
        return self.number is not None

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._handle) for number in SIGNALS}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.number is not None:
            interrupt(number, frame)
        self.number = number
