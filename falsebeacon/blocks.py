"""``falsebeacon blocks``: every block and figure on one picture, to be looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from falsebeacon.command import Command
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import atomic_write

if TYPE_CHECKING:
    import numpy as np


class Blocks(Command):
    """Draw every block and figure from three distances, and rooms in their light.

    Attributes:
        out: PNG to write.
    """

    out: Path = Path("blocks.png")

    def run(self) -> None:
        """Draw, write, and print where."""
        if self.out.suffix.lower() != ".png" or self.out.is_dir():
            raise FalseBeaconError(
                f"cannot write the picture to {self.out}: it must be the name of a .png file, "
                "as in: falsebeacon blocks --out blocks.png."
            )
        from evaluation.pictures.contact_sheet import contact_sheet

        write_png(self.out, contact_sheet())


def write_png(path: Path, picture: np.ndarray) -> None:
    """Writes a picture uint8[H, W, 3] as a PNG, and prints its path."""
    import cv2

    swapped = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    encoded = cv2.imencode(".png", swapped, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1]
    with atomic_write(path) as temporary:
        temporary.write_bytes(encoded.tobytes())
    print(path)
