"""Files and directories that appear whole or not at all, and what killed writers leave behind.

Everything is written beside its target under a hidden name that tells which process writes it. The
first write into a directory removes what processes that are gone have left there.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.interruption import held_back
from minecraft_tasks.core.processes import is_alive, mark

_STAGED = re.compile(r"\.(.+)\.(\d+-\d+-\w*)\.tmp", re.DOTALL)
_STALE = ".stale"
"""File in a directory that is being published: names that the earlier one loses."""
_FOREIGN_SECONDS = 7 * 24 * 3600.0
"""Age at which something that another machine has left is taken to be abandoned."""

_swept: set[Path] = set()


def staged(target: Path) -> Path:
    """Hidden path beside `target` to write under until it is whole; `sweep` knows it."""
    target = target.absolute()
    return target.with_name(f".{target.name}.{mark()}.tmp")


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Gives a temporary path beside `path`, and renames it to `path` once it is written.

    Signals wait until then, so that none leaves a temporary file.

    Raises:
        FalseBeaconError: If the disk is full or the place is not writable; what `path` held stays.
    """
    temporary = staged(path)
    with held_back():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if temporary.parent not in _swept:
                sweep(temporary.parent)
            yield temporary
            os.replace(temporary, path)
        except OSError as error:
            raise FalseBeaconError(
                f"cannot write {path}: {error.strerror or error}. What was written before is"
                " intact; make room, or choose another place, and try again."
            ) from error
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Replaces a text file at once."""
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_csv(path: Path, rows: Iterable[Iterable[Any]]) -> None:
    """Replaces a CSV file at once."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    write_text(path, text.getvalue())


def require_own(out: Path, marker: str, kind: str) -> None:
    """Checks that a directory may be published: it is missing, empty, or one of its kind.

    Args:
        out: The directory.
        marker: File that every directory of this kind has.
        kind: What such a directory is, for the error.

    Raises:
        FalseBeaconError: If it is something else.
    """
    sweep(out.absolute().parent)
    own = out.is_dir() and ((out / marker).is_file() or not any(out.iterdir()))
    if out.exists() and not own:
        raise FalseBeaconError(
            f"{out} exists and is no {kind}: name another one with --out, or move it away."
        )


@contextmanager
def published(out: Path, stale: Collection[str] = ()) -> Iterator[Path]:
    """Gives an empty directory, and moves what was written there to `out` once it is whole.

    Until then `out` is as it was. From then on nothing is lost either: if this process is killed
    while it moves, the next `sweep` finishes. Hidden entries are scratch and are not moved.

    Args:
        out: The directory to publish; entries that are not written anew stay.
        stale: Names of entries that do not stay.
    """
    made = staged(out)
    made.parent.mkdir(parents=True, exist_ok=True)
    sweep(made.parent)
    made.mkdir()
    try:
        yield made
        (made / _STALE).write_text("\n".join(stale), encoding="utf-8")
    except BaseException:
        remove(made)
        raise
    _move(made, out)


def _move(made: Path, out: Path) -> None:
    """Moves a directory that is whole over the earlier one; may be begun again at any point."""
    out.mkdir(exist_ok=True)
    for name in (made / _STALE).read_text(encoding="utf-8").splitlines():
        remove(out / name)
    (made / _STALE).write_text("")
    for entry in made.iterdir():
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            remove(out / entry.name)
        entry.replace(out / entry.name)
    remove(made)


def remove(path: Path) -> None:
    """Deletes a file or a directory, where it exists."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sweep(directory: Path) -> None:
    """Removes what writers that are gone have left in a directory, and finishes what was whole.

    What belongs to a running process stays.
    """
    _swept.add(directory.absolute())
    for path in list(directory.glob(".*.tmp")):
        # Another process may sweep at the same time.
        with suppress(OSError):
            found = _STAGED.fullmatch(path.name)
            if found is None or not _abandoned(path, found[2]):
                continue
            if (path / _STALE).is_file():
                _move(path, path.with_name(found[1]))
            else:
                remove(path)


def _abandoned(path: Path, owner: str) -> bool:
    alive = is_alive(owner)
    if alive is None:
        return time.time() - path.stat().st_mtime > _FOREIGN_SECONDS
    return not alive
