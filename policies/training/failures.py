"""Errors that stop training: each names the last checkpoint and the command to resume."""

from __future__ import annotations

import errno
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.interruption import Interrupted, exit_status
from policies.ppo.finite import NotFiniteError, write_dump
from policies.training.interruption import TrainingStopped

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Error numbers of a full disk, quota or file."""


@contextmanager
def explained(
    directory: Path, steps: Callable[[], int], saved: Callable[[], Path | None]
) -> Iterator[None]:
    """Adds the last checkpoint and the command to resume to the errors that stop training.

    `steps` gives the steps so far, and `saved` the last good checkpoint, if there is one.

    Raises:
        FalseBeaconError: For any such error, and for a full disk.
        TrainingStopped: For an interruption.
    """

    def message(cause: str, remedy: str = "Go on with", how: str = "") -> str:
        path = saved()
        left = f"The last good checkpoint is {path}." if path else "No checkpoint was saved yet."
        return (
            f"training stopped{how} after {steps():,} steps{cause} {left} {remedy}:"
            f" falsebeacon train --resume {directory}"
        )

    try:
        yield
    except KeyboardInterrupt as error:
        status = error.status if isinstance(error, Interrupted) else exit_status(signal.SIGINT)
        raise TrainingStopped(message(".", how=" at once"), status) from error
    except NotFiniteError as error:
        remedy = (
            "A resumed run fails again unless the cause is removed: remove it, or train a new run"
            " with a lower --learning-rate. To resume"
        )
        cause = f" at {error} {_dumped(directory, error, steps())}"
        raise FalseBeaconError(message(cause, remedy)) from error
    except FalseBeaconError as error:
        raise FalseBeaconError(message(f": {error}")) from error
    except OSError as error:
        if error.errno not in FULL:
            raise
        cause = f": cannot write {error.filename or 'output'}: {error.strerror}."
        raise FalseBeaconError(message(cause, "Make room, and go on with")) from error


def _dumped(directory: Path, error: NotFiniteError, steps: int) -> str:
    try:
        return f"Their inputs are in {write_dump(directory, error, steps)}."
    except FalseBeaconError as full:
        return f"Their inputs could not be written ({full})"
