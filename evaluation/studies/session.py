"""One session of a study: its lock, its share of the machine, its summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console

from evaluation.studies.agents import judge_agents
from evaluation.studies.cluster import forget, make_executor
from evaluation.studies.driver import Driver, TrackedRun, track
from evaluation.studies.file import Study, read_study
from evaluation.studies.request import StudyRequest
from evaluation.studies.resources import Resources, fit_resources
from evaluation.studies.runs import PlannedRun, planned_runs
from evaluation.studies.table import caption, show_runs, table, write_summary
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import write_text
from minecraft_tasks.core.progress import wide_console
from policies.training.interruption import Interruption

STUDIES = Path("runs/studies")
LOCK, FOLLOWED = ".lock", ".driver"
"""Files in a study's directory that its driver holds; jobs of the same machine follow the other."""


def run_study(request: StudyRequest, console: Console | None = None) -> None:
    """Brings a study to its end, or as far as it is let; or only lists how it stands.

    Raises:
        FalseBeaconError: If it cannot start, was stopped, or some runs failed for good.
    """
    console, study = console or wide_console(), read_study(request.file)
    root = request.out or STUDIES / study.name
    if request.plan:
        runs, share = _share_out(request, study, root)
        found = [track(run) for run in runs]
        print(f"{study.name}: {len(runs)} runs in {root}, {share.reason}")
        console.print(table(study.name, found, share.jobs, len(found)))
        return
    with _driving(root) as lock:
        driver = _drive(request, study, root, lock, console)
    if driver.stopping:
        raise FalseBeaconError(
            f"the study was stopped; every run at work saved a checkpoint. Go on with: "
            f"falsebeacon study {request.file}"
        )
    judge_agents(study, root)
    _refuse_failed(driver.runs, request.file)


@contextmanager
def _driving(root: Path) -> Iterator[FileLock]:
    """Holds a study for one driver, and gives the lock that its jobs follow."""
    session = FileLock(root / LOCK, timeout=0)
    try:
        root.mkdir(parents=True, exist_ok=True)
        session.acquire()
    except Timeout:
        raise FalseBeaconError(
            f"another process is driving the study in {root}: wait for it, stop it, or name "
            "another directory with --out."
        ) from None
    except OSError as error:
        raise FalseBeaconError(
            f"cannot make the study's directory {root}: {error.strerror}; name another one with "
            "--out."
        ) from error
    try:
        # Jobs that an earlier driver left behind may hold this one for a moment, to see it end.
        with FileLock(root / FOLLOWED) as followed:
            yield followed
    finally:
        session.release()


def _share_out(
    request: StudyRequest, study: Study, root: Path
) -> tuple[list[PlannedRun], Resources]:
    """The runs, each with its threads, and how many of them are at work at once."""
    runs, jobs = planned_runs(study, root), request.jobs
    most = max(run.config.threads for run in runs)
    left = sum(not run.reached()[1] for run in runs)
    laid_down = most if "threads" in study.varied() else None
    share = fit_resources(max(left, 1), 1 if request.cluster == "debug" else jobs, laid_down)
    if request.cluster != "slurm":
        return planned_runs(study, root, share.threads), share
    jobs = jobs or len(runs)
    return runs, Resources(jobs, most, f"at most {jobs} on SLURM at a time")


def _drive(
    request: StudyRequest, study: Study, root: Path, lock: FileLock, console: Console
) -> Driver:
    runs, share = _share_out(request, study, root)
    # Refused here rather than at the first run, where SLURM is not there.
    make_executor(root, request.cluster, study.name, share.threads, request.slurm)
    for run in runs if request.again else ():
        forget(run.directory)
    driver = Driver(request, runs, share.jobs, lock)
    print(f"{study.name}: {len(runs)} runs in {root}, {share.reason}")
    write_text(root / "study.toml", request.file.read_text(encoding="utf-8"))
    try:
        with Interruption() as asked, show_runs(study.name, share.jobs, console) as show:
            driver.drive(show, asked)
    finally:
        write_summary(root / "study.csv", study, driver.runs)
    print(f"{caption(driver.runs, share.jobs)}\nsummary: {root / 'study.csv'}", flush=True)
    return driver


def _refuse_failed(runs: Sequence[TrackedRun], file: Path) -> None:
    failed = [each for each in runs if each.state == "failed"]
    if failed:
        reasons = [f"{each.run.title} ({each.errors[-1].rstrip('.')})" for each in failed[:3]]
        more = f"; and {len(failed) - 3} more" if len(failed) > 3 else ""
        raise FalseBeaconError(
            f"{len(failed)} of {len(runs)} runs failed for good: {'; '.join(reasons)}{more}. Their "
            f"logs are in jobs/ of each; try them again with: falsebeacon study {file} --again"
        )
