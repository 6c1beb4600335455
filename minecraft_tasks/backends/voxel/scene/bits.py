"""Masks of 64 bits, with two operations that numba lacks."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from minecraft_tasks.physics.compiled import inner

POSITIVE = 0x7FFFFFFFFFFFFFFF
"""All bits but the sign, which a shift to the right copies."""

_UNDEFINED_AT_ZERO = ir.Constant(ir.IntType(1), 1)


def _trailing(_typing: Any, _mask: Any) -> Any:
    def codegen(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], _UNDEFINED_AT_ZERO)

    return types.int64(types.int64), codegen


def _leading(_typing: Any, _mask: Any) -> Any:
    def codegen(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        zeros = builder.ctlz(arguments[0], _UNDEFINED_AT_ZERO)
        return builder.sub(ir.Constant(ir.IntType(64), 63), zeros)

    return types.int64(types.int64), codegen


lowest: Any = intrinsic(_trailing)
"""Index of the lowest set bit of an int64 that is not 0, for compiled code."""

highest: Any = intrinsic(_leading)
"""Index of the highest set bit of an int64 that is not 0, for compiled code."""


@inner
def run(first, end):
    """Mask of the bits first ... end - 1, at least one, in an int64."""
    return (np.int64(-1) << first) & ((np.int64(2) << (end - 1)) - 1)
