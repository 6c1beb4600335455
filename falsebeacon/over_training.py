"""``falsebeacon over-training``: when capability and preference set in."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from evaluation.records.requests import OverTrainingRequest
from falsebeacon.command import Command, import_tasks
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import atomic_write, write_text

if TYPE_CHECKING:
    from evaluation.over_training.onsets import Trajectory


class OverTraining(OverTrainingRequest, Command):
    """Judge every checkpoint of runs on fixed levels, and say when they came to what they do.

    Each run gets over_training.parquet, and so does its report where it has one. The levels are
    the first locked ones of heldout, control, and each conflict with the intended goal.

    Attributes:
        runs: Run directories, all of one task.
        out: Figure to draw, an SVG; over_training.svg in the run, or in the directory that several
            share.
        trust: Import the module of a task that is not built in, which runs any code in it.
        track: Add the curves to the page of each run at Weights & Biases.
    """

    runs: Annotated[tuple[Path, ...], tyro.conf.Positional]
    out: Path | None = None
    trust: bool = False
    track: bool = False

    def run(self) -> None:
        """Judge, and print when each quantity passed its bar."""
        from policies.runs.record import read_run

        names = {str(run): read_run(run).config.task for run in self.runs}
        if len(set(names.values())) != 1:
            named = ", ".join(f"{run} ({name})" for run, name in names.items()) or "none"
            raise FalseBeaconError(f"over-training needs runs of one task, not {named}.")
        from minecraft_tasks.core.progress import Stages
        from minecraft_tasks.tasks import recorded_task

        if self.trust:
            import_tasks(names.values())
        task = recorded_task(next(iter(names.values())), self.runs[0] / "run.json")
        from evaluation.over_training.judge import judge_checkpoints
        from evaluation.over_training.onsets import trajectories
        from evaluation.report.tracking import track_trajectories
        from evaluation.report.training_figures import over_training_figure

        drawn = {}
        for run in self.runs:
            with Stages() as stages:
                history = judge_checkpoints(run, task, self, stages)
            _update_report(run)
            drawn[history.run] = trajectories(history, task.spec)
            if self.track and not track_trajectories(run, drawn[history.run]):
                raise FalseBeaconError(f"{run} is not tracked: train --resume {run} --track.")
        for name, each in drawn.items():
            print(f"\n{name}\n{_table(each)}")
        shared = Path(os.path.commonpath([run.resolve() for run in self.runs]))
        path = self.out or shared / "over_training.svg"
        write_text(path, over_training_figure(drawn, task.spec))
        print(f"figure: {path}")


def _update_report(run: Path) -> None:
    """Puts the checkpoints into the run's report, where it has one."""
    from evaluation.records.history import OVER_TRAINING_FILE
    from evaluation.report.run_page import write_report

    directory = run / "evaluation"
    if (directory / "evaluation.json").is_file():
        with atomic_write(directory / OVER_TRAINING_FILE) as temporary:
            shutil.copyfile(run / OVER_TRAINING_FILE, temporary)
        write_report(directory)


def _table(found: list[Trajectory]) -> str:
    """One line for each quantity: its bar, its value at the last checkpoint, its onset."""
    lines = [f"{'':<12}{'of':<10}{'on':<24}{'bar':>5}  {'at last':<20}  onset, in training steps"]
    for each in found:
        last = "no valid episode" if each.values[-1] is None else str(each.values[-1])
        place = f"{each.axis:<12}{each.candidate:<10}{each.split:<24}{each.bar:>5}"
        lines.append(f"{place}  {last:<20}  {each.onset}")
    return "\n".join(lines)
