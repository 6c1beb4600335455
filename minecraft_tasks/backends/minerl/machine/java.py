"""Installed Java: Minecraft 1.11 and its build need version 8, not a newer one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

INSTALL = (
    "install JDK 8 (Ubuntu: `sudo apt-get install openjdk-8-jdk`; Debian has it no more: add"
    " Adoptium's repository and install temurin-8-jdk), and put its `java` first in PATH, as by"
    " `sudo update-alternatives --config java`"
)

_ANSWER_SECONDS = 30.0


@dataclass(frozen=True)
class Java:
    """A `java` command.

    Attributes:
        path: Of the command.
        version: As it prints it, such as ``1.8.0_392`` or ``17.0.15``; empty if it prints none.
    """

    path: Path
    version: str

    @property
    def is_8(self) -> bool:
        """Whether it is version 8, which prints 1.8."""
        return self.version.startswith("1.8.")

    @property
    def compiler(self) -> Path | None:
        """`javac` of the same installation; a runtime alone has none."""
        folder = self.path.resolve().parent
        places = (folder / "javac", folder.parent.parent / "bin" / "javac")
        return next((path for path in places if path.is_file()), None)


def of_launch() -> Java | None:
    """The Java that Minecraft is started with: ``launchClient.sh`` takes the first in PATH."""
    found = shutil.which("java")
    return ask(Path(found)) if found else None


def of_build() -> Java | None:
    """The Java that Gradle runs in: that of JAVA_HOME if set, else the first in PATH."""
    home = os.environ.get("JAVA_HOME")
    if not home:
        return of_launch()
    path = Path(home) / "bin" / "java"
    return ask(path) if path.is_file() else None


def ask(path: Path) -> Java:
    """A command with the version that it prints."""
    try:
        ran = subprocess.run(
            [path, "-version"], capture_output=True, text=True, errors="replace",
            stdin=subprocess.DEVNULL, timeout=_ANSWER_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return Java(path, "")
    version = re.search(r'version "([^"]+)"', ran.stderr + ran.stdout)
    return Java(path, version[1] if version else "")
