"""The number format that a network is multiplied in."""

from __future__ import annotations

from typing import Literal

import torch

from policies.runs.config import Precision


def native_bf16() -> bool:
    """Whether the processor multiplies bfloat16 itself; elsewhere it is emulated and slow."""
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def resolved(precision: Precision | Literal["auto"]) -> Precision:
    """The precision that ``auto`` stands for on this machine."""
    if precision != "auto":
        return precision
    return "bf16" if native_bf16() else "float32"
