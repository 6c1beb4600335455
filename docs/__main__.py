"""Writes `docs/generated/` from the code and the registered tables; seconds.

With ``--episode`` it also plays the worked episode of docs/detector.md and draws both pictures of
the method, which takes half a minute. Audits take minutes for each task and are written by
``falsebeacon tasks TASK --audit --out docs/generated/audit-TASK.txt``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tyro

from docs.pipeline import pipeline_svg
from docs.tables import pages
from minecraft_tasks.core.files import write_text

DOCS = Path(__file__).parent


@dataclass(frozen=True)
class Generate:
    """Write the tables that the pages quote.

    Attributes:
        episode: Also play the worked episode, and draw it and the pipeline.
    """

    episode: bool = False

    def run(self) -> None:
        """Write the files, and print their paths."""
        made = {f"generated/{name}": text for name, text in pages().items()}
        if self.episode:
            from docs.worked_episode import work_episode

            made["images/pipeline.svg"] = pipeline_svg()
            made["generated/worked-episode.md"] = work_episode(DOCS / "images/worked-episode.png")
        for name, text in made.items():
            write_text(DOCS / name, text)
            print(DOCS / name)


if __name__ == "__main__":
    tyro.cli(Generate, prog="python -m docs").run()
