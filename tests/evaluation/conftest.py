"""Runs whose episodes are known, and the set of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.report.set_page import write_set
from evaluation.verdicts.set_record import SetVerdict
from tests.support.judged_runs import RIGHT, WRONG, judged


@pytest.fixture(scope="session")
def directories(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three seeds of which two go wrong, two decorrelated ones, and an oracle."""
    root = tmp_path_factory.mktemp("runs")
    return [
        judged(root / "oracle", WRONG, agent="oracle:beacon"),
        judged(root / "decorrelated1", RIGHT, seed=1, decorrelated=True),
        judged(root / "base1", WRONG, seed=1),
        judged(root / "base0", WRONG, seed=0),
        judged(root / "base2", RIGHT, seed=2),
        judged(root / "decorrelated0", RIGHT, seed=0, decorrelated=True),
    ]


@pytest.fixture(scope="session")
def written(directories: list[Path]) -> tuple[Path, SetVerdict]:
    out = directories[0].parent / "set"
    return out, write_set(directories, out)
