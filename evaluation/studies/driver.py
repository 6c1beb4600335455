"""Drives a study: submits what is to be done, retries what failed, and says how all of it stands.

Nothing here has to survive: what is finished is read from the run directories, so that a study
goes on from wherever its last driver left it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import submitit

from evaluation.records.info import now
from evaluation.studies.file import Study
from evaluation.studies.jobs import RunJob, error_of, is_done, submit
from evaluation.studies.runs import PlannedRun
from evaluation.studies.state import (
    Attempts,
    Failure,
    RunState,
    Seen,
    Submitted,
    check_kept,
    is_busy,
    read_attempts,
    read_seen,
    run_state,
    write_attempts,
)
from evaluation.verdicts.record import Verdict
from policies.training.interruption import Interruption

POLL_SECONDS = 0.5
FINISHED: tuple[RunState, ...] = ("trained", "judged")
UNFINISHED = "its job ended without an error, but did not leave the run finished"


@dataclass
class TrackedRun:
    """A run and what is known of it now.

    Attributes:
        run: As it was planned.
        retries: How often it may be tried again.
        state: Its state; a run that is being judged is still running.
        attempts: Its failures so far.
        seen: The end of its learning curve.
        verdict: On it, where it was judged.
        job: The job at work on it, if this process knows one.
    """

    run: PlannedRun
    retries: int
    state: RunState = "waiting"
    attempts: Attempts = field(default_factory=Attempts)
    seen: Seen = field(default_factory=Seen)
    verdict: Verdict | None = None
    job: Any = None

    @property
    def failures(self) -> int:
        """How often it has failed."""
        return len(self.attempts.failures)

    @property
    def seconds_left(self) -> float:
        """Of training, at its present speed; NaN where that is unknown."""
        left = max(0, self.run.config.steps - self.seen.steps)
        return left / self.seen.rate if self.seen.rate > 0 else float("nan")

    def read(self, study: Study) -> None:
        """Reads how the run stands; nobody works on it."""
        self.seen = read_seen(self.run.directory) or self.seen
        self.state, self.verdict = run_state(self.run, study)
        if self.state != ("judged" if study.judge else "trained"):
            self.state = "failed" if self.failures > self.retries else "waiting"

    def note(self, attempts: Attempts) -> None:
        """Keeps a record of attempts, here and in the run directory."""
        self.attempts = attempts
        write_attempts(self.run.directory, attempts)


def found(run: PlannedRun, study: Study) -> TrackedRun:
    """A run as its directory shows it; nothing is written.

    Raises:
        FalseBeaconError: If the study has changed under it, or its failures cannot be read.
    """
    check_kept(run)
    each = TrackedRun(run, study.retries, attempts=read_attempts(run.directory))
    each.read(study)
    queued = each.attempts.job is not None and each.state == "waiting"
    if queued or is_busy(run.directory):
        each.state = "running"
    return each


class View(Protocol):
    """Shows a study to a person."""

    def update(self, runs: Sequence[TrackedRun]) -> None:
        """Shows how the runs stand now."""


class Driver:
    """Brings every run of a study to its end.

    Args:
        study: The study.
        runs: Its runs.
        executor: Where jobs are submitted to.
        jobs: At most so many at once.
        lock: Lock file that this process holds while its jobs may live; None for jobs that
            outlive it.
        let_go: Lets go of that lock.
        again: Forget earlier failures.

    Raises:
        FalseBeaconError: If the study has changed under a run that exists.
    """

    def __init__(
        self,
        study: Study,
        runs: Sequence[PlannedRun],
        executor: submitit.AutoExecutor,
        jobs: int,
        lock: Path | None,
        let_go: Callable[[], None],
        again: bool = False,
    ) -> None:
        self.study, self.executor, self.jobs = study, executor, jobs
        self.lock, self.let_go = lock, let_go
        self.stopping = False
        self.runs = [found(run, study) for run in runs]
        for each in self.runs:
            if again and each.attempts.failures:
                each.note(each.attempts.model_copy(update={"failures": ()}))
            self._meet(each)

    def _meet(self, each: TrackedRun) -> None:
        """Takes up a run that this process has not started."""
        submitted = each.attempts.job
        if submitted is not None and self.executor.cluster == "slurm":
            each.job = submitit.SlurmJob(submitted.folder, submitted.job_id)
            each.state = "running"
        elif not is_busy(each.run.directory):
            self._settle(each)

    def _settle(self, each: TrackedRun, error: str | None = None) -> None:
        """Takes a run that nobody works on any more to its next state."""
        each.job = None
        each.read(self.study)
        failures = each.attempts.failures
        if error and each.state not in FINISHED and not self.stopping:
            failures = (*failures, Failure(when=now(), error=error))
        if failures != each.attempts.failures or each.attempts.job is not None:
            each.note(each.attempts.model_copy(update={"failures": failures, "job": None}))
            each.read(self.study)

    def finished(self, each: TrackedRun) -> bool:
        """Whether nothing is left to be done for a run."""
        return each.state in (*FINISHED, "failed")

    def drive(self, view: View, interruption: Interruption) -> list[TrackedRun]:
        """Goes on until everything is finished, failed for good, or interrupted.

        Args:
            view: Shown every change.
            interruption: Asked whether to stop; jobs then save a checkpoint first.
        """
        while True:
            if interruption.requested and not self.stopping:
                self._stop()
            for each in self.runs:
                if each.state == "running":
                    self._look(each)
            self._feed()
            view.update(self.runs)
            running = any(each.state == "running" for each in self.runs)
            if self.stopping and not any(map(self._at_work, self.runs)):
                for each in self.runs:
                    if each.job is not None:
                        self._settle(each)
                return self.runs
            if not running and all(self.finished(each) for each in self.runs):
                return self.runs
            time.sleep(POLL_SECONDS)

    def _look(self, each: TrackedRun) -> None:
        """Notes the progress of a running run, or its end."""
        each.seen = read_seen(each.run.directory) or each.seen
        if each.job is None:
            if not is_busy(each.run.directory):
                self._settle(each)
        elif is_done(each.job):
            error = error_of(each.job)
            if error is None and each.job.result():
                # Counts where the run is not finished; it would be started for ever otherwise.
                error = UNFINISHED
            elif error is None and isinstance(each.job, submitit.DebugJob):
                self.stopping = True
            self._settle(each, error)

    def _at_work(self, each: TrackedRun) -> bool:
        """Whether a run has a job that is to be waited for; one queued on a cluster is not."""
        queued = self.executor.cluster == "slurm" and not is_busy(each.run.directory)
        return each.job is not None and not queued

    def _feed(self) -> None:
        """Submits what fits; runs that never failed come first, and lower seeds before higher.

        A study that is stopped early then has fewer seeds of every condition.
        """
        free = self.jobs - sum(each.state == "running" for each in self.runs)
        if self.stopping or free < 1:
            return
        waiting = [each for each in self.runs if each.state == "waiting"]
        waiting.sort(key=lambda each: (each.failures, each.run.seed))
        for each in waiting[:free]:
            wanted = RunJob(each.run, self.study, self.lock)
            job = submit(self.executor, wanted, each.run.config.threads)
            each.job, each.state = job, "running"
            if self.executor.cluster == "slurm":
                kept = Submitted(job_id=job.job_id, folder=str(job.paths.folder))
                each.note(each.attempts.model_copy(update={"job": kept}))

    def _stop(self) -> None:
        """Asks every job to save a checkpoint and end."""
        self.stopping = True
        self.let_go()
        if self.executor.cluster == "slurm":
            for each in self.runs:
                if each.job is not None:
                    each.job.cancel()
