"""The embedded engine: Minecraft's walking and looks, for many worlds at once, on the CPU.

numba keeps compiled functions on disk and drops one when its own file changes, but not when
a function that it calls, in another file, does. So what is compiled while this package is in
use is kept under a name made from all of its sources.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from numba.core import config


def _stamp_compiled_code() -> None:
    here = Path(__file__).parent
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(here.glob("*.py"))))
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    parent = Path(chosen) if chosen else here / "__pycache__"
    stamped = str(parent / f"kernels-{digest.hexdigest()[:12]}")
    config.CACHE_DIR = stamped  # pyright: ignore[reportAttributeAccessIssue]


_stamp_compiled_code()
