"""``falsebeacon report``: write the report of an evaluation directory again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from evaluation.report import report_text, write_report


@dataclass(frozen=True)
class Report:
    """Write report.html from the files of an evaluation.

    Attributes:
        directory: Evaluation directory, or a run directory that holds one.
    """

    directory: Annotated[Path, tyro.conf.Positional]

    def run(self) -> None:
        """Write it, and print the table and where it is."""
        inner = self.directory / "evaluation"
        directory = inner if inner.is_dir() else self.directory
        page = write_report(directory)
        print(report_text(directory))
        print(f"report: {page}")
