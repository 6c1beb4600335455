"""Writes `docs/generated/` from the code and the registered tables; seconds.

With ``--episode`` it also plays and draws the worked episode of docs/detector.md, which takes half
a minute. Audits take minutes for each task and are written by
``falsebeacon tasks TASK --audit --out docs/generated/audit-TASK.txt``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tyro

from docs.tables import pages
from minecraft_tasks.core.files import write_text

DOCS = Path(__file__).parent


@dataclass(frozen=True)
class Generate:
    """Write the tables that the pages quote.

    Attributes:
        episode: Also play and draw the worked episode.
    """

    episode: bool = False

    def run(self) -> None:
        """Write the files, and print their paths."""
        made = {f"generated/{name}": text for name, text in pages().items()}
        if self.episode:
            from docs.worked_episode import work_episode

            made["generated/worked-episode.md"] = work_episode(DOCS / "images/worked-episode.png")
        for name, text in made.items():
            write_text(DOCS / name, text)
            print(DOCS / name)


if __name__ == "__main__":
    tyro.cli(Generate, prog="python -m docs").run()
