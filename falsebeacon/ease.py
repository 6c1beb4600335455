"""``falsebeacon ease``: measure how easy each candidate of a task is, before agents are judged."""

from __future__ import annotations

from typing import Annotated

import tyro

from evaluation.ease.settings import DetectorSettings, EaseRequest, PathSettings, ViewSettings
from falsebeacon.command import Command


class Ease(EaseRequest, Command):
    """Measure each candidate's ease on fresh levels, write its table and print it.

    Commit the table before the training runs whose preferences it is to predict. Earlier
    measurements with the same settings are kept, so that a command that was killed continues.
    """

    task: Annotated[str, tyro.conf.Positional]
    paths: Annotated[PathSettings, tyro.conf.Suppress] = PathSettings()
    views: Annotated[ViewSettings, tyro.conf.Suppress] = ViewSettings()
    detector: Annotated[DetectorSettings, tyro.conf.Suppress] = DetectorSettings()

    def run(self) -> None:
        """Measure, print the table and where it is."""
        from minecraft_tasks.tasks import task

        path = self.table(task(self.task))
        from evaluation.ease.measure import measure
        from evaluation.ease.text import ease_text

        print(ease_text(measure(self, lambda text: print(text, flush=True))))
        print(path)
