"""What ended the job of a run is told by its last line. Real processes, which train nothing."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
import submitit

from evaluation.studies.jobs import LOST, SlurmOptions, error_of, make_executor
from evaluation.studies.state import Attempts, Failure, read_attempts, write_attempts
from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError, StaleError


def executor(folder: Path) -> submitit.AutoExecutor:
    return make_executor(folder, "local", "some", 1, SlurmOptions())


def test_the_error_of_a_job_is_told_and_not_where_its_log_is(tmp_path: Path) -> None:
    def fail() -> None:
        raise FalseBeaconError("no altar was found")

    job = executor(tmp_path).submit(fail)
    job.wait()
    assert (error_of(job) or "").splitlines()[-1].endswith("no altar was found")


def test_a_job_that_was_killed_says_so(tmp_path: Path) -> None:
    job = executor(tmp_path).submit(lambda: os.kill(os.getpid(), signal.SIGKILL))
    job.wait()
    assert (error_of(job) or "").splitlines()[-1] == LOST


def test_a_result_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    job = executor(tmp_path).submit(lambda: True)
    job.wait()
    assert error_of(job) is None
    job.paths.result_pickle.write_bytes(b"not a pickle")
    assert error_of(job)


def test_failures_are_remembered_with_their_schema(tmp_path: Path) -> None:
    path = tmp_path / "attempts.json"
    assert read_attempts(tmp_path) == Attempts()
    written = Attempts(failures=(Failure(when="2026-11-21T14:00:00+00:00", error="broke"),))
    write_attempts(tmp_path, written)
    assert read_attempts(tmp_path) == written
    whole = path.read_text()
    assert json.loads(whole)["schema"] == 1
    path.write_text(json.dumps(json.loads(whole) | {"schema": 2}))
    with pytest.raises(StaleError, match="schema version 2"):
        read_attempts(tmp_path)
    path.write_text(whole[:-20])
    with pytest.raises(CorruptFileError, match=r"attempts\.json"):
        read_attempts(tmp_path)
