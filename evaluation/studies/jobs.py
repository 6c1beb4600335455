"""The job that trains and judges one run, and where jobs are executed."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from types import FrameType
from typing import Any

import submitit
import torch
from submitit.core.utils import FailedJobError, UncompletedJobError
from submitit.helpers import DelayedSubmission

from evaluation.studies.agents import judge_agent
from evaluation.studies.cluster import Cluster, SlurmOptions
from evaluation.studies.file import Study
from evaluation.studies.runs import PlannedRun
from evaluation.studies.state import JOB_LOCK, adopted, run_state, trained_steps, verdict_in
from minecraft_tasks.core.errors import FalseBeaconError
from policies.training.interruption import SIGNALS, TrainingStopped
from policies.training.reporters import LineReporter
from policies.training.train import train

GRACE_SECONDS = 60.0
"""What a job that is asked to stop gets to save a checkpoint before it is asked again."""

UNLIMITED_MINUTES = 60 * 24 * 365
MOST_REQUEUES = 1000
RULE = "-" * 22
"""What submitit sets before and after a traceback."""

LOST = "its process ended before it could say how: killed, or out of memory"


@dataclass(frozen=True)
class RunJob:
    """Brings one run from wherever it stands to its end.

    Attributes:
        run: The run.
        study: The study it is part of.
        driver: Lock file of the process that started this job on the same machine; when it is
            let go of, the job saves a checkpoint and stops. None for a job on its own.
    """

    run: PlannedRun
    study: Study
    driver: Path | None = None

    def __call__(self) -> bool:
        """Trains, then judges, whatever of it is still to be done.

        Returns:
            Whether all of it is done; False where the job was asked to stop.
        """
        with _stopping():
            try:
                if self.driver is not None:
                    _follow(self.driver)
                with _held(self.run.directory / JOB_LOCK):
                    self._work()
            except TrainingStopped as stopped:
                print(stopped, flush=True)
                return False
        return True

    def checkpoint(self) -> DelayedSubmission:
        """What SLURM starts again after the time limit: the same job, which then resumes."""
        return DelayedSubmission(self)

    def _work(self) -> None:
        run = self.run
        if run_state(run, self.study)[0] == "waiting":
            if (run.directory / "run.json").exists():
                train(adopted(run), resume=run.directory, reporter=LineReporter())
            else:
                train(run.config, out=run.directory, reporter=LineReporter())
        if not self.study.judge or run_state(run, self.study)[0] == "judged":
            return
        torch.set_num_threads(run.config.threads)
        steps = trained_steps(run.directory)
        for name, agent in run.evaluations(self.study).items():
            if verdict_in(run.directory / name, run.task, self.study.levels, steps) is None:
                judge_agent(agent, run.task, run.directory / name, self.study.levels)


@contextmanager
def _stopping() -> Iterator[None]:
    """SIGTERM and SIGINT stop a job; while it trains, at the next safe moment."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TrainingStopped("asked to stop")

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Holds a lock file, after whoever holds it now, and writes our process into it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        handle.truncate(0)
        print(os.getpid(), file=handle, flush=True)
        yield


def _follow(driver: Path) -> None:
    """Stops this process when the lock of its driver is free: it has let go, or died."""

    def wait() -> None:
        with driver.open() as handle:
            fcntl.flock(handle, fcntl.LOCK_SH)
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(GRACE_SECONDS)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def make_executor(
    folder: Path,
    cluster: Cluster,
    name: str,
    threads: int,
    slurm: SlurmOptions,
) -> submitit.AutoExecutor:
    """Where jobs are submitted to.

    Args:
        folder: For logs and results of jobs; on a cluster, one that every node sees.
        cluster: ``local`` processes, ``slurm``, or ``debug``, within this process.
        name: Of the jobs.
        threads: Of each job.
        slurm: Options for SLURM.

    Raises:
        FalseBeaconError: If SLURM is not there, or does not know an option.
    """
    try:
        executor = submitit.AutoExecutor(
            folder, cluster=cluster, slurm_max_num_timeout=MOST_REQUEUES
        )
    except RuntimeError as error:
        raise FalseBeaconError(
            f"no SLURM on this machine ({error}): run the study where srun and sbatch are, or "
            "leave out --cluster slurm."
        ) from error
    if cluster != "slurm":
        executor.update_parameters(name=name, timeout_min=UNLIMITED_MINUTES)
        return executor
    given: dict[str, Any] = {
        "slurm_partition": slurm.partition,
        "slurm_account": slurm.account,
        "slurm_qos": slurm.qos,
        "slurm_constraint": slurm.constraint,
        "slurm_additional_parameters": slurm.options or None,
    }
    executor.update_parameters(
        name=name,
        timeout_min=slurm.time,
        mem_gb=slurm.memory,
        cpus_per_task=threads,
        slurm_setup=[f"export OMP_NUM_THREADS={threads}", *slurm.setup],
        **{option: value for option, value in given.items() if value is not None},
    )
    return executor


def submit(executor: submitit.AutoExecutor, job: RunJob, threads: int) -> submitit.Job[bool]:
    """Starts a job, or queues it.

    Ctrl-C reaches every process of a terminal. Jobs must not see it: their driver decides.
    """
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = str(threads)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return executor.submit(job)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


def is_done(job: submitit.Job[bool]) -> bool:
    """Whether a job has ended. One for debugging runs when it is asked how it ended."""
    return isinstance(job, submitit.DebugJob) or job.done()


def error_of(job: submitit.Job[Any]) -> str | None:
    """The last lines of the error that ended a job, None where it ended by itself."""
    if isinstance(job, submitit.LocalJob) and not job.paths.result_pickle.exists():
        # Asked for its error, submitit would wait a quarter of a minute for that file.
        return _last_lines(f"{job.stderr() or ''}\n{LOST}")
    try:
        error: BaseException | None = job.exception()
    except (UncompletedJobError, UnpicklingError, EOFError, OSError) as lost:
        error = lost
    if error is None:
        return None
    text = str(error)
    if isinstance(error, FailedJobError):
        # After the traceback it only says where the logs are.
        text = text.rpartition(f"\n{RULE}\n")[0] or text
    return _last_lines(text) or type(error).__name__


def _last_lines(text: str) -> str:
    return "\n".join([line.strip() for line in text.splitlines() if line.strip(" -")][-3:])
