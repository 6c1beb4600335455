"""One session of a study: its locks, its share of the machine, its summary."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from evaluation.studies.agents import judge_agents
from evaluation.studies.driver import Driver, TrackedRun, View, found
from evaluation.studies.file import Study
from evaluation.studies.jobs import Cluster, SlurmOptions, make_executor
from evaluation.studies.resources import Resources, fit_resources
from evaluation.studies.runs import planned_runs
from evaluation.studies.state import run_state
from evaluation.studies.table import caption, table, write_summary
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import write_text
from minecraft_tasks.core.progress import wide_console
from policies.training.interruption import Interruption

Show = Callable[[str, int], AbstractContextManager[View]]
"""Makes a view of a study from its name and how many runs are at work at once."""


@contextmanager
def driving(root: Path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """Holds a study for one driver.

    Yields:
        The lock file that jobs on this machine follow, and what lets go of it.

    Raises:
        FalseBeaconError: If another driver holds the study, or its directory cannot be made.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        session, following = (root / ".lock").open("a"), root / ".driver"
    except OSError as error:
        raise FalseBeaconError(
            f"cannot make the study's directory {root}: {error.strerror}; name another one with "
            "--out."
        ) from error
    with session:
        try:
            fcntl.flock(session, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise FalseBeaconError(
                f"another process is driving the study in {root}: wait for it, stop it, or name "
                "another directory with --out."
            ) from error
        with following.open("a") as handle:
            # Jobs that an earlier driver left behind may hold it for a moment, to see it die.
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield following, handle.close


def share_out(study: Study, root: Path, cluster: Cluster, jobs: int | None) -> Resources:
    """How many runs at once, with how many threads.

    Raises:
        FalseBeaconError: If fewer than one job is asked for.
    """
    runs = planned_runs(study, root)
    most = max(run.config.threads for run in runs)
    if cluster == "slurm":
        if jobs is not None and jobs < 1:
            raise FalseBeaconError(f"at least one run at a time is needed, not {jobs}.")
        return Resources(jobs or len(runs), most, f"at most {jobs or len(runs)} on SLURM at a time")
    end = "judged" if study.judge else "trained"
    left = sum(run_state(run, study)[0] != end for run in runs)
    laid_down = most if "threads" in study.varied() else None
    return fit_resources(max(left, 1), 1 if cluster == "debug" else jobs, laid_down)


def show_plan(study: Study, root: Path, cluster: Cluster, jobs: int | None) -> None:
    """Prints how the runs of a study stand. Writes nothing, and may look on while others drive it.

    Raises:
        FalseBeaconError: If the study has changed under a run, or fewer than one job is asked for.
    """
    share = share_out(study, root, cluster, jobs)
    runs = [found(run, study) for run in planned_runs(study, root, share.threads)]
    print(f"{study.name}: {len(runs)} runs in {root}, {share.reason}")
    wide_console().print(table(study.name, runs, share.jobs, len(runs)))


def run_study(
    study: Study,
    file: Path,
    root: Path,
    cluster: Cluster,
    jobs: int | None,
    slurm: SlurmOptions,
    show: Show,
    again: bool = False,
) -> None:
    """Brings a study to its end, or as far as it is let.

    Args:
        study: The study.
        file: Where it comes from; a copy is kept.
        root: Its directory.
        cluster: Where jobs are executed.
        jobs: At once; as many as fit by default.
        slurm: Options for SLURM.
        show: How it is shown.
        again: Forget earlier failures.

    Raises:
        FalseBeaconError: If it cannot start, was stopped, or some runs failed for good.
    """
    with ExitStack() as stack:
        followed, let_go = stack.enter_context(driving(root))
        share = share_out(study, root, cluster, jobs)
        runs = planned_runs(study, root, None if cluster == "slurm" else share.threads)
        session = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}"
        logs = root / "jobs" / session
        executor = make_executor(logs, cluster, f"falsebeacon-{study.name}", share.threads, slurm)
        lock = followed if cluster == "local" else None
        driver = Driver(study, runs, executor, share.jobs, lock, let_go, again)
        print(f"{study.name}: {len(runs)} runs in {root}, {share.reason}; logs in {logs}")
        write_text(root / "study.toml", file.read_text(encoding="utf-8"))
        with Interruption() as interruption:
            try:
                with show(study.name, share.jobs) as view:
                    driver.drive(view, interruption)
            finally:
                write_summary(root / "study.csv", study, driver.runs)
    print(f"{caption(driver.runs, share.jobs)}\nsummary: {root / 'study.csv'}", flush=True)
    if not driver.stopping:
        judge_agents(study, root)
    _tell_end(driver, file, logs)


def _tell_end(driver: Driver, file: Path, logs: Path) -> None:
    failed = [each for each in driver.runs if each.state == "failed"]
    if driver.stopping:
        raise FalseBeaconError(
            f"the study was stopped; every run at work saved a checkpoint. Go on with: "
            f"falsebeacon study {file}"
        )
    if failed:
        raise FalseBeaconError(
            f"{len(failed)} of {len(driver.runs)} runs failed for good: {_reasons(failed)}. Their "
            f"logs are in {logs}; try them anew with: falsebeacon study {file} --again"
        )


def _reasons(failed: Sequence[TrackedRun]) -> str:
    named = [
        f"{each.run.title} ({each.attempts.failures[-1].error.splitlines()[-1].rstrip('.')})"
        for each in failed[:3]
    ]
    return "; ".join(named) + (f"; and {len(failed) - 3} more" if len(failed) > 3 else "")
