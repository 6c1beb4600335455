"""Entry point: parses a command, runs it, and turns the user's errors into one line."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tyro

from falsebeacon import train
from falsebeacon.blocks import Blocks
from falsebeacon.calibrate import Calibrate
from falsebeacon.curves import CurvesCommand
from falsebeacon.demo import Demo
from falsebeacon.doctor import Doctor
from falsebeacon.ease import EaseCommand
from falsebeacon.evaluate import Evaluate
from falsebeacon.lock import Lock
from falsebeacon.over_training import OverTraining
from falsebeacon.parity import ParityCommand
from falsebeacon.report import ReportCommand
from falsebeacon.study import StudyCommand
from falsebeacon.tasks import Tasks
from falsebeacon.train import Train
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.tasks.data import data_directory

COMMANDS = {
    "tasks": Tasks,
    "blocks": Blocks,
    "train": Train,
    "evaluate": Evaluate,
    "calibrate": Calibrate,
    "over-training": OverTraining,
    "report": ReportCommand,
    "study": StudyCommand,
    "curves": CurvesCommand,
    "demo": Demo,
    "ease": EaseCommand,
    "parity": ParityCommand,
    "lock": Lock,
    "doctor": Doctor,
}

_DESCRIPTION = """Find out what an agent was after.

A task is named by its name, or by package.module:TASK where it is your own. Every command takes
--data DIR: where the locked levels, calibration and ease table of such a task are, instead of
beside its module."""

_COMMON = argparse.ArgumentParser(prog="falsebeacon", add_help=False, allow_abbrev=False)
_COMMON.add_argument("--data", type=Path)


def parse(words: Sequence[str]) -> Any:
    """The command that some words name, with its options; exits with 2 on bad usage.

    Raises:
        FalseBeaconError: If they name a run to resume that cannot be read.
    """
    if words[:1] == ["train"]:
        default = train.defaults(words)
        return tyro.cli(Train, prog="falsebeacon train", default=default, args=words[1:])
    return tyro.extras.subcommand_cli_from_dict(
        COMMANDS, prog="falsebeacon", description=_DESCRIPTION, args=words
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Words after the program's name; those of this process by default.

    Returns:
        Exit status: 0 done, 1 refused or failed, 130 interrupted. Bad usage exits with 2.
    """
    try:
        given = list(sys.argv[1:] if arguments is None else arguments)
        common, words = _COMMON.parse_known_args(given)
        with data_directory(common.data):
            parse(words).run()
    except FalseBeaconError as error:
        return _fail(str(error))
    except BrokenPipeError:
        # Whoever read our output has seen enough; flushing at exit would fail once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        where = f" {error.filename}" if error.filename else ""
        return _fail(
            f"cannot write{where}: {error.strerror}; earlier results are intact. "
            "Free some space, or choose another directory with --out."
        )
    except KeyboardInterrupt:
        print("interrupted; earlier results are intact.", file=sys.stderr)
        return 130
    return 0


def _fail(text: str) -> int:
    print(f"falsebeacon: {text}", file=sys.stderr)
    return 1


def entry() -> None:
    """The `falsebeacon` script."""
    sys.exit(main())
