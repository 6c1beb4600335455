"""``falsebeacon wandb-report``: a study as a report at Weights & Biases."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import tyro
from pydantic import ValidationError

from falsebeacon.command import Command
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.records import faults


class WandbReport(Command):
    """Build a report of a study from its files, and save it at Weights & Biases.

    Attributes:
        file: The study, in TOML.
        out: Directory of the study; runs/studies/<name> by default.
        project: Where the runs' pages are; the study's own by default.
        entity: The same.
    """

    file: Annotated[Path, tyro.conf.Positional]
    out: Path | None = None
    project: str = ""
    entity: str = ""

    def run(self) -> None:
        """Build it, write its JSON, save it where W&B is online, and say what was done."""
        from evaluation.studies.file import read_study
        from evaluation.studies.session import STUDIES
        from evaluation.studies.wandb_report import REPORT_FILE, study_report, write_report
        from policies.runs.tracking import PagePlace

        study = read_study(self.file)
        root = self.out or STUDIES / study.name
        own = dict(study.base.get("tracking", {}))
        asked = {"project": self.project, "entity": self.entity}
        given = {name: value for name, value in asked.items() if value}
        own = {name: own[name] for name in asked if name in own}
        try:
            place = PagePlace(**own | given)
        except ValidationError as error:
            raise FalseBeaconError(f"{'; '.join(faults(error))}.") from None
        report = study_report(study, root, self.file, place)
        write_report(report, root / REPORT_FILE)
        print(f"report: {root / REPORT_FILE}")
        if os.environ.get("WANDB_MODE") in ("offline", "dryrun", "disabled"):
            print(
                "nothing was sent, as WANDB_MODE asks. Online: send the runs by `wandb sync"
                f" {root}/*/*/*/wandb/*run-*`, unset WANDB_MODE, and give this command again."
            )
            return
        try:
            if not place.entity:
                import wandb

                report.entity = wandb.Api().default_entity or ""
            report.save()
        except Exception as error:
            raise FalseBeaconError(
                f"Weights & Biases did not take the report ({str(error).strip()}); its JSON is in"
                f" {root / REPORT_FILE}. Log in by `wandb login`, name --entity and --project of"
                " yours, or set WANDB_MODE=offline."
            ) from error
        print(report.url)
