"""Everything that is wrong with a file, in one error and in the user's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.records import faults


class Faults(list[FalseBeaconError]):
    """What is wrong with a file, each fault with its place in it."""

    def note(self, place: str, error: Exception) -> None:
        """Adds an error, or all that pydantic found, as ``base.steps = -5: must be ...``."""
        if isinstance(error, ValidationError):
            self += [FalseBeaconError(fault) for fault in faults(error, place)]
        elif isinstance(error, FalseBeaconError):
            near, known, _ = str(error).partition(" Known:")
            text = near if known and "Did you mean" in near else str(error)
            self.append(type(error)(f"{place}: {text}"))

    @contextmanager
    def at(self, place: str) -> Iterator[None]:
        """Goes on after an error, and keeps it as a fault of a place."""
        try:
            yield
        except (ValidationError, FalseBeaconError) as error:
            self.note(place, error)

    def refuse(self, path: Path) -> None:
        """Raises one error for all faults, of their own kind where they share one.

        Raises:
            FalseBeaconError: If there are any.
        """
        kinds = {type(fault) for fault in self}
        texts = dict.fromkeys(str(fault).rstrip(".") for fault in self)
        lines = [text if text.endswith("?") else f"{text}." for text in texts]
        if lines:
            kind = kinds.pop() if len(kinds) == 1 else FalseBeaconError
            head = f"{path}: " if len(lines) == 1 else f"{path} has {len(lines)} faults:\n  "
            raise kind(head + "\n  ".join(lines))
