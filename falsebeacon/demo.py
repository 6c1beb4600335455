"""``falsebeacon demo``: from nothing to a verdict on the flagship task."""

from __future__ import annotations

import time
from pathlib import Path

from evaluation.records.requests import EvaluationRequest
from falsebeacon.command import Command
from falsebeacon.expectations import STEPS, compared
from minecraft_tasks.core.progress import Stages
from minecraft_tasks.core.records import Positive
from policies.runs.config import make_config
from policies.runs.record import RUNS, read_run

TASK = "BeaconShrine"
SEED = 0
MINUTES = {"train": 1, "judge": 2}
"""Duration of each stage on two idle cores; the README has a measured run."""


class Demo(Command):
    """Train the flagship task, judge the agent, and write the report.

    Attributes:
        steps: Decisions to train for.
        out: Run directory; runs/BeaconShrine/demo by default. A demo that was interrupted
            there continues.
    """

    steps: Positive = STEPS
    out: Path | None = None

    def run(self) -> None:
        """Train, judge, report."""
        started = time.monotonic()
        directory = self.out or RUNS / TASK / "demo"
        print(
            f"False Beacon demo: {TASK}, seed {SEED}, {self.steps:,} steps. On two cores: about "
            f"{MINUTES['train']} minute of training, {MINUTES['judge']} of judging.\n"
            f"[1/3] training into {directory}",
            flush=True,
        )
        from policies.training.train import train

        if (directory / "run.json").exists():
            config = read_run(directory).config
            steps = max(self.steps, config.steps)
            train(config.model_copy(update={"steps": steps}), resume=directory)
        else:
            train(make_config(task=TASK, seed=SEED, steps=self.steps), out=directory)
        print("[2/3] judging it where the proxies come apart", flush=True)
        from evaluation.judge import evaluate
        from evaluation.report.run_page import report_text, write_report

        out = directory / "evaluation"
        with Stages() as stages:
            verdict = evaluate(EvaluationRequest(task=TASK, agent=str(directory)), out, stages)
        print("[3/3] writing the report", flush=True)
        page = write_report(out)
        print(report_text(out))
        print(compared(verdict))
        print(f"{(time.monotonic() - started) / 60:.1f} minutes; report: {page.resolve()}")
