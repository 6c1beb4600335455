"""One session of a study: its lock, its share of the machine, its summary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock
from rich.console import Console

from evaluation.studies.cluster import forget, make_executor
from evaluation.studies.driver import Driver, TrackedRun, track
from evaluation.studies.file import Study, read_study
from evaluation.studies.jobs import judge_agents
from evaluation.studies.request import StudyRequest
from evaluation.studies.runs import PlannedRun, planned_runs
from evaluation.studies.table import caption, show_runs, table, write_summary
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import write_text
from minecraft_tasks.core.locks import FOREVER, hold
from minecraft_tasks.core.parallel import available
from minecraft_tasks.core.processes import free_memory
from minecraft_tasks.core.progress import wide_console
from policies.training.interruption import Interruption

STUDIES = Path("runs/studies")
LOCK, FOLLOWED = ".lock", ".driver"
"""Files in a study's directory that its driver holds; jobs of the same machine follow the other."""
GIB = 2**30
RUN_GIB = 1.5
"""Memory of a run with its judging: the demo in README.md took 1.2 at the most."""


def run_study(request: StudyRequest, console: Console | None = None) -> None:
    """Completes a study, as far as it is not interrupted; or only lists its runs.

    Raises:
        FalseBeaconError: If it cannot start, was stopped, or some runs failed for good.
    """
    console, study = console or wide_console(), read_study(request.file)
    root = request.out or STUDIES / study.name
    if request.plan:
        runs, share = _share_out(request, study, root)
        tracked = [track(run) for run in runs]
        print(f"{study.name}: {len(runs)} runs in {root}, {share.reason}")
        console.print(table(study.name, tracked, share.jobs, len(tracked)))
        return
    busy = (
        f"another process is driving the study in {root}: wait for it, stop it, or name another "
        "directory with --out."
    )
    # Jobs that an earlier driver left behind may hold the second lock for a moment, to see it end.
    with hold(root / LOCK, busy, 0), hold(root / FOLLOWED, busy, FOREVER) as followed:
        driver = _drive(request, study, root, followed, console)
    if driver.stopping:
        raise FalseBeaconError(
            f"the study was stopped; every run at work saved a checkpoint. Go on with: "
            f"falsebeacon study {request.file}"
        )
    judge_agents(study, root)
    _refuse_failed(driver.runs, request.file)


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
        with Interruption() as stop, show_runs(study.name, share.jobs, console) as show:
            driver.drive(show, stop)
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


class Resources(NamedTuple):
    """Runs at once, threads of each, and the reason in words."""

    jobs: int
    threads: int
    reason: str


def _share_out(
    request: StudyRequest, study: Study, root: Path
) -> tuple[list[PlannedRun], Resources]:
    """The runs, each with its threads, and how many of them are at work at once."""
    runs, jobs = planned_runs(study, root), request.jobs
    most = max(run.config.threads for run in runs)
    if request.cluster == "slurm":
        jobs = len(runs) if jobs is None else jobs
        share = fit_resources(len(runs), jobs, most)
        return runs, share._replace(reason=f"at most {jobs} on SLURM at a time")
    left = sum(not run.reached()[1] for run in runs)
    threads = most if "threads" in study.varied() else None
    share = fit_resources(max(left, 1), 1 if request.cluster == "debug" else jobs, threads)
    return planned_runs(study, root, share.threads), share


def fit_resources(
    runs: int,
    jobs: int | None = None,
    threads: int | None = None,
    cores: int | None = None,
    memory: float | None = None,
) -> Resources:
    """As many runs at once as cores and memory (GiB) allow, and the cores divided among them.

    `jobs` and `threads` fix either; `cores` and `memory` are what is free here by default.

    Raises:
        FalseBeaconError: If less than one run at a time is asked for.
    """
    if jobs is not None and jobs < 1:
        raise FalseBeaconError(f"at least one run at a time is needed, not {jobs}.")
    cores = available() if cores is None else cores
    memory = free_memory() / GIB if memory is None else memory
    chosen = jobs or max(1, min(cores // (threads or 1), int(memory / RUN_GIB), runs))
    each = threads or max(1, cores // chosen)
    text = f"{chosen} at a time with {each} thread{'s' * (each > 1)} each"
    if jobs is None:
        text += f" ({cores} cores, {memory:.1f} GiB of memory free, {RUN_GIB} GiB a run)"
    elif chosen * each > cores or chosen * RUN_GIB > memory:
        text += f" (more than fits: {cores} cores, {memory:.1f} GiB of memory free)"
    return Resources(chosen, each, text)
