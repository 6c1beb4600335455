"""Ctrl-C and SIGTERM: raised as one exception, or held back while a file is being written."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """A signal asked the process to end; `status` is 130 for SIGINT, 143 for SIGTERM."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.status = exit_status(number)


def exit_status(number: int) -> int:
    """Exit status of a process that a signal ended: 128 and the signal's number."""
    return 128 + number


def interrupt(number: int, frame: FrameType | None) -> None:
    """Signal handler that raises `Interrupted`, but not while an earlier one is being handled.

    A second signal would otherwise stop the clean-up after the first, and leave its files.
    """
    error = sys.exception()
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    if error is None:
        raise Interrupted(number)


@contextmanager
def held_back() -> Iterator[None]:
    """Delays signals until the block is over, and then delivers the first of them.

    Outside the main thread, where Python delivers no signals, it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: arrived.append(number))
        for number in SIGNALS
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if arrived:
            signal.raise_signal(arrived[0])
