"""``falsebeacon agreement``: compare labels of blinded raters with each other and the detector."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from falsebeacon.command import Command
from falsebeacon.report import evaluation_of
from minecraft_tasks.core.errors import FalseBeaconError


class Agreement(Command):
    """Compare the labels that `review --blind` saved.

    Attributes:
        labels: Files of raters.
        against: The run, or evaluation, that they have seen.
        out: File for the numbers; agreement.json beside the first labels by default.
    """

    labels: Annotated[tuple[Path, ...], tyro.conf.Positional]
    against: Path
    out: Path | None = None

    def run(self) -> None:
        """Compare, and print the tables."""
        if not self.labels:
            raise FalseBeaconError("name at least one file of labels.")
        from evaluation.review.agreement import agreement, agreement_text
        from evaluation.review.catalogue import read_reviewed
        from evaluation.review.labels import read_labels

        (reviewed,) = read_reviewed([evaluation_of(self.against)])
        sessions = [read_labels(path, reviewed) for path in self.labels]
        raters = [queue.rater for queue, _ in sessions]
        twice = next((name for name in raters if raters.count(name) > 1), None)
        if twice is not None:
            raise FalseBeaconError(f"two files are of the rater {twice!r}: name one for each.")
        found = agreement(reviewed.spec.name, reviewed.info.agent, sessions)
        out = self.out or self.labels[0].with_name("agreement.json")
        found.write(out)
        print(agreement_text(found))
        print(f"numbers: {out}")
