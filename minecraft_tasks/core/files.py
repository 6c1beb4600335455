"""Files and directories that appear whole or not at all, and removal of what killed writers leave.

Each is written beside its target under a hidden name that contains the id of its writer. The
first write into a directory removes such files of processes that have ended.
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
"""File in a directory that is being published: entries of the earlier one to delete."""
_FOREIGN_SECONDS = 7 * 24 * 3600.0
"""Age at which a file of another machine's process is taken to be abandoned."""

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
        FalseBeaconError: If the disk is full or `path` is not writable; an earlier file stays.
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
    """Refuses to publish to a directory that is neither missing, empty, nor of the same kind.

    Args:
        out: The directory.
        marker: File that every directory of this kind has.
        kind: Name of this kind, for the error.
    """
    sweep(out.absolute().parent)
    own = out.is_dir() and ((out / marker).is_file() or not any(out.iterdir()))
    if out.exists() and not own:
        raise FalseBeaconError(
            f"{out} exists and is no {kind}: name another one with --out, or move it away."
        )


@contextmanager
def published(out: Path, stale: Collection[str] = ()) -> Iterator[Path]:
    """Gives an empty directory, and moves its entries to `out` once it is whole.

    Until then `out` is as it was. If this process is killed during the move, the next `sweep`
    finishes it. Hidden entries are scratch and are not moved. Entries of an earlier `out` that are
    not replaced stay, except those named in `stale`.
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
    """Moves a whole directory over the earlier one; may be interrupted and repeated."""
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
    """Removes the files of ended writers from a directory, or publishes what they had finished."""
    _swept.add(directory.absolute())
    for path in list(directory.glob(".*.tmp")):
        # Another process may sweep at the same time.
        with suppress(OSError):
            parts = _STAGED.fullmatch(path.name)
            if parts is None or not _abandoned(path, parts[2]):
                continue
            if (path / _STALE).is_file():
                _move(path, path.with_name(parts[1]))
            else:
                remove(path)


def _abandoned(path: Path, owner: str) -> bool:
    alive = is_alive(owner)
    if alive is None:
        return time.time() - path.stat().st_mtime > _FOREIGN_SECONDS
    return not alive
