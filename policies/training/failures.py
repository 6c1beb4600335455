"""Why training stopped, and how to go on, in words for whoever started it."""

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
"""The system's numbers for a disk, a quota or a file that is full."""


@contextmanager
def explained(
    directory: Path, steps: Callable[[], int], saved: Callable[[], Path | None]
) -> Iterator[None]:
    """Adds to what stops training which checkpoint is left and how to go on from it.

    Args:
        directory: Of the run.
        steps: So far.
        saved: The last good checkpoint, if there is one.

    Raises:
        FalseBeaconError: Instead of any other such error, and where a disk is full.
        TrainingStopped: Instead of an interruption.
    """
    try:
        yield
    except KeyboardInterrupt as error:
        status = error.status if isinstance(error, Interrupted) else exit_status(signal.SIGINT)
        raise TrainingStopped(
            f"training stopped at once after {steps():,} steps. {_left(saved())}"
            f" Go on with: falsebeacon train --resume {directory}",
            status,
        ) from error
    except NotFiniteError as error:
        raise FalseBeaconError(
            f"training stopped after {steps():,} steps at {error}"
            f" {_dumped(directory, error, steps())} {_left(saved())} Resuming comes to the same"
            " numbers unless their cause is gone: mend it, or train anew with a lower"
            f" --learning-rate. To go on: falsebeacon train --resume {directory}"
        ) from error
    except FalseBeaconError as error:
        raise FalseBeaconError(
            f"training stopped after {steps():,} steps: {error} {_left(saved())}"
            f" Go on with: falsebeacon train --resume {directory}"
        ) from error
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise FalseBeaconError(
            f"training stopped after {steps():,} steps: cannot write {error.filename or 'output'}:"
            f" {error.strerror}. {_left(saved())} Make room, and go on with:"
            f" falsebeacon train --resume {directory}"
        ) from error


def _left(saved: Path | None) -> str:
    if saved is None:
        return "No checkpoint was saved yet."
    return f"The last good checkpoint is {saved}."


def _dumped(directory: Path, error: NotFiniteError, steps: int) -> str:
    try:
        return f"What they came from is in {write_dump(directory, error, steps)}."
    except FalseBeaconError as full:
        return f"What they came from could not be kept ({full})"
