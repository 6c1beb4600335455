"""Faults that are asked for in a file, while the stand-in runs or before.

Of the stand-in: it proves client, mission and protocol, not rendering, physics or block placement
in Minecraft.
"""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from typing import NamedTuple

_ANSWERED = ("mission", "peek", "step")
_SEEN = ("peek", "step")

KINDS: dict[str, tuple[str, ...]] = {
    "hang": ("launch", *_ANSWERED),  # no answer, nor to anyone else but Exit
    "exit": ("launch", *_ANSWERED),  # the process is gone
    "close": _ANSWERED,  # the connection is closed without an answer
    "hold": _ANSWERED,  # no answer while the line is in the file
    "bad-version": ("connection",),  # a hello of the right version is refused
    "busy": ("mission",),  # 0 for an answer, VALUE times
    "swallow-drawing": ("mission",),  # the drawing ends after VALUE elements
    "short-frame": _SEEN,  # VALUE bytes are missing of the frame
    "empty-info": _SEEN,  # {} for an info
    "missing-key": _SEEN,  # the info has no key VALUE
    "done": _SEEN,  # the mission is over
}
"""Kind of fault -> occasions that it can happen at."""

_DEFAULTS = {"missing-key": "xpos"}
_LINE = re.compile(r"([a-z-]+)(?:=([^@]+))?@([a-z]+)(?::(\d+))?(\+)?")


class Fault(NamedTuple):
    """One line of the file.

    Attributes:
        kind: Of `KINDS`.
        value: A number or a name; what it means depends on the kind.
        occasion: What it happens at.
        number: Which of those, counted from 1 over the process, or None for the next.
        always: Whether it happens at all that come after, too.
    """

    kind: str
    value: str
    occasion: str
    number: int | None
    always: bool

    @classmethod
    def of(cls, line: str) -> Fault:
        """A fault as it is written.

        Raises:
            ValueError: If it is not ``KIND[=VALUE]@OCCASION[:N][+]``, or cannot happen then.
        """
        match = _LINE.fullmatch(line)
        if match is None or match[3] not in KINDS.get(match[1], ()):
            raise ValueError(f"{line!r} is no fault; the kinds and their occasions are {KINDS}")
        kind, value, occasion, number, always = match.groups()
        value = value or _DEFAULTS.get(kind, "1")
        return cls(kind, value, occasion, int(number) if number else None, bool(always))

    def __str__(self) -> str:
        number = "" if self.number is None else f":{self.number}"
        return f"{self.kind}={self.value}@{self.occasion}{number}{'+' * self.always}"

    def due(self, occasion: str, number: int) -> bool:
        """Whether it happens at the occasion of that number."""
        if occasion != self.occasion:
            return False
        if self.number is None or number == self.number:
            return True
        return self.always and number > self.number

    def left(self) -> Fault | None:
        """What remains of it once it has happened."""
        if self.always or self.kind == "hold":
            return self
        if self.kind == "busy" and int(self.value) > 1:
            return self._replace(value=str(int(self.value) - 1))
        return None


def ask_for(path: Path, *faults: Fault | str) -> None:
    """Writes the file of faults, which a stand-in may be reading at the same moment."""
    part = path.with_name(path.name + ".part")
    part.write_text("".join(f"{fault}\n" for fault in faults))
    os.replace(part, path)


class Faults:
    """The file of faults, or none."""

    def __init__(self, path: Path | None = None) -> None:
        """Faults that are still to happen.

        Args:
            path: One fault on each line; it need not exist yet.

        Raises:
            ValueError: If a line is no fault.
        """
        self._path = path
        self._lock = threading.Lock()
        self._read()

    def _read(self) -> list[Fault]:
        if self._path is None or not self._path.exists():
            return []
        return [Fault.of(line) for line in self._path.read_text().split()]

    def take(self, occasion: str, number: int) -> dict[str, str]:
        """Kind -> value of what is due, which is then taken out of the file.

        Raises:
            ValueError: If a line is no fault.
        """
        with self._lock:
            faults = self._read()
            due = [fault for fault in faults if fault.due(occasion, number)]
            if any(fault.left() != fault for fault in due):
                self._write([left for fault in faults if (left := _after(fault, due))])
        return {fault.kind: fault.value for fault in due}

    def held(self) -> bool:
        """Whether an answer is still to be held back."""
        return any(fault.kind == "hold" for fault in self._read())

    def _write(self, faults: list[Fault]) -> None:
        assert self._path is not None
        ask_for(self._path, *faults)


def _after(fault: Fault, due: list[Fault]) -> Fault | None:
    return fault.left() if fault in due else fault
