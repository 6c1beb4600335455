"""How the engine's inner functions are compiled.

They are handed tuples of many arrays, and allocate nothing. Counting references to those
arrays at every call would cost several times what the functions do, so it is left out; only
who owns the arrays counts.

numba keeps compiled functions on disk and drops one when its own file changes, but not when
a function that it calls, in another file, does. So everything that is compiled is kept under a
name made from the sources of the whole package; import `njit` from here, not from numba.
"""

from __future__ import annotations

import hashlib
import math
import os
from pathlib import Path
from typing import Any

import numba
from numba import get_num_threads, njit, prange
from numba.core import config

__all__ = ["called", "floor", "get_num_threads", "inner", "inner_call", "njit", "prange"]


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
"""Compiles a small function into whoever calls it."""

inner_call: Any = _njit(cache=True, error_model="numpy", _nrt=False, **_NO_WRAPPERS)
"""Compiles a function that is called."""

called: Any = _njit(cache=True, error_model="numpy", _nrt=False)
"""Compiles a function that is called, from Python as well."""


@inner
def floor(value):
    """The whole number at or below a value; on a GPU, `math.floor` stays a float."""
    return int(math.floor(value))
