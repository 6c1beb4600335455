"""Entry point: names the command, runs it, and turns the user's errors into one line.

Signals are caught before anything but the standard library is loaded, and of the commands only
the one that is named.
"""

from __future__ import annotations

import errno
import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module, util
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from falsebeacon import signals

if TYPE_CHECKING:
    from falsebeacon.command import Command

COMMANDS = {
    "tasks": "Tasks",
    "blocks": "Blocks",
    "train": "Train",
    "evaluate": "Evaluate",
    "calibrate": "Calibrate",
    "over-training": "OverTraining",
    "report": "ReportCommand",
    "study": "StudyCommand",
    "curves": "CurvesCommand",
    "demo": "Demo",
    "ease": "EaseCommand",
    "parity": "ParityCommand",
    "lock": "Lock",
    "doctor": "Doctor",
}
"""Command -> its class, in the module of the same name."""

_EPILOG = """falsebeacon COMMAND --help lists the options of a command. A task is named by its name,
or by package.module:TASK where it is your own; with --data DIR the locked levels, calibration and
ease table of such a task lie there, and not beside its module."""

_COMMON = ArgumentParser(prog="falsebeacon", add_help=False, allow_abbrev=False)
_COMMON.add_argument("--data", type=Path)

OURS = ("minecraft_tasks", "wrappers", "policies", "evaluation")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)


def parse(words: Sequence[str]) -> Command:
    """The command that some words name, with its options; exits with 2 on bad usage.

    Raises:
        FalseBeaconError: If they name a run to resume that cannot be read.
    """
    from minecraft_tasks.core.errors import UnknownNameError, lookup

    if not words or words[0].startswith("-"):
        _general(words)
    try:
        kind = lookup("command", words[0], COMMANDS)
    except UnknownNameError as error:
        _tell(str(error))
        sys.exit(2)
    module = import_module(f"falsebeacon.{_module(words[0])}")
    return getattr(module, kind).parsed(words[0], words[1:])


def _general(words: Sequence[str]) -> NoReturn:
    """Prints the help or the version, or that a command is missing; exits with 0 or 2."""
    parser = ArgumentParser(
        prog="falsebeacon",
        description="Find out what an agent was after.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name in COMMANDS:
        commands.add_parser(name, add_help=False, help=_summary(name))
    if parser.parse_args(words).version:
        from importlib.metadata import version

        print(f"falsebeacon {version('falsebeacon')}")
        sys.exit(0)
    parser.error(f"name a command: {', '.join(COMMANDS)}")


def _module(command: str) -> str:
    return command.replace("-", "_")


def _summary(command: str) -> str:
    """What a command does, in the first line of its module, which need not be loaded for that."""
    source = Path(__file__).with_name(f"{_module(command)}.py").read_text(encoding="utf-8")
    return source.splitlines()[0].partition(": ")[2].rstrip('".')


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Words after the program's name; those of this process by default.

    Returns:
        Exit status: 0 done, 1 refused or failed, 130 interrupted, 143 terminated. Bad usage exits
        with 2.
    """
    from minecraft_tasks.core.errors import FalseBeaconError
    from minecraft_tasks.tasks.data import data_directory

    try:
        given = list(sys.argv[1:] if arguments is None else arguments)
        common, words = _COMMON.parse_known_args(given)
        with data_directory(common.data):
            parse(words).run()
    except FalseBeaconError as error:
        _tell(str(error))
        return error.status
    except BrokenPipeError:
        # The reader of our output has seen enough; flushing at exit would fail once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.errno not in _FULL:
            raise
        where = f" {error.filename}" if error.filename else ""
        _tell(
            f"cannot write{where}: {error.strerror}; earlier results are intact. "
            "Free some space, or choose another directory with --out."
        )
        return 1
    return 0


def _tell(text: str) -> None:
    print(f"falsebeacon: {text}", file=sys.stderr)


def shadow() -> str:
    """Names a package of the current folder that hides one of ours; empty where none does."""
    home = Path(__file__).resolve().parents[1]
    for name in OURS:
        found = util.find_spec(name)
        where = Path((found and found.origin) or home / name / "__init__.py").resolve()
        if home not in where.parents:
            return (
                f"{where} hides False Beacon's own package {name!r}: start from another folder, or"
                " use the `falsebeacon` command, which does not look for packages where it starts."
            )
    return ""


def entry() -> NoReturn:
    """The `falsebeacon` script."""
    signals.catch()
    try:
        hidden = shadow()
        if hidden:
            _tell(hidden)
        status = 1 if hidden else main()
    except BaseException as error:
        # What a signal raises may have become something else on its way here.
        if isinstance(error, SystemExit) or not signals.caught:
            raise
        print(signals.LINE, file=sys.stderr)
        status = signals.caught
        signals.finish()
    signals.finish()
    sys.exit(status)
