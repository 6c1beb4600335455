"""How jobs ended is known from what they leave. Real processes, which train nothing."""

from __future__ import annotations

import os
import pickle
import signal
from pathlib import Path

import submitit

from evaluation.studies.cluster import (
    LOST,
    failures,
    finish,
    forget,
    make_executor,
    queued,
)
from evaluation.studies.request import SlurmOptions
from minecraft_tasks.core.errors import FalseBeaconError


def executor(run: Path, name: str = "1-local") -> submitit.AutoExecutor:
    return make_executor(run / "jobs" / name, "local", "some", 1, SlurmOptions())


def last_error(run: Path) -> str:
    return list(failures(run).values())[-1]


def test_the_error_of_a_job_is_told_and_not_where_its_log_is(tmp_path: Path) -> None:
    def fail() -> bool:
        raise FalseBeaconError("no altar was found")

    job = executor(tmp_path).submit(fail)
    job.wait()
    assert finish(job) is None
    assert last_error(tmp_path).endswith("no altar was found")


def test_a_job_that_was_killed_says_so(tmp_path: Path) -> None:
    job = executor(tmp_path).submit(lambda: bool(os.kill(os.getpid(), signal.SIGKILL)))
    job.wait()
    assert not failures(tmp_path)
    assert finish(job) is None
    assert last_error(tmp_path) == LOST


def test_a_result_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    job = executor(tmp_path).submit(lambda: True)
    job.wait()
    assert finish(job) is True
    assert not failures(tmp_path)
    job.paths.result_pickle.write_bytes(b"not a pickle")
    assert finish(job) is None
    assert last_error(tmp_path)


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def test_no_result_that_is_sent_runs_code(tmp_path: Path) -> None:
    caught, path = tmp_path / "caught", tmp_path / "jobs" / "1-local" / "1_0_result.pkl"
    path.parent.mkdir(parents=True)
    path.write_bytes(pickle.dumps(("success", Trap(caught))))
    assert "no result does" in last_error(tmp_path)
    assert not caught.exists()
    pickle.loads(path.read_bytes())
    assert caught.exists(), "the trap works"


def test_failures_are_remembered_in_their_order_until_they_are_forgotten(tmp_path: Path) -> None:
    def fail(why: str) -> None:
        raise FalseBeaconError(why)

    for name, why in (("2-local", "second"), ("1-debug", "first")):
        executor(tmp_path, name).submit(fail, why).wait()
    assert [text.rpartition(" ")[2] for text in failures(tmp_path).values()] == ["first", "second"]
    forget(tmp_path)
    assert not failures(tmp_path)
    assert len(list(tmp_path.glob("jobs/*/*_log.err"))) == 2


def test_what_slurm_still_has_of_a_run_is_known_to_the_next_driver(tmp_path: Path) -> None:
    folder = tmp_path / "jobs" / "20261128T120000.000000-slurm"
    folder.mkdir(parents=True)
    assert queued(tmp_path) is None
    (folder / "17_submitted.pkl").touch()
    found = queued(tmp_path)
    assert isinstance(found, submitit.SlurmJob)
    assert (found.job_id, found.paths.folder) == ("17", folder)
    found.paths.result_pickle.touch()
    assert queued(tmp_path) is None
