"""Arrays that take long to compute, kept on disk between runs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import numpy as np

from minecraft_tasks.core.files import atomic_write


def kept(kind: str, key: Iterable[np.ndarray | str], make: Callable[[], np.ndarray]) -> np.ndarray:
    """The array that `make` gives, or the one that it gave before for the same key.

    Files are in ``$XDG_CACHE_HOME/falsebeacon``, by default ``~/.cache/falsebeacon``, under a hash
    of the key and of this package's source. What cannot be read or written is computed again.

    Args:
        kind: Begins the file's name.
        key: All that the array depends on.
        make: Computes it.
    """
    digest = hashlib.sha256(_source())
    for part in key:
        content = part.encode() if isinstance(part, str) else np.ascontiguousarray(part).tobytes()
        digest.update(f"{len(content)} ".encode() + content)
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = home / "falsebeacon" / f"{kind}-{digest.hexdigest()[:24]}.npz"
    try:
        with np.load(path, allow_pickle=False) as stored:
            return stored["array"]
    except Exception:
        # A file that is cut short or foreign may raise anything.
        pass
    array = make()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as temporary, temporary.open("wb") as handle:
            np.savez(handle, array=array)
    except OSError:
        pass
    return array


@cache
def _source() -> bytes:
    """Hash of the source that worlds, physics and planners are made of."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()
