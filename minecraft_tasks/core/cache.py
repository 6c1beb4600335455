"""Arrays that take long to compute, kept on disk between runs."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import atomic_write
from minecraft_tasks.core.parallel import spread

Arrays = tuple[np.ndarray, ...]

PLANNERS = (
    "actions.py", "admission/taken.py", "backends/voxel", "blocks", "core", "navigation", "physics",
    "spec.py", "visibility", "worlds/sites.py", "worlds/world.py",
)  # fmt: skip
"""Source that kept arrays depend on beside their key: engine, physics and planners, but not what
draws the levels, which are part of the key."""


ROWS = 128
"""Rows that one file of `kept_rows` holds; one process makes as many faster than two start."""


def kept(kind: str, key: Iterable[np.ndarray | str], make: Callable[[], Arrays]) -> Arrays:
    """The arrays that `make` gives, or those that it gave before for the same key.

    Files are in ``$XDG_CACHE_HOME/falsebeacon``, by default ``~/.cache/falsebeacon``, under a hash
    of the key and of the source of `PLANNERS`. The folder may be deleted at any time; what cannot
    be read or written is computed again.

    Args:
        kind: Begins the file's name.
        key: All that the arrays depend on.
        make: Computes them.
    """
    path = _path(kind, key)
    found = _read(path)
    if found is not None:
        return found
    arrays = make()
    content = io.BytesIO()
    np.savez(content, *arrays)
    try:
        with atomic_write(path) as temporary:
            # A plan shrinks to a sixth at the lowest level, and little further at the highest.
            temporary.write_bytes(zlib.compress(content.getvalue(), 1))
    except FalseBeaconError:
        pass
    return arrays


def kept_rows(
    kind: str,
    key: str,
    work: Callable[..., np.ndarray],
    arrays: Sequence[np.ndarray],
    rest: tuple[Any, ...] = (),
) -> np.ndarray:
    """What a module's function gives for the rows of arrays, kept as by `kept`.

    `ROWS` rows are made at a time, in an order that differs between processes: those that need the
    same rows at once share the work, and what an interrupted one has made is found again.

    Args:
        kind: Begins the files' names.
        key: All that the result depends on beside the arrays.
        work: Called with some rows of each array, and `rest`; gives an array of as many rows.
        arrays: Of L rows each.
        rest: Further arguments.
    """
    count = len(arrays[0])
    parts = [slice(begin, begin + ROWS) for begin in range(0, max(count, 1), ROWS)]
    own = [tuple(array[part] for array in arrays) for part in parts]
    read = {n: _read(_path(kind, (key, *rows))) for n, rows in enumerate(own)}
    found = {n: arrays[0] for n, arrays in read.items() if arrays}
    missing = [n for n in read if n not in found]
    Random(os.getpid()).shuffle(missing)
    made = spread(_kept_part, [(kind, key, work, own[n], rest) for n in missing])
    found |= zip(missing, made, strict=True)
    return np.concatenate([found[n] for n in read])


def _kept_part(
    kind: str, key: str, work: Callable[..., np.ndarray], rows: Arrays, rest: tuple[Any, ...]
) -> np.ndarray:
    # Another process may have made it in the meantime.
    return kept(kind, (key, *rows), lambda: (work(*rows, *rest),))[0]


def _path(kind: str, key: Iterable[np.ndarray | str]) -> Path:
    digest = hashlib.sha256(_source())
    for part in key:
        content = part.encode() if isinstance(part, str) else np.ascontiguousarray(part).tobytes()
        digest.update(f"{len(content)} ".encode() + content)
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        # A user without a home directory.
        home = Path(tempfile.gettempdir())
    return home / "falsebeacon" / f"{kind}-{digest.hexdigest()[:24]}"


def _read(path: Path) -> Arrays | None:
    try:
        content = io.BytesIO(zlib.decompress(path.read_bytes()))
        with np.load(content, allow_pickle=False) as stored:
            return tuple(stored[name] for name in stored.files)
    except Exception:
        # A file that is cut short or foreign may raise anything.
        return None


@cache
def _source() -> bytes:
    """Hash of `PLANNERS`."""
    digest, package = hashlib.sha256(), Path(__file__).parents[1]
    for name in PLANNERS:
        for path in sorted((package / name).rglob("*.py")) or [package / name]:
            digest.update(path.read_bytes())
    return digest.digest()
