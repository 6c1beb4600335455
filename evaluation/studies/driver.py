"""Drives a study: submits runs, retries those that failed, and reports their states.

It keeps no state of its own: finished and failed runs are read from the run directories, so that
the next driver continues where the last one ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Any

import submitit
from filelock import FileLock

from evaluation.studies.cluster import failures, finish, queued, submit
from evaluation.studies.jobs import RunJob
from evaluation.studies.request import StudyRequest
from evaluation.studies.runs import JOB_LOCK, PlannedRun, RunState
from evaluation.verdicts.record import Verdict
from minecraft_tasks.core.errors import CorruptFileError
from minecraft_tasks.core.locks import is_held
from policies.runs.progress import ProgressRow, read_rows
from policies.training.interruption import Interruption

POLL_SECONDS = 0.5
NOTHING_YET = ProgressRow(0, *[nan] * 9)


@dataclass
class TrackedRun:
    """A run and its current state.

    Attributes:
        run: The planned run.
        state: Its state; a run that is being judged is still running.
        errors: Last line of each failure, over every session of the study.
        row: End of its learning curve, with held-out success as it was last measured.
        verdict: Its verdict, where it was judged.
        job: The job at work on it, if this process knows one.
    """

    run: PlannedRun
    state: RunState = "running"
    errors: Sequence[str] = ()
    row: ProgressRow = NOTHING_YET
    verdict: Verdict | None = None
    job: Any = None

    @property
    def steps_left(self) -> int:
        """Decisions of training that are left."""
        return max(0, self.run.config.steps - self.row.steps)

    def read(self) -> None:
        """Reads the progress of the run and, where no job is at work on it, its state."""
        path = self.run.directory / "progress.csv"
        # While the file cannot be read, what was read before stays.
        with suppress(CorruptFileError):
            if path.exists() and (rows := read_rows(path)):
                heldout = [row.heldout_success for row in rows if row.heldout_success >= 0]
                self.row = rows[-1]._replace(heldout_success=([nan, *heldout])[-1])
        if self.job is not None or self.run.busy():
            return
        self.errors = tuple(failures(self.run.directory).values())
        self.state, ended = self.run.reached()
        self.verdict = next(iter(self.run.verdicts().values()), None) if ended else None
        if not ended:
            self.state = "failed" if len(self.errors) > self.run.study.retries else "waiting"


def track(run: PlannedRun) -> TrackedRun:
    """A run and its state by its directory; refuses a study that has changed under it."""
    run.check_kept()
    tracked = TrackedRun(run)
    tracked.read()
    if tracked.state == "waiting" and queued(run.directory):
        tracked.state = "running"
    return tracked


View = Callable[[Sequence[TrackedRun]], None]
"""Shows the states of the runs."""


class Driver:
    """Completes every run of a study.

    Args:
        request: Cluster and its options.
        runs: The runs.
        jobs: Most runs at once.
        lock: Held lock of the study; jobs on this machine end when it is released.

    Raises:
        FalseBeaconError: If the study has changed under a run that exists.
    """

    def __init__(
        self, request: StudyRequest, runs: Sequence[PlannedRun], jobs: int, lock: FileLock
    ) -> None:
        self.request, self.jobs, self.lock = request, jobs, lock
        self.stopping = False
        self.runs = [track(run) for run in runs]
        for each in self.runs:
            if request.cluster == "slurm" and each.state == "running":
                each.job = queued(each.run.directory)

    def drive(self, show: View, stop: Interruption) -> None:
        """Loops until every run is finished or failed for good, or a stop was requested.

        Jobs save a checkpoint before they stop.
        """
        while True:
            if stop.requested and not self.stopping:
                self._stop()
            for each in self.runs:
                if each.state == "running":
                    self._look(each)
            self._feed()
            show(self.runs)
            if not any(self._awaited(each) for each in self.runs):
                return
            time.sleep(POLL_SECONDS)

    def _awaited(self, each: TrackedRun) -> bool:
        """Whether to wait for a run; a stopped study does not wait for other trainers."""
        if not self.stopping:
            return each.state in ("waiting", "running")
        return each.job is not None or is_held(each.run.directory / JOB_LOCK)

    def _look(self, each: TrackedRun) -> None:
        """Updates a running run, and notes the end of its job."""
        # A job for debugging runs when it is asked how it ended.
        if each.job and (isinstance(each.job, submitit.DebugJob) or each.job.done()):
            self.stopping |= finish(each.job) is False and self.request.cluster == "debug"
            each.job = None
        each.read()

    def _feed(self) -> None:
        """Submits runs while there is room, those with fewer failures first, then lower seeds.

        A study that is stopped early then has fewer seeds of every condition.
        """
        free = self.jobs - sum(each.state == "running" for each in self.runs)
        waiting = [each for each in self.runs if each.state == "waiting"]
        waiting.sort(key=lambda each: (len(each.errors), each.run.seed))
        followed = Path(self.lock.lock_file) if self.request.cluster == "local" else None
        for each in waiting[: 0 if self.stopping else max(free, 0)]:
            each.job, each.state = submit(RunJob(each.run, followed), self.request), "running"

    def _stop(self) -> None:
        """Asks every job to save a checkpoint and end."""
        self.stopping = True
        self.lock.release()
        for each in self.runs if self.request.cluster == "slurm" else ():
            if each.job is not None:
                each.job.cancel()
                # One that waits in the queue would else be taken for a failure later on.
                each.job.paths.submitted_pickle.unlink(missing_ok=True)
                each.job = None
