"""The user's own code, named on the command line as ``package.module:name``."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError


def is_reference(text: str) -> bool:
    """Whether a text has the form ``package.module:name``."""
    return re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*", text) is not None


@contextmanager
def local_imports() -> Iterator[None]:
    """Makes modules of the current directory importable, before any others."""
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        yield
    finally:
        with suppress(ValueError):
            sys.path.remove(here)


def load_object(reference: str, kind: str) -> Any:
    """The object that ``package.module:name`` names, in the current directory or installed.

    Raises:
        UnknownNameError: If there is no such module or name; the error calls it a `kind`.
        FalseBeaconError: If the module cannot be imported.
    """
    module, _, name = reference.partition(":")
    try:
        with local_imports():
            return getattr(importlib.import_module(module), name)
    except (ModuleNotFoundError, AttributeError) as error:
        raise UnknownNameError(f"no {kind} {reference!r}: {error}.") from error
    except Exception as error:
        raise FalseBeaconError(
            f"{kind} {reference!r} did not load: {type(error).__name__}: {error}."
        ) from error
