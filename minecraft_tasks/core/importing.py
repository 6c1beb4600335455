"""The user's own code, named on the command line as ``package.module:name``."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec
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


def module_file(module: str) -> Path | None:
    """The file of a module, found without importing it or a package that it is part of."""
    top, *inner = module.split(".")
    try:
        with local_imports():
            found = importlib.util.find_spec(top)
    except ValueError:  # Of a module that has no file, such as __main__.
        return None
    name = top
    for part in inner:
        name = f"{name}.{part}"
        places = list((found and found.submodule_search_locations) or ())
        found = _found_in(places, name)
    return Path(found.origin).resolve() if found is not None and found.origin else None


def _found_in(places: list[str], name: str) -> ModuleSpec | None:
    """The specification of a module in folders of its package; folders alone are packages too."""
    portions: list[str] = []
    for place in places:
        finder = pkgutil.get_importer(place)
        found = finder.find_spec(name) if finder is not None else None
        if found is not None and found.loader is not None:
            return found
        portions += (found and found.submodule_search_locations) or ()
    if not portions:
        return None
    package = ModuleSpec(name, None, is_package=True)
    package.submodule_search_locations = portions
    return package


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
