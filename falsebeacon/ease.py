"""``falsebeacon ease``: measure how easy each candidate of a task is, before agents are judged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from evaluation.ease.measure import EASE_RUNS, measure
from evaluation.ease.settings import RLSettings, Settings
from evaluation.ease.text import ease_text
from minecraft_tasks.tasks import task


@dataclass(frozen=True)
class EaseCommand:
    """Measure each candidate's ease on fresh levels, keep and print the table.

    Commit the table before the training runs whose preferences it is to predict. What was measured
    with the same settings is kept, so that a command that was killed goes on.

    Attributes:
        task: Name of the task, or package.module:TASK.
        skip_rl: Train no agent: leave out how long one takes to find each candidate.
        seeds: Training seeds for that, 0 to this less one.
        steps: Decisions of each run; those of the task's recipe by default.
        runs: Directory of those runs.
        out: Directory to keep it in, as <task>.json, instead of where the task has it.
        threads: Of torch.
        again: Measure everything anew.
    """

    task: Annotated[str, tyro.conf.Positional]
    skip_rl: bool = False
    seeds: int = 1
    steps: int = 0
    runs: Path = EASE_RUNS
    out: Path | None = None
    threads: int = 2
    again: bool = False

    def run(self) -> None:
        """Measure, print the table and where it is."""
        rl = None if self.skip_rl else RLSettings(steps=self.steps, seeds=tuple(range(self.seeds)))
        settings = Settings(rl=rl)
        of = task(self.task)
        path = self.out / f"{of.spec.name}.json" if self.out else of.file("ease")
        found = measure(
            of, settings, path, self.runs, self.threads, self.again,
            lambda text: print(text, flush=True),
        )  # fmt: skip
        print(ease_text(found))
        print(path)
