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

    Args:
        directory: Of the run.
        steps: Gives the steps so far.
        saved: Gives the last good checkpoint, if there is one.

    Raises:
        FalseBeaconError: For any such error, and for a full disk.
        TrainingStopped: For an interruption.
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
            f" {_dumped(directory, error, steps())} {_left(saved())} A resumed run fails again"
            " unless the cause is removed: remove it, or train a new run with a lower"
            f" --learning-rate. To resume: falsebeacon train --resume {directory}"
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
        return f"Their inputs are in {write_dump(directory, error, steps)}."
    except FalseBeaconError as full:
        return f"Their inputs could not be written ({full})"
