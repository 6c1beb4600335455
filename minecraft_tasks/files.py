"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from minecraft_tasks.errors import FalseBeaconError


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Gives a temporary path beside `path`, and renames it to `path` once it is written.

    Raises:
        FalseBeaconError: If the disk is full or the place is not writable; what `path` held stays.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        raise FalseBeaconError(
            f"cannot write {path}: {error.strerror or error}. What was written before is intact;"
            " make room, or choose another place, and try again."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Replaces a text file at once."""
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
