"""Training in a process of its own, to be interrupted or killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from policies.runs.checkpoints import checkpoints
from tests.support.children import environment
from tests.support.small import SMALL
from tests.support.waiting import wait_for


def start_long_run(directory: Path, *options: str, **variables: str) -> subprocess.Popen[str]:
    """A run that would take hours, once it has written a checkpoint.

    Args:
        directory: Of the run.
        options: More words for the command.
        variables: More variables of its environment.
    """
    settings = SMALL | {"steps": 50_000_000, "save_seconds": 0.2}
    given = [f"--{name}={value}" for name, value in settings.items() if name != "task"]
    command = [sys.executable, "-m", "falsebeacon", "train", "BeaconShrine"]
    process = subprocess.Popen(
        [*command, *given, "--out", str(directory), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment() | variables,
    )
    wait_for(lambda: len(checkpoints(directory)) > 1, "two checkpoints", process)
    return process
