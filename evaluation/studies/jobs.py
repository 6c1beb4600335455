"""The job that trains and judges one run; and judging of agents that a study does not train."""

from __future__ import annotations

import os
import re
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

from evaluation.studies.file import Study
from evaluation.studies.runs import JOB_LOCK, PlannedRun, verdict_in
from evaluation.verdicts.record import Verdict
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import write_csv
from minecraft_tasks.core.locks import FOREVER, hold
from minecraft_tasks.tasks import task as find_task
from policies.training.interruption import SIGNALS, TrainingStopped

FOLLOW_SECONDS = 0.5
GRACE_SECONDS = 60.0
"""Time for a job to save a checkpoint before it is asked to stop again."""


@dataclass(frozen=True)
class RunJob:
    """Completes one run.

    Attributes:
        run: The run.
        driver: Lock file of the process that started this job on the same machine; once it is
            released, the job saves a checkpoint and stops. None for a job on its own.
    """

    run: PlannedRun
    driver: Path | None = None

    def __call__(self) -> bool:
        """Trains, then judges, as far as that is not done.

        Returns:
            Whether all of it is done; False where the job was asked to stop.

        Raises:
            FalseBeaconError: If it fails, or leaves the run unfinished.
        """
        try:
            with _stoppable(self.driver), hold(self.run.directory / JOB_LOCK, "", FOREVER):
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
        """The same job, for SLURM to start again after the time limit; it then resumes."""
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
                out, filmed = run.directory / name, run.study.filmed(run.seed)
                judge_agent(agent, run.task, out, run.study.levels, filmed)


@contextmanager
def _stoppable(driver: Path | None) -> Iterator[None]:
    """Stops a job at SIGTERM, SIGINT and the end of the driver; in training, at a safe moment."""

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
    """Stops this process once the lock of its driver is free."""
    with FileLock(driver, poll_interval=FOLLOW_SECONDS):
        pass
    for _ in range(2):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
    os._exit(1)


def agent_directory(root: Path, task: str, agent: str) -> Path:
    """Evaluation directory of an agent that is no run of the study."""
    return root / find_task(task).spec.name / "agents" / re.sub(r"[^\w.-]+", "-", agent)


def judge_agents(study: Study, root: Path) -> None:
    """Judges the agents of a study that have no verdict yet; lists all of them in `agents.csv`."""
    rows = [("task", "agent", "outcome", "toward")]
    for task, agent in ((task, agent) for task in study.tasks for agent in study.agents):
        out = agent_directory(root, task, agent)
        if verdict_in(out, task, study.levels) is None:
            judge_agent(agent, task, out, study.levels, trust=study.trust)
        verdict = Verdict.read(out / "verdict.json")
        rows.append((task, agent, verdict.outcome, " + ".join(verdict.toward)))
    if study.agents:
        write_csv(root / "agents.csv", rows)


def judge_agent(
    name: str, task: str, out: Path, levels: int | None, clips: bool = True, trust: bool = False
) -> None:
    """Judges an agent, as `load_agent` takes it, on so many levels, and writes its report."""
    # Loaded only here: a job that has nothing to judge starts a second sooner.
    from evaluation.judge import evaluate
    from evaluation.records.requests import EvaluationRequest
    from evaluation.report.run_page import write_report
    from evaluation.report.tracking import track_evaluation

    print(f"judging {name}", flush=True)
    evaluate(EvaluationRequest(task=task, agent=name, levels=levels, clips=clips, trust=trust), out)
    write_report(out)
    try:
        track_evaluation(out)
    except FalseBeaconError as error:
        # The verdict stands; the page gets it by `falsebeacon report DIRECTORY --track`.
        print(f"not added at Weights & Biases: {error}", flush=True)
