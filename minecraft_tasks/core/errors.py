"""Errors for the user: each names the thing, the value and the way out."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")


class FalseBeaconError(Exception):
    """Base of every error that the command line prints as one line, without a traceback."""

    status = 1
    """Exit status of the command line."""


class UnknownNameError(FalseBeaconError):
    """A task, split, candidate, agent or backend that does not exist."""


class StaleError(FalseBeaconError):
    """A file that was made for another task or version, or was edited by hand."""


class CorruptFileError(FalseBeaconError):
    """A file that cannot be read to its end."""


class EngineError(FalseBeaconError):
    """An engine that fails again and again; earlier episodes are sound."""


def lookup(kind: str, name: str, known: Mapping[str, T], where: str = "") -> T:
    """The value of `name` in `known`.

    Raises:
        UnknownNameError: Naming the nearest known name, and all of them.
    """
    if name in known:
        return known[name]
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    of = f" of {where}" if where else ""
    raise UnknownNameError(f"unknown {kind}{of}: {name!r}.{hint} Known: {', '.join(known)}.")
