"""Compilation of the engine's inner functions.

They take tuples of many arrays and allocate nothing. Reference counts of those arrays at every
call would cost several times as much as the functions, so inner functions do not count.

numba caches compiled functions on disk and drops one when its own file changes, but not when a
function that it calls, in another file, changes. So the cache's directory is named by a digest of
all sources of compiled code; import `njit` from here, not from numba.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import numba
from numba import get_num_threads, njit, prange
from numba.core import config

__all__ = ["called", "get_num_threads", "inner", "inner_call", "njit", "prange"]


def _stamp_compiled_code() -> None:
    package = Path(__file__).parents[1]
    rooms = ("physics", "navigation", "visibility", "backends/voxel")
    sources = sorted(path for room in rooms for path in (package / room).rglob("*.py"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources))
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    parent = Path(chosen) if chosen else package / "__pycache__"
    stamped = str(parent / f"kernels-{digest.hexdigest()[:12]}")
    config.CACHE_DIR = stamped  # pyright: ignore[reportAttributeAccessIssue]


_stamp_compiled_code()

_njit: Any = numba.njit
_NO_WRAPPERS: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

inner: Any = _njit(cache=True, error_model="numpy", forceinline=True, _nrt=False, **_NO_WRAPPERS)
"""Compiles a small function into its callers."""

inner_call: Any = _njit(cache=True, error_model="numpy", _nrt=False, **_NO_WRAPPERS)
"""Compiles a function for compiled callers."""

called: Any = _njit(cache=True, error_model="numpy", _nrt=False)
"""Compiles a function for compiled callers and for Python."""
