"""An evaluation that is reviewed, and its site."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.judge import evaluate
from evaluation.records.requests import EvaluationRequest
from evaluation.report.run_page import write_report
from evaluation.review.catalogue import Reviewed, read_reviewed

SPLITS = ("heldout", "control", "conflict/altar-beacon", "conflict/altar-lamp", "factorial")
LEVELS = 6


def judged(directory: Path, agent: str) -> Path:
    request = EvaluationRequest(
        task="BeaconShrine", agent=agent, splits=SPLITS, levels=LEVELS, clips=False
    )
    evaluate(request, directory)
    write_report(directory)
    return directory


@pytest.fixture(scope="package")
def evaluations(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three agents on the same levels; the last touches things that it does not pursue."""
    made = tmp_path_factory.mktemp("reviewed")
    return [
        judged(made / "beacon", "oracle:beacon,noise=0.2"),
        judged(made / "mixed", "oracle:lamp,or=altar,share=0.5"),
        judged(made / "aimless", "aimless:bounce"),
    ]


@pytest.fixture(scope="package")
def reviewed(evaluations: list[Path]) -> list[Reviewed]:
    return read_reviewed(evaluations)
