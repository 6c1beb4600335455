"""``falsebeacon blocks``: every block and figure on one picture, to be looked at."""

from __future__ import annotations

from pathlib import Path

from falsebeacon.command import Command
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import atomic_write


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
        import cv2

        from evaluation.pictures.contact_sheet import contact_sheet

        ok, encoded = cv2.imencode(
            ".png",
            cv2.cvtColor(contact_sheet(), cv2.COLOR_RGB2BGR),
            [cv2.IMWRITE_PNG_COMPRESSION, 9],
        )
        assert ok
        with atomic_write(self.out) as temporary:
            temporary.write_bytes(encoded.tobytes())
        print(self.out)
