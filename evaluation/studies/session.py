"""One session of a study: its lock, its share of the machine, its summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console

from evaluation.studies.agents import judge_agents
from evaluation.studies.cluster import Cluster, SlurmOptions, forget, make_executor, submit
from evaluation.studies.driver import Driver, TrackedRun, track
from evaluation.studies.file import read_study
from evaluation.studies.jobs import RunJob
from evaluation.studies.resources import Resources, fit_resources
from evaluation.studies.runs import PlannedRun, planned_runs
from evaluation.studies.table import caption, show_runs, table, write_summary
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import write_text
from minecraft_tasks.core.records import Record
from policies.training.interruption import Interruption

STUDIES = Path("runs/studies")
LOCK = ".driver"
"""File in a study's directory that its driver holds, and that jobs of the same machine follow."""
LOCK_SECONDS = 1.0
"""How long a held lock is asked for: jobs of a driver that died hold it for a moment."""
PIPE_WIDTH = 160
"""Columns of a plan that no terminal shows."""


class StudyRequest(Record):
    """What is asked of a study.

    Attributes:
        file: The study, in TOML; docs/studies.md says what it holds.
        cluster: Where runs are executed: processes of this machine, SLURM, or this very process,
            one by one.
        jobs: Runs at once; as many as fit on this machine by default, all of them on SLURM.
        out: Directory of the study; runs/studies/<name> by default.
        again: Forget the failures so far, so that runs which failed for good are tried anew.
        plan: Only list the runs and how they stand; nothing is written.
        slurm: What SLURM is told about each run.
    """

    file: Path
    cluster: Cluster = "local"
    jobs: int | None = None
    out: Path | None = None
    again: bool = False
    plan: bool = False
    slurm: SlurmOptions = SlurmOptions()


@contextmanager
def driving(root: Path) -> Iterator[FileLock]:
    """Holds a study for one driver.

    Yields:
        The lock; who lets go of it asks the jobs that follow it to stop.

    Raises:
        FalseBeaconError: If another driver holds the study, or its directory cannot be made.
    """
    lock = FileLock(root / LOCK, timeout=LOCK_SECONDS)
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise FalseBeaconError(
            f"another process is driving the study in {root}: wait for it, stop it, or name "
            "another directory with --out."
        ) from error
    except OSError as error:
        raise FalseBeaconError(
            f"cannot make the study's directory {root}: {error.strerror}; name another one with "
            "--out."
        ) from error
    with lock:
        yield lock


def share_out(runs: Sequence[PlannedRun], cluster: Cluster, jobs: int | None) -> Resources:
    """How many runs at once, with how many threads.

    Raises:
        FalseBeaconError: If fewer than one job is asked for.
    """
    most = max(run.config.threads for run in runs)
    left = sum(not run.reached()[1] for run in runs)
    laid_down = most if "threads" in runs[0].study.varied() else None
    share = fit_resources(max(left, 1), 1 if cluster == "debug" else jobs, laid_down)
    if cluster != "slurm":
        return share
    return Resources(jobs or len(runs), most, f"at most {jobs or len(runs)} on SLURM at a time")


def run_study(request: StudyRequest, console: Console | None = None) -> None:
    """Brings a study to its end, or as far as it is let; or only lists how it stands.

    Args:
        request: What is asked.
        console: Where it is shown.

    Raises:
        FalseBeaconError: If it cannot start, was stopped, or some runs failed for good.
    """
    console, cluster = console or Console(), request.cluster
    study = read_study(request.file)
    root = request.out or STUDIES / study.name
    with nullcontext() if request.plan else driving(root) as lock:
        share = share_out(planned_runs(study, root), cluster, request.jobs)
        runs = planned_runs(study, root, None if cluster == "slurm" else share.threads)
        title = f"{study.name}: {len(runs)} runs in {root}, {share.reason}"
        if lock is None:
            # Writes nothing, and may look on while others drive the study.
            found = [track(run) for run in runs]
            console.width = console.width if console.is_terminal else PIPE_WIDTH
            print(title)
            console.print(table(study.name, found, share.jobs, len(found)))
            return
        # Refused here rather than at the first run, where SLURM is not there.
        make_executor(root, cluster, study.name, share.threads, request.slurm)
        if request.again:
            for run in runs:
                forget(run.directory)
        followed = Path(lock.lock_file) if cluster == "local" else None
        start = lambda run: submit(RunJob(run, followed), cluster, request.slurm)  # noqa: E731
        driver = Driver(runs, cluster, start, share.jobs, lock.release)
        print(f"{title}; each run's logs in its jobs/")
        write_text(root / "study.toml", request.file.read_text(encoding="utf-8"))
        try:
            with Interruption() as asked, show_runs(study.name, share.jobs, console) as show:
                driver.drive(show, asked)
        finally:
            write_summary(root / "study.csv", study, driver.runs)
    print(f"{caption(driver.runs, share.jobs)}\nsummary: {root / 'study.csv'}", flush=True)
    if driver.stopping:
        raise FalseBeaconError(
            f"the study was stopped; every run at work saved a checkpoint. Go on with: "
            f"falsebeacon study {request.file}"
        )
    judge_agents(study, root)
    _refuse_failed(driver.runs, request.file)


def _refuse_failed(runs: Sequence[TrackedRun], file: Path) -> None:
    failed = [each for each in runs if each.state == "failed"]
    if failed:
        reasons = [f"{each.run.title} ({each.errors[-1].rstrip('.')})" for each in failed[:3]]
        more = f"; and {len(failed) - 3} more" if len(failed) > 3 else ""
        raise FalseBeaconError(
            f"{len(failed)} of {len(runs)} runs failed for good: {'; '.join(reasons)}{more}. What "
            f"their jobs printed is in {failed[0].run.directory / 'jobs'} and its like; try them "
            f"again with: falsebeacon study {file} --again"
        )
