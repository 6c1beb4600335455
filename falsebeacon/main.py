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
from contextlib import ExitStack
from importlib import import_module, util
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from falsebeacon import signals

if TYPE_CHECKING:
    from falsebeacon.command import Command

COMMANDS = (
    "tasks", "blocks", "train", "evaluate", "calibrate", "over-training", "report", "study",
    "curves", "review", "agreement", "wandb-report", "demo", "ease", "parity", "lock", "doctor",
)  # fmt: skip
"""Each is a module of this package, and a class of that name in it: over_training.OverTraining."""

_EPILOG = """falsebeacon COMMAND --help lists the options of a command. A task is named by its name,
or by package.module:TASK where it is your own; with --data DIR the locked levels, calibration and
ease table of such a task lie there, and not beside its module."""

_COMMON = ArgumentParser(prog="falsebeacon", add_help=False, allow_abbrev=False)
_COMMON.add_argument("--data", type=Path)

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)


def parse(words: Sequence[str]) -> Command:
    """The command that some words name, with its options; exits with 2 on bad usage."""
    from minecraft_tasks.core.errors import UnknownNameError, lookup

    try:
        lookup("command", words[0], dict.fromkeys(COMMANDS))
    except UnknownNameError as error:
        _tell(str(error))
        sys.exit(2)
    module = import_module(f"falsebeacon.{words[0].replace('-', '_')}")
    kind = words[0].title().replace("-", "")
    return getattr(module, kind).parsed(words[0], words[1:])


def _general(words: Sequence[str]) -> NoReturn:
    """Prints the help or the version, or that a command is missing; exits with 0 or 2."""
    parser = ArgumentParser(
        prog="falsebeacon", description="Find out what an agent was after.", epilog=_EPILOG
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


def _summary(command: str) -> str:
    """What a command does, in the first line of its module, which need not be loaded for that."""
    source = Path(__file__).with_name(f"{command.replace('-', '_')}.py")
    return source.read_text(encoding="utf-8").splitlines()[0].partition(": ")[2].rstrip('".')


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line on the words after the program's name.

    Returns:
        Exit status: 0 done, 1 refused or failed, 130 interrupted, 143 terminated. Bad usage exits
        with 2.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    common, words = _COMMON.parse_known_args(given)
    if not words or words[0].startswith("-"):
        _general(words)
    from minecraft_tasks.core.errors import FalseBeaconError

    try:
        with ExitStack() as stack:
            if common.data is not None:
                from minecraft_tasks.tasks.data import data_directory

                stack.enter_context(data_directory(common.data))
            parse(words).run()
    except FalseBeaconError as error:
        _tell(str(error))
        return error.status
    except BrokenPipeError:
        # The reader of the output has gone; flushing at exit would fail once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _tell(
            f"cannot write {error.filename or 'a file'}: {error.strerror}; earlier results are"
            " intact. Free some space, or choose another directory with --out."
        )
        return 1
    return 0


def _tell(text: str) -> None:
    print(f"falsebeacon: {text}", file=sys.stderr)


def shadow() -> str:
    """The error for a package of the current folder that hides one of ours; empty without one."""
    home = Path(__file__).resolve().parents[1]
    for name in ("minecraft_tasks", "wrappers", "policies", "evaluation"):
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
        # An exception that a signal raised may have become another one on its way here.
        if isinstance(error, SystemExit) or not signals.caught:
            raise
        print(signals.LINE, file=sys.stderr)
        status = signals.caught
        signals.finish()
    signals.finish()
    sys.exit(status)
