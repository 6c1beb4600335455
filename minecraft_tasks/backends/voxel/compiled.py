"""How the engine's inner functions are compiled.

They are handed tuples of many arrays, and allocate nothing. Counting references to those
arrays at every call would cost several times what the functions do, so it is left out; only
who owns the arrays counts. On a GPU the same functions are compiled by numba's CUDA target.
"""

from __future__ import annotations

import math
from typing import Any

import numba

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
