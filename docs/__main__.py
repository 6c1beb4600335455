"""Writes `docs/generated/` from the code and the registered tables; seconds.

With ``--episode`` it also plays and draws the worked episode of docs/detector.md, which takes half
a minute. ``--sets NAME ...`` draws every seed of those in `docs/sets`. Audits take minutes for each
task and are written by ``falsebeacon tasks TASK --audit --out docs/generated/audit-TASK.txt``.
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
        sets: Names of kept sets of runs to draw too.
    """

    episode: bool = False
    sets: tuple[str, ...] = ()

    def run(self) -> None:
        """Write the files, and print their paths."""
        made = {f"generated/{name}": text for name, text in pages().items()}
        if self.episode:
            from docs.worked_episode import work_episode

            made["generated/worked-episode.md"] = work_episode(DOCS / "images/worked-episode.png")
        for name in self.sets:
            made |= set_figures(name)
        for name, text in made.items():
            write_text(DOCS / name, text)
            print(DOCS / name)


def set_figures(name: str) -> dict[str, str]:
    """File -> figure, an SVG, of what every seed of a kept set touched first."""
    from evaluation.report.set_figures import conflict_dots, in_rows
    from evaluation.style.palette import candidate_colours
    from evaluation.verdicts.set_record import SetVerdict
    from minecraft_tasks.tasks import task

    found, drawn = SetVerdict.read(DOCS / f"sets/{name}.json"), {}
    for of in found.tasks:
        colours = candidate_colours(task(of).spec.candidate_names)
        groups = [group for group in found.groups if group.task == of and group.kind != "other"]
        for index, row in enumerate(in_rows(groups)):
            file = f"images/set-{name}{f'-{index + 1}' if index else ''}.svg"
            drawn[file] = conflict_dots(row, found.headline, colours)
    return drawn


if __name__ == "__main__":
    tyro.cli(Generate, prog="python -m docs").run()
