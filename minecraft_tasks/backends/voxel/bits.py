"""The two bit operations that numba does not offer, each one machine instruction."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

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
