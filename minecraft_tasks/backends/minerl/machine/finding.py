"""What a check of this machine has found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class MachineCheck:
    """What was found of one thing that Minecraft needs.

    Attributes:
        name: The thing.
        state: ``missing`` keeps Minecraft from starting, ``warning`` may.
        found: What is there.
        remedy: What to do, where it is not ok.
    """

    name: str
    state: Literal["ok", "warning", "missing"]
    found: str
    remedy: str = ""


def size(count: int) -> str:
    """Bytes in words."""
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.1f} MiB"
