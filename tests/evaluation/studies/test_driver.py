"""Studies go on from wherever they were left. Short real runs."""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import submitit
from filelock import FileLock
from rich.console import Console

from evaluation.records.info import read_info
from evaluation.studies.cluster import failures, queued
from evaluation.studies.driver import NOTHING_YET, Driver, TrackedRun
from evaluation.studies.file import read_study
from evaluation.studies.jobs import RunJob, agent_directory
from evaluation.studies.request import StudyRequest
from evaluation.studies.runs import planned_runs, trained_steps
from evaluation.studies.table import show_runs, shown
from falsebeacon.main import main
from policies.runs.checkpoints import checkpoints
from policies.runs.progress import read_rows
from policies.runs.record import lock_run
from policies.training.interruption import Interruption

STEPS = 320
BASE = f"""
[base]
steps = {STEPS}
num_envs = 8
n_steps = 8
epochs = 1
minibatches = 2
hidden = 16
layouts = 8
heldout_levels = 0
checkpoints = 2
first_checkpoint = 64
save_seconds = 0.2
precision = "float32"
threads = 1
"""
ROOT = Path("runs/studies/small")
DEADLINE = 3600.0
"""Seconds until a hang is given up: numba may first compile, beside other processes."""


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write_study(head: str, rest: str = "") -> Path:
    path = Path("small.toml")
    path.write_text(head + BASE + rest)
    return path


