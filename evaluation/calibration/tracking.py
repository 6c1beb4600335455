"""A calibration at Weights & Biases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evaluation.calibration.record import Calibration
from policies.runs.tracking import PageIdentity, PagePlace, new_page_id, open_page

SCORES = ("diagonal", "false_pursuits", "named_right", "mixture_error", "bits")


def track_calibration(made: Calibration, directory: Path, place: PagePlace) -> None:
    """Makes a page of a calibration, with its scores and its confusion matrix.

    Args:
        made: The calibration.
        directory: Of the page's files.
        place: Where the page is found.
    """
    import wandb

    classes = sorted({name for row in made.rows for name in row.classes})
    rows = [
        [row.agent, row.kind, row.truth, row.right, row.expected, row.episodes,
         *(row.classes.get(name, 0) for name in classes)]
        for row in made.rows
    ]  # fmt: skip
    columns: list[Any] = ["agent", "kind", "truth", "right", "expected", "episodes", *classes]
    config = {"levels": made.levels, "thresholds": made.thresholds.model_dump()}
    name, tags = f"{made.task}/calibration", (made.task,)
    directory.mkdir(parents=True, exist_ok=True)
    identity = PageIdentity(new_page_id(), name, "calibrate", tags=tags, config=config)
    with open_page(directory, identity, place) as page:
        page.log(0, {"confusion": wandb.Table(columns, rows)})
        page.summarise({name: getattr(made, name) for name in SCORES})
        page.summarise({"missed": "; ".join(made.shortfalls)})
