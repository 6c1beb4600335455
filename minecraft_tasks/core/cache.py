"""Arrays that take long to compute, kept on disk between runs."""

from __future__ import annotations

import hashlib
import io
import os
import zlib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import numpy as np

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import atomic_write

Arrays = tuple[np.ndarray, ...]

PLANNERS = (
    "actions.py", "admission/taken.py", "backends/voxel", "blocks", "core", "navigation", "physics",
    "spec.py", "visibility", "worlds/sites.py", "worlds/world.py",
)  # fmt: skip
"""Source that kept arrays depend on beside their key: engine, physics and planners, but not what
draws the levels, which are part of the key."""


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
    digest = hashlib.sha256(_source())
    for part in key:
        content = part.encode() if isinstance(part, str) else np.ascontiguousarray(part).tobytes()
        digest.update(f"{len(content)} ".encode() + content)
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = home / "falsebeacon" / f"{kind}-{digest.hexdigest()[:24]}"
    try:
        content = io.BytesIO(zlib.decompress(path.read_bytes()))
        with np.load(content, allow_pickle=False) as stored:
            return tuple(stored[name] for name in stored.files)
    except Exception:
        # A file that is cut short or foreign may raise anything.
        pass
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


@cache
def _source() -> bytes:
    """Hash of `PLANNERS`."""
    digest, package = hashlib.sha256(), Path(__file__).parents[1]
    for name in PLANNERS:
        for path in sorted((package / name).rglob("*.py")) or [package / name]:
            digest.update(path.read_bytes())
    return digest.digest()
