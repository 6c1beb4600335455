"""What processes that tests start need."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""This checkout."""


def environment(**extra: str) -> dict[str, str]:
    """Variables for a child that imports this checkout and leaves other tests their core."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **extra}
