"""The job that trains and judges one run."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from filelock import FileLock
from submitit.helpers import DelayedSubmission

from evaluation.studies.runs import JOB_LOCK, PlannedRun
from minecraft_tasks.core.errors import FalseBeaconError
from policies.training.interruption import SIGNALS, TrainingStopped

FOLLOW_SECONDS = 0.5
GRACE_SECONDS = 60.0
"""What a job that is asked to stop gets to save a checkpoint before it is asked again."""


@dataclass(frozen=True)
class RunJob:
    """Brings one run from wherever it stands to its end.

    Attributes:
        run: The run.
        driver: Lock file of the process that started this job on the same machine; when it is
            let go of, the job saves a checkpoint and stops. None for a job on its own.
    """

    run: PlannedRun
    driver: Path | None = None

    def __call__(self) -> bool:
        """Trains, then judges, whatever of it is still to be done.

        Returns:
            Whether all of it is done; False where the job was asked to stop.

        Raises:
            FalseBeaconError: If it fails, or leaves the run unfinished.
        """
        lock = self.run.directory / JOB_LOCK
        lock.parent.mkdir(parents=True, exist_ok=True)
        try:
            with _stoppable(self.driver), FileLock(lock):
                lock.write_text(f"{os.getpid()}\n")
                self._work()
        except TrainingStopped as stopped:
            print(stopped, flush=True)
            return False
        if not self.run.reached()[1]:
            # It would be started for ever otherwise.
            raise FalseBeaconError(
                "its job ended without an error, but did not leave the run finished"
            )
        return True

    def checkpoint(self) -> DelayedSubmission:
        """What SLURM starts again after the time limit: the same job, which then resumes."""
        return DelayedSubmission(self)

    def _work(self) -> None:
        # Loaded only here: the driving process needs neither torch nor an engine.
        import torch

        from policies.training.reporters import LineReporter
        from policies.training.train import train

        run = self.run
        if not run.exists:
            train(run.config, out=run.directory, reporter=LineReporter())
        elif run.reached()[0] == "waiting":
            train(run.resumable(), resume=run.directory, reporter=LineReporter())
        torch.set_num_threads(run.config.threads)
        for name, verdict in run.verdicts().items():
            if verdict is None:
                agent = run.evaluations()[name]
                judge_agent(agent, run.task, run.directory / name, run.study.levels)


@contextmanager
def _stoppable(driver: Path | None) -> Iterator[None]:
    """SIGTERM, SIGINT and the end of the driver stop a job; while it trains, at a safe moment."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TrainingStopped("asked to stop")

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    if driver is not None:
        threading.Thread(target=_follow, args=(driver,), daemon=True).start()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _follow(driver: Path) -> None:
    """Stops this process when the lock of its driver is free: it has let go, or died."""
    with FileLock(driver, poll_interval=FOLLOW_SECONDS):
        pass
    for _ in range(2):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
    os._exit(1)


def judge_agent(name: str, task: str, out: Path, levels: int | None) -> None:
    """Judges an agent, as `load_agent` takes it, on so many levels, and writes its report."""
    # Loaded only here: a job that has nothing to judge starts a second sooner.
    from evaluation.judge import evaluate
    from evaluation.records.requests import EvaluationRequest
    from evaluation.report.run_page import write_report

    print(f"judging {name}", flush=True)
    evaluate(EvaluationRequest(task=task, agent=name, levels=levels), out)
    write_report(out)
