"""An evaluation that is killed: the earlier one stays, and nothing else does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from evaluation.judge import evaluate
from evaluation.records.requests import EvaluationRequest

WORDS = ("evaluate", "HiddenGoal", "--agent", "random", "--splits", "heldout", "--levels")


def test_an_evaluation_that_is_killed_leaves_the_earlier_one_and_no_more(tmp_path: Path) -> None:
    out = tmp_path / "evaluation"
    out.mkdir()
    (out / "evaluation.json").write_text("earlier")
    command = [sys.executable, "-m", "falsebeacon", *WORDS, "64", "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as killed:
        while not list(tmp_path.glob(".*")):
            assert killed.poll() is None, "it ended by itself"
            time.sleep(0.01)
        os.kill(killed.pid, signal.SIGKILL)
    assert [path.name for path in out.iterdir()] == ["evaluation.json"]
    assert (out / "evaluation.json").read_text() == "earlier"
    assert list(tmp_path.glob(".evaluation.*.tmp"))
    chosen = {"splits": ("heldout",), "modes": ("sampled",), "levels": 2}
    evaluate(EvaluationRequest(task="HiddenGoal", agent="random", **chosen), out)
    assert [path.name for path in tmp_path.iterdir()] == ["evaluation"]
    assert not list(out.glob(".*"))
    assert (out / "verdict.json").is_file()
