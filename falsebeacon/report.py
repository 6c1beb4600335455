"""``falsebeacon report``: write the report of an evaluation again, or of several together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import tyro

from falsebeacon.command import Command, import_tasks, named_path
from minecraft_tasks.core.errors import FalseBeaconError
from policies.runs.tracking import PagePlace


class Report(Command):
    """Write the page of one evaluation, or of a set of them, from their files.

    Attributes:
        directories: Evaluation directories, or run directories that hold one. One of them: its own
            report.html; several: set.json and one page for all, which links to theirs.
        group: NAME=DIRECTORY,DIRECTORY...: agents that come from no run, but are seeds of one
            training, are pooled under that name.
        out: Directory of the set; `set` beside the runs by default.
        judge_again: Judge each agent again from the recorded episodes, by the rules as they are
            now, and write each page again.
        trust: Import the module of a task that is not built in, which runs any code in it.
        track: Add an evaluation to the page of its run at Weights & Biases; of a set, make a page.
        place: Where there.
    """

    directories: Annotated[tuple[Path, ...], tyro.conf.Positional]
    group: tuple[str, ...] = ()
    out: Path | None = None
    judge_again: bool = False
    trust: bool = False
    track: bool = False
    place: PagePlace = PagePlace()

    def run(self) -> None:
        """Write it, and print the numbers and where it is."""
        evaluations = [evaluation_of(directory) for directory in self.directories]
        if not evaluations:
            raise FalseBeaconError("name at least one evaluation or run directory.")
        if (self.out is not None or self.group) and len(evaluations) == 1:
            raise FalseBeaconError(
                f"--out and --group are for a set, and {evaluations[0]} is one evaluation, whose"
                " report stands in its own directory."
            )
        from evaluation.records.info import read_info

        if self.trust and not self.judge_again:
            raise FalseBeaconError("--trust is for judging again: add --judge-again.")
        named = [read_info(directory).task for directory in evaluations]
        if self.trust:
            import_tasks(named)
        from evaluation.judge import judge_again
        from evaluation.report.run_page import write_report
        from evaluation.report.set_page import SET_PAGE, set_text, write_set

        for directory in evaluations if self.judge_again else ():
            judge_again(directory)
            write_report(directory)
        if len(evaluations) == 1:
            show_report(evaluations[0])
            if self.track:
                track(evaluations[0])
        else:
            out = self.out or set_directory(evaluations)
            groups = dict(_group(text) for text in self.group)
            found = write_set(evaluations, out, groups)
            print(set_text(found))
            print(f"report: {out / SET_PAGE}")
            if self.track:
                from evaluation.report.tracking import track_set

                track_set(out, found, self.place)


def _group(text: str) -> tuple[str, list[Path]]:
    name, _, listed = text.partition("=")
    if not name or not listed:
        raise FalseBeaconError(f"--group {text!r} is not NAME=DIRECTORY,DIRECTORY...")
    return name, [evaluation_of(named_path(part)) for part in listed.split(",")]


def show_report(directory: Path) -> None:
    """Writes the report of an evaluation, and prints its numbers and where it is."""
    from evaluation.report.run_page import report_text, write_report

    page = write_report(directory)
    print(report_text(directory))
    print(f"report: {page}")


def track(directory: Path) -> None:
    """Adds an evaluation to the page of its run at Weights & Biases, and says so.

    Raises:
        FalseBeaconError: If its run has no page; else as in `track_evaluation`.
    """
    from evaluation.report.tracking import track_evaluation

    if not track_evaluation(directory):
        raise FalseBeaconError(
            f"{directory} is of no run that is tracked: train one with --track, or go on with it by"
            " train --resume RUN --track."
        )
    print("added to the page of its run at Weights & Biases")


def evaluation_of(directory: Path) -> Path:
    """The evaluation directory of a run, or the directory itself."""
    inner = directory / "evaluation"
    return inner if inner.is_dir() else directory


def set_directory(directories: Sequence[Path]) -> Path:
    """`set` in the deepest directory that holds every evaluation, seen from here."""
    common = os.path.commonpath([directory.resolve().parent for directory in directories])
    return Path(os.path.relpath(common)) / "set"
