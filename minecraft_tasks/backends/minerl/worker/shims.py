"""Shims that let today's Python import the Python half of MineRL 0.4.4.

No file of MineRL changes: names that its dependencies have dropped are put back, and gymnasium
stands for `gym`. Its package is registered without its ``__init__``, which would load the data
pipeline and every environment.
"""

from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path
from typing import Any

VERSION = "0.4.4"

DROPPED = {"int": int, "float": float, "bool": bool, "object": object}
"""Names of numpy that MineRL uses and numpy 2 no longer has."""

GYM_MODULES = ("error", "spaces", "utils", "envs", "envs.registration")


def install(sdist: Path) -> None:
    """Makes ``import minerl.env`` and ``import minerl.herobraine`` work from an unpacked sdist.

    Args:
        sdist: The folder that holds `setup.py` and the package `minerl`.

    Raises:
        ImportError: If there is no such package there, or it is another version.
    """
    package = sdist / "minerl"
    if not (package / "env" / "_multiagent.py").is_file():
        raise ImportError(f"{sdist} holds no unpacked minerl {VERSION}: run `make minerl`.")
    _numpy_names()
    _gym()
    minerl: Any = types.ModuleType("minerl")
    minerl.__path__ = [str(package)]
    sys.modules["minerl"] = minerl


def _numpy_names() -> None:
    numpy: Any = importlib.import_module("numpy")
    for name, kind in DROPPED.items():
        if name not in numpy.__dict__:
            setattr(numpy, name, kind)


def _gym() -> None:
    gymnasium: Any = importlib.import_module("gymnasium")
    sys.modules["gym"] = gymnasium
    for name in GYM_MODULES:
        sys.modules[f"gym.{name}"] = importlib.import_module(f"gymnasium.{name}")
    # MineRL's Discrete assigns its shape, which gymnasium's Space only lets one read.
    gymnasium.Space.shape = property(
        lambda self: self._shape, lambda self, shape: setattr(self, "_shape", shape)
    )
