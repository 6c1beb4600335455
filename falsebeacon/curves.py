"""``falsebeacon curves``: how fast the conditions of a study learn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from falsebeacon.command import Command


class Curves(Command):
    """Rank the conditions of a study by success on held-out levels, and draw their curves.

    Attributes:
        study: Directory of a study, as `falsebeacon study` leaves it.
        task: One of its tasks; all by default.
        conditions: Those to draw; all by default.
        out: Picture to draw of one task, a PNG or an SVG by its suffix; by default only the table
            is printed.
    """

    study: Annotated[Path, tyro.conf.Positional]
    task: str | None = None
    conditions: tuple[str, ...] = ()
    out: Path | None = None

    def run(self) -> None:
        """Print a table for each task, and draw."""
        from evaluation.over_training.curves import curves_table, draw_curves, read_curves

        tasks = read_curves(self.study, self.task)
        for task, curves in tasks.items():
            print(f"{task}\n{curves_table(curves)}")
        if self.out is not None:
            task, curves = next(iter(tasks.items()))
            draw_curves(curves, self.conditions or tuple(curves), self.out, task)
            print(f"picture of {task}: {self.out}")
