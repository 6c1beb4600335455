"""``falsebeacon ease``: measure how easy each candidate of a task is, before agents are judged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from falsebeacon.command import Command, Natural, Positive


class EaseCommand(Command):
    """Measure each candidate's ease on fresh levels, write ease/<task>.json and print the table.

    Commit the table before the training runs whose preferences it is to predict. What was measured
    with the same settings is kept, so that a command that was killed goes on.

    Attributes:
        task: Name of the task.
        skip_rl: Train no agent: leave out how long one takes to find each candidate.
        seeds: Training seeds for that, 0 to this less one.
        steps: Decisions of each run; what is usual for the task by default.
        runs: Directory of those runs; runs/ease by default.
        out: Directory of the tables; `ease/` beside the packages by default.
        threads: Of torch.
        again: Measure everything anew.
    """

    task: Annotated[str, tyro.conf.Positional]
    skip_rl: bool = False
    seeds: Positive = 1
    steps: Natural = 0
    runs: Path | None = None
    out: Path | None = None
    threads: Positive = 2
    again: bool = False

    def run(self) -> None:
        """Measure, print the table and where it is."""
        from minecraft_tasks.tasks import task

        found = task(self.task)
        from evaluation.ease.measure import EASE_RUNS, measure
        from evaluation.ease.settings import RLSettings, Settings
        from evaluation.ease.table import EASE, ease_path
        from evaluation.ease.text import ease_text

        out = self.out or EASE
        rl = None if self.skip_rl else RLSettings(steps=self.steps, seeds=tuple(range(self.seeds)))
        settings = Settings(rl=rl)
        table = measure(
            found, settings, out, self.runs or EASE_RUNS, self.threads, self.again,
            lambda text: print(text, flush=True),
        )  # fmt: skip
        print(ease_text(table))
        print(ease_path(self.task, out))