def start(path: Path, *words: str) -> subprocess.Popen[str]:
    """A driver in a process, and a session, of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "falsebeacon", "study", str(path), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[3])},
    )


def wait_for(happened: Callable[[], Any], process: subprocess.Popen[str] | None = None) -> None:
    deadline = time.monotonic() + DEADLINE
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        assert process is None or process.poll() is None, process.communicate()
        time.sleep(0.05)


def summary() -> list[dict[str, str]]:
    with (ROOT / "study.csv").open(newline="") as handle:
        return list(csv.DictReader(handle))


def test_a_study_that_is_killed_goes_on_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    """Killed with one run done, one half done and one hardly begun."""
    path = write_study(
        'tasks = ["BeaconShrine"]\nseeds = 1\njudge = false\n',
        "[conditions.a]\n[conditions.b]\nsteps = 6400\n[conditions.c]\n",
    )
    runs = planned_runs(read_study(path), ROOT)
    short, long, last = (run.directory for run in runs)
    first = start(path, "--jobs", "2")
    wait_for(lambda: trained_steps(short) >= STEPS and checkpoints(long), first)
    assert main(["study", str(path)]) == 1
    assert "another process is driving" in capsys.readouterr().err
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert trained_steps(long) < 6400
    assert trained_steps(last) < STEPS

    done = {file: file.stat().st_mtime_ns for file in short.rglob("*")}
    assert main(["study", str(path), "--cluster", "debug"]) == 0
    told = capsys.readouterr().out
    assert "3 trained of 3" in told
    assert [f"{run.title}: running" in told for run in runs] == [False, True, True]
    for run in runs:
        rows = read_rows(run.directory / "progress.csv")
        assert [row.steps for row in rows] == list(range(64, run.config.steps + 1, 64))
        assert trained_steps(run.directory) == run.config.steps
        assert not failures(run.directory)
    rows = summary()
    assert [row["state"] for row in rows] == ["trained"] * 3
    assert [int(row["trained_steps"]) for row in rows] == [STEPS, 6400, STEPS]

    before = {file: file.stat().st_mtime_ns for file in ROOT.glob("BeaconShrine/**/*")}
    assert main(["study", str(path)]) == 0
    assert {file: file.stat().st_mtime_ns for file in before} == before
    assert done.items() <= before.items()


def test_a_lost_job_is_tried_again_and_control_c_saves(tmp_path: Path) -> None:
    path = write_study('tasks = ["BeaconShrine"]\nseeds = 1\nretries = 1\njudge = false\n')
    path.write_text(path.read_text().replace(f"steps = {STEPS}", "steps = 50_000_000"))
    run = planned_runs(read_study(path), ROOT)[0].directory
    driver = start(path)
    wait_for(lambda: len(checkpoints(run)) > 1, driver)
    worker = int((run / ".job").read_text().split()[1])
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: failures(run), driver)
    reached = trained_steps(run)
    wait_for(lambda: trained_steps(run) > reached, driver)
    # As a terminal does, to the whole group of processes.
    os.killpg(driver.pid, signal.SIGINT)
    told, errors = driver.communicate(timeout=DEADLINE)
    assert driver.returncode == 1
    assert "Go on with: falsebeacon study small.toml" in errors
    assert "waiting, failed 1 of 2" in told
    assert "Traceback" not in errors
    assert not planned_runs(read_study(path), ROOT)[0].busy()
    rows = read_rows(run / "progress.csv")
    assert trained_steps(run) == rows[-1].steps > reached
    assert len(failures(run)) == 1


def test_a_run_that_somebody_trains_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    path = write_study('tasks = ["BeaconShrine"]\nseeds = 2\nretries = 0\njudge = false\n')
    runs = [run.directory for run in planned_runs(read_study(path), ROOT)]
    holder = ExitStack()
    holder.enter_context(lock_run(runs[0]))
    release = threading.Thread(
        target=lambda: (wait_for((ROOT / "study.toml").exists), holder.close())
    )
    release.start()
    assert main(["study", str(path), "--cluster", "debug"]) == 0
    release.join()
    told = capsys.readouterr().out
    # A job that had not waited would have found the run locked, and failed for good.
    assert told.index("seed 0: running") < told.index("seed 0: trained")
    assert [row["state"] for row in summary()] == ["trained"] * 2
    assert not failures(runs[0])


def test_failing_runs_are_tried_as_often_as_stated(capsys: pytest.CaptureFixture[str]) -> None:
    path = write_study('tasks = ["BeaconShrine"]\nseeds = 3\nretries = 1\njudge = false\n')
    runs = planned_runs(read_study(path), ROOT)
    broken = runs[0].directory
    broken.mkdir(parents=True)
    (broken / "run.json").write_text("{")
    assert main(["study", str(path), "--cluster", "debug"]) == 1
    shown = capsys.readouterr()
    assert "BeaconShrine baseline seed 0: waiting, failed 1 of 2" in shown.out
    assert "BeaconShrine baseline seed 0: failed 2 of 2" in shown.out
    assert "1 of 3 runs failed for good" in shown.err
    assert "run.json cannot be read as JSON" in shown.err
    assert [row["state"] for row in summary()] == ["failed", "trained", "trained"]
    assert [int(row["failures"]) for row in summary()] == [2, 0, 0]
    assert len(failures(broken)) == 2

    assert main(["study", str(path), "--cluster", "debug"]) == 1
    assert len(failures(broken)) == 2
    before = sorted(ROOT.rglob("*"))
    assert main(["study", str(path), "--again", "--plan"]) == 0
    assert "1 failed" in capsys.readouterr().out
    assert len(failures(broken)) == 2
    assert sorted(ROOT.rglob("*")) == before
    (broken / "run.json").unlink()
    assert main(["study", str(path), "--cluster", "debug", "--again"]) == 0
    assert [row["state"] for row in summary()] == ["trained"] * 3


def test_runs_are_judged_and_kept_from_a_changed_file(capsys: pytest.CaptureFixture[str]) -> None:
    # The task with the fewest splits to judge on.
    head = 'tasks = ["HiddenGoal"]\nseeds = 1\nlevels = {}\nagents = ["random"]\n'
    rest = '[per_task.HiddenGoal]\nheldout_levels = 1\n[conditions.a]\nalso = ["memoryless"]\n'
    path = write_study(head.format(2), rest)
    run = planned_runs(read_study(path), ROOT)[0]
    assert main(["study", str(path), "--cluster", "debug"]) == 0
    assert run.reached() == ("judged", True)
    verdict = run.verdicts()["evaluation"]
    assert verdict is not None
    assert verdict.agent_steps == STEPS
    for name, agent in run.evaluations().items():
        assert (run.directory / name / "report.html").exists()
        assert read_info(run.directory / name).agent == agent
    with (ROOT / "agents.csv").open(newline="") as handle:
        (row,) = csv.DictReader(handle)
    assert (row["task"], row["agent"]) == ("HiddenGoal", "random")
    assert (agent_directory(ROOT, "HiddenGoal", "random") / "report.html").exists()
    assert summary()[0]["outcome"] == verdict.outcome
    assert float(summary()[0]["heldout_success"]) in (0, 1)
    path.write_text(path.read_text().replace("levels = 2\n", "levels = 4\n", 1))
    run = planned_runs(read_study(path), ROOT)[0]
    assert run.reached() == ("trained", False)

    capsys.readouterr()
    text = path.read_text()
    for changed, named in (("hidden = 32", "hidden"), ("gamma = 0.5\nhidden = 16", "gamma")):
        path.write_text(text.replace("hidden = 16", changed))
        assert main(["study", str(path), "--cluster", "debug"]) == 1
        told = capsys.readouterr().err
        assert named in told
        assert str(run.directory) in told
    path.write_text(text.replace(f"steps = {STEPS}", "steps = 256"))
    assert main(["study", str(path), "--cluster", "debug"]) == 1
    assert "only grow" in capsys.readouterr().err
    path.write_text(text.replace(f"steps = {STEPS}", "steps = 448") + "\n")
    assert planned_runs(read_study(path), ROOT)[0].reached() == ("waiting", False)
    assert main(["study", str(path), "--cluster", "debug", "--plan"]) == 0
    assert "waiting" in capsys.readouterr().out
    shutil.rmtree(run.directory / "evaluation")
    text = (
        path.read_text().replace('agents = ["random"]', "").replace("levels = 4", "judge = false")
    )
    path.write_text(text)
    assert main(["study", str(path), "--cluster", "debug"]) == 0
    assert trained_steps(run.directory) == 448


def test_a_job_that_leaves_its_run_unfinished_has_failed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the reason: it must not be started over and over."""
    path = write_study('tasks = ["BeaconShrine"]\nseeds = 1\nretries = 1\njudge = false\n')
    monkeypatch.setattr(RunJob, "_work", lambda job: None)
    assert main(["study", str(path), "--cluster", "debug"]) == 1
    assert "did not leave the run finished" in capsys.readouterr().err
    assert int(summary()[0]["failures"]) == 2


