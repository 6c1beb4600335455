"""Submits jobs through submitit, and reads the results that they leave.

Each job has a folder of its own in the run directory, `jobs/<when>-<cluster>`. There every process
finds the failures of a run, and the job that SLURM still has of it.
"""

from __future__ import annotations

import pickle
import shlex
import signal
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import submitit
from submitit.core.utils import UncompletedJobError, cloudpickle_dump

from evaluation.studies.jobs import RunJob
from evaluation.studies.request import Cluster, SlurmOptions, StudyRequest
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import atomic_write

UNLIMITED_MINUTES = 60 * 24 * 365
MOST_REQUEUES = 1000
LOST = "its process ended before it could say how: killed, or out of memory"


def make_executor(
    folder: Path, cluster: Cluster, name: str, threads: int, slurm: SlurmOptions
) -> submitit.AutoExecutor:
    """Makes the executor of jobs with so many threads; logs and results are left in a folder.

    Raises:
        FalseBeaconError: If SLURM is missing.
    """
    variable = f"OMP_NUM_THREADS={threads}"
    python = f"env {variable} {shlex.quote(sys.executable)}"
    try:
        executor = submitit.AutoExecutor(
            folder, cluster=cluster, local_python=python, slurm_max_num_timeout=MOST_REQUEUES
        )
    except RuntimeError as error:
        raise FalseBeaconError(
            f"no SLURM on this machine ({error}): run the study where srun and sbatch are, or "
            "leave out --cluster slurm."
        ) from error
    plain = slurm.model_dump(include={"partition", "time", "account", "qos", "constraint"})
    executor.update_parameters(
        name=name,
        timeout_min=UNLIMITED_MINUTES,
        mem_gb=slurm.memory,
        cpus_per_task=threads,
        slurm_setup=[f"export {variable}", *slurm.setup],
        slurm_additional_parameters=slurm.options or None,
        **{f"slurm_{option}": value for option, value in plain.items()},
    )
    return executor


def submit(job: RunJob, request: StudyRequest) -> submitit.Job[bool]:
    """Starts a job, or queues it."""
    run, cluster = job.run, request.cluster
    folder = run.directory / "jobs" / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{cluster}"
    name = f"falsebeacon-{run.study.name}"
    executor = make_executor(folder, cluster, name, run.config.threads, request.slurm)
    # Ctrl-C reaches every process of a terminal. Jobs must not see it: their driver decides.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return executor.submit(job)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def finish(job: submitit.Job[bool]) -> bool | None:
    """Whether the run of a job that ended is done; None for an error, which stays in its folder.

    Writes the result of a job that left none: it was killed, or this process ran it.
    """
    path, result = job.paths.result_pickle, None
    if isinstance(job, submitit.DebugJob):
        error: Any = job.exception()
        trace = "".join(traceback.format_exception(error)) if error else ""
        result = ("error", trace) if error else ("success", job.result())
    elif isinstance(job, submitit.LocalJob):
        result = None if path.exists() else ("error", LOST)
    elif isinstance(job.exception(), UncompletedJobError):
        # Submitit has waited until even a slow file system would have shown the result.
        result = ("error", f"{LOST} ({job.state})")
    if result is not None:
        with atomic_write(path) as temporary:
            cloudpickle_dump(result, temporary)
    kind, value = _result(path)
    return value if kind == "success" else None


class _PlainUnpickler(pickle.Unpickler):
    """Reads what needs no class or function, so that a study from elsewhere runs no code here."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        raise pickle.UnpicklingError(f"it names {module_name}.{global_name}, which no result does")


def _result(path: Path) -> tuple[str, Any]:
    """Submitit's result of a job: ``success`` and its return value, or ``error`` and a trace."""
    try:
        with path.open("rb") as file:
            kind, value = _PlainUnpickler(file).load()
    except Exception as error:
        # A damaged pickle may raise any exception.
        return "error", f"{path} cannot be read: {error}"
    return str(kind), value


def failures(directory: Path) -> dict[Path, str]:
    """Result file -> last line of its error, for each job of a run that failed; oldest first."""
    results = {path: _result(path) for path in sorted(directory.glob("jobs/*/*_result.pkl"))}
    errors = {path: value for path, (kind, value) in results.items() if kind == "error"}
    return {path: str(error).strip().splitlines()[-1] for path, error in errors.items()}


def forget(directory: Path) -> None:
    """Deletes the failures of a run; the logs of its jobs stay."""
    for path in failures(directory):
        for pickled in path.parent.glob("*.pkl"):
            pickled.unlink()


def queued(directory: Path) -> submitit.SlurmJob[bool] | None:
    """The job that SLURM was given for a run and that has not left a result; None without one."""
    for path in sorted(directory.glob("jobs/*-slurm/*_submitted.pkl"), reverse=True):
        job = submitit.SlurmJob[bool](path.parent, path.name.removesuffix("_submitted.pkl"))
        if not job.paths.result_pickle.exists():
            return job
    return None
