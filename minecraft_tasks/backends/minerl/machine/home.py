"""The folder of MineRL's own environment: a Python with its requirements, the unpacked sdist."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from minecraft_tasks.backends.minerl.worker.shims import VERSION
from minecraft_tasks.core.errors import FalseBeaconError

HOME_VARIABLE = "FALSEBEACON_MINERL"
"""Environment variable that names the folder; ``.minerl`` in the working directory without it."""


@dataclass(frozen=True)
class Home:
    """The folder `root` that `make minerl` fills."""

    root: Path

    @property
    def python(self) -> Path:
        """The interpreter of MineRL's environment."""
        return self.root / "venv" / "bin" / "python"

    @property
    def sdist(self) -> Path:
        """The unpacked sdist."""
        return self.root / f"minerl-{VERSION}"

    @property
    def malmo(self) -> Path:
        """Malmo within it: `Minecraft` and `Schemas`."""
        return self.sdist / "minerl" / "Malmo"

    @property
    def jar(self) -> Path:
        """Minecraft with Malmo's mod, once it is built."""
        return self.malmo / "Minecraft" / "build" / "libs" / "MalmoMod-0.37.0-fat.jar"

    @property
    def ready(self) -> Path:
        """A file that exists once everything is prepared."""
        return self.root / ".ready"


def home() -> Home:
    """The folder, prepared or not."""
    return Home(Path(os.environ.get(HOME_VARIABLE) or ".minerl").absolute())


def prepared() -> Home:
    """The prepared folder.

    Raises:
        FalseBeaconError: If it was not prepared.
    """
    found = home()
    if not found.ready.is_file():
        raise FalseBeaconError(
            f"the minerl backend needs MineRL's own environment, which is not in {found.root}: run"
            f" `make minerl`, or name the folder that holds it in {HOME_VARIABLE}."
        )
    return found