def test_what_waits_in_a_queue_is_cancelled_and_has_not_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = write_study('tasks = ["BeaconShrine"]\nseeds = 1\njudge = false\n')
    run = planned_runs(read_study(path), ROOT)[0]
    folder = run.directory / "jobs" / "20261128T120000.000000-slurm"
    folder.mkdir(parents=True)
    (folder / "17_submitted.pkl").touch()
    cancelled: list[str] = []
    monkeypatch.setattr(submitit.SlurmJob, "cancel", lambda job: cancelled.append(job.job_id))
    driver = Driver(StudyRequest(file=path, cluster="slurm"), [run], 1, FileLock("lock"))
    assert [each.state for each in driver.runs] == ["running"]
    stop = Interruption()
    stop.number = signal.SIGINT
    driver.drive(lambda runs: None, stop)
    assert cancelled == ["17"]
    assert [each.state for each in driver.runs] == ["waiting"]
    assert queued(run.directory) is None
    assert not failures(run.directory)


def test_the_table_says_what_matters() -> None:
    path = write_study('tasks = ["BeaconShrine"]\nseeds = 40\nretries = 2\n')
    runs = [TrackedRun(run, "waiting") for run in planned_runs(read_study(path), ROOT)]
    runs[0].state = "judged"
    runs[0].row = NOTHING_YET._replace(
        steps=320, steps_per_second=500.0, success=0.9, heldout_success=0.75
    )
    runs[30].state = "running"
    runs[30].row = NOTHING_YET._replace(steps=64, steps_per_second=2.0, success=0.25)
    runs[35].state, runs[35].errors = "failed", ("no space left",) * 3
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=140, height=20)
    with show_runs("small", 2, console) as show:
        show(runs)
    drawn = text.getvalue()
    for part in ("failed 3 of 3", "running", "0.25", "2 min", "1 judged, 1 running, 37 waiting"):
        assert part in drawn
    assert "27 not shown" in drawn
    assert [each.run.seed for each in shown(runs, 3)] == [1, 30, 35]
    assert len(shown(runs, 100)) == 40
