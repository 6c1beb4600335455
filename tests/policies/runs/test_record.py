"""Run directories: what they hold, what is refused, and what survives an interruption."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from falsebeacon.train import defaults
from minecraft_tasks.core.errors import CorruptFileError, FalseBeaconError, StaleError
from minecraft_tasks.core.files import atomic_write, write_text
from minecraft_tasks.core.locks import is_held
from minecraft_tasks.tasks import TASKS, task
from policies.runs import provenance
from policies.runs.checkpoints import checkpoint_path, newest_checkpoint
from policies.runs.config import make_config
from policies.runs.progress import ProgressFile, ProgressRow, read_rows
from policies.runs.provenance import new_session
from policies.runs.record import LOCK, create_run, lock_run, read_run
from policies.training.trackers import TensorBoardTracker, closed
from wrappers.stack import Stack

SPEC = task("BeaconShrine").spec
CONFIG = make_config(task="BeaconShrine", seed=3, steps=5000)


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: the system refuses, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write_checkpoint(directory: Path, steps: int) -> Path:
    path = checkpoint_path(directory, steps)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data", "x" * 4000)
    return path


def test_a_run_trained_on_other_pictures_is_refused(tmp_path: Path) -> None:
    create_run(tmp_path, CONFIG, SPEC)
    document = json.loads((tmp_path / "run.json").read_text())
    for older in ({**document, "look": 0}, {k: v for k, v in document.items() if k != "look"}):
        (tmp_path / "run.json").write_text(json.dumps(older))
        with pytest.raises(StaleError, match=r"pictures of version 0, the engine now draws"):
            read_run(tmp_path, SPEC)
        assert read_run(tmp_path).look == 0, "it can still be read for what it was"


def test_a_record_reads_back_whole(tmp_path: Path) -> None:
    written = create_run(tmp_path, CONFIG, SPEC)
    assert read_run(tmp_path, SPEC) == written
    document = json.loads((tmp_path / "run.json").read_text())
    assert document["schema"] == 2
    (session,) = document["sessions"]
    assert (session["steps"], session["until"]) == (0, 5000)
    assert session["started"] == document["created"]
    assert document["task_hash"] == SPEC.task_hash
    assert document["config"]["seed"] == 3
    assert {"python", "torch", "numpy"} <= session["versions"].keys()


def test_a_record_of_the_first_schema_is_read(tmp_path: Path) -> None:
    """It told of one session only, in fields of its own."""
    written = create_run(tmp_path, CONFIG, SPEC)
    document = json.loads((tmp_path / "run.json").read_text())
    (session,) = document.pop("sessions")
    document |= {"schema": 1, "versions": session["versions"], "git": session["git"]}
    (tmp_path / "run.json").write_text(json.dumps(document))
    assert read_run(tmp_path, SPEC) == written
    del document["git"]
    (tmp_path / "run.json").write_text(json.dumps(document))
    with pytest.raises(CorruptFileError, match=r"run\.json"):
        read_run(tmp_path)


def test_what_changed_between_sessions_is_told() -> None:
    before = new_session(0, 100)
    changed = before.model_copy(update={"versions": before.versions | {"torch": "1.0"}})
    assert before.differences(before) == []
    (told,) = changed.differences(before)
    assert told.endswith("and is 1.0 now")
    moved = before.model_copy(update={"git": before.git.model_copy(update={"revision": "beef"})})
    assert ["beef" in told for told in moved.differences(before)] == [True]


def test_an_installed_copy_has_no_revision_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the repository of something else lies around it, as around a virtual environment."""
    copy = tmp_path / "env" / "policies" / "provenance.py"
    copy.parent.mkdir(parents=True)
    copy.write_text("")
    name = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    for words in (["init", "-q"], [*name, "commit", "-q", "--allow-empty", "-m", "Theirs"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    monkeypatch.setattr(provenance, "__file__", str(copy))
    assert provenance.git_state() == provenance.Git()
    subprocess.run(["git", "-C", str(tmp_path), "add", str(copy)], check=True)
    state = provenance.git_state()
    assert state.dirty
    assert len(state.revision or "") == 40


def test_a_directory_holds_one_run(tmp_path: Path) -> None:
    create_run(tmp_path, CONFIG, SPEC)
    before = (tmp_path / "run.json").read_bytes()
    with pytest.raises(FalseBeaconError, match="already holds a run"):
        create_run(tmp_path, CONFIG, SPEC)
    assert (tmp_path / "run.json").read_bytes() == before


def edit(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_records_that_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    with pytest.raises(FalseBeaconError, match="no run at"):
        read_run(tmp_path)
    create_run(tmp_path, CONFIG, SPEC)
    whole = path.read_text()

    edit(path, schema=3)
    with pytest.raises(StaleError, match="schema version 3"):
        read_run(tmp_path)
    path.write_text(whole)
    edit(path, task_hash="0" * 16)
    with pytest.raises(StaleError, match=SPEC.task_hash):
        read_run(tmp_path, SPEC)
    assert read_run(tmp_path).task == "BeaconShrine"
    path.write_text(whole)
    with pytest.raises(StaleError, match="not of GreenArrowMaze"):
        read_run(tmp_path, task("GreenArrowMaze").spec)
    edit(path, sessions=[])
    with pytest.raises(CorruptFileError, match=r"run\.json"):
        read_run(tmp_path)
    for broken in (whole[: len(whole) // 2], "[]", "{}", '{"schema": 1, "task": "BeaconShrine"}'):
        path.write_text(broken)
        with pytest.raises(CorruptFileError, match=r"run\.json"):
            read_run(tmp_path)


def test_the_newest_sound_checkpoint_is_taken(tmp_path: Path) -> None:
    with pytest.raises(FalseBeaconError, match="no checkpoint"):
        newest_checkpoint(tmp_path)
    older, newer = write_checkpoint(tmp_path, 900), write_checkpoint(tmp_path, 10_000)
    said: list[str] = []
    assert newest_checkpoint(tmp_path, said.append) == newer
    assert not said
    newer.write_bytes(newer.read_bytes()[:100])
    assert newest_checkpoint(tmp_path, said.append) == older
    assert len(said) == 1
    assert str(newer) in said[0]
    older.write_bytes(b"")
    with pytest.raises(CorruptFileError, match="every checkpoint"):
        newest_checkpoint(tmp_path, said.append)


def test_a_flipped_bit_in_a_checkpoint_is_noticed(tmp_path: Path) -> None:
    """In a member, and in the directory's word on how it is compressed: deflate instead of none."""
    older, newer = write_checkpoint(tmp_path, 1), write_checkpoint(tmp_path, 2)
    whole = newer.read_bytes()
    method = whole.rindex(b"PK\x01\x02") + 10
    for place in (1000, method):
        content = bytearray(whole)
        content[place] ^= 8
        newer.write_bytes(content)
        assert newest_checkpoint(tmp_path, lambda text: None) == older


def test_a_full_disk_keeps_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    write_text(path, "first")
    with full_disk(1000), pytest.raises(FalseBeaconError, match=r"cannot write .*note\.txt"):
        write_text(path, "x" * 5000)
    assert path.read_text() == "first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["note.txt"]


def test_an_exception_while_writing_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    write_text(path, "first")

    def write_half() -> None:
        with atomic_write(path) as temporary:
            temporary.write_text("half")
            raise KeyError

    with pytest.raises(KeyError):
        write_half()
    assert path.read_text() == "first"
    assert len(list(tmp_path.iterdir())) == 1


def test_two_trainers_cannot_write_one_directory(tmp_path: Path) -> None:
    other = (
        "import sys; from pathlib import Path; from policies.runs.record import lock_run\n"
        "with lock_run(Path(sys.argv[1])): pass"
    )
    command = [sys.executable, "-c", other, str(tmp_path)]
    with lock_run(tmp_path):
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert "another trainer is writing" in result.stderr
    assert subprocess.run(command, check=False).returncode == 0


def test_a_lock_is_held_as_long_as_a_run_is_written(tmp_path: Path) -> None:
    assert not is_held(tmp_path / LOCK)
    with lock_run(tmp_path):
        assert is_held(tmp_path / LOCK)
    assert not is_held(tmp_path / LOCK)


def row(steps: int) -> ProgressRow:
    return ProgressRow(steps, steps / 100, 0.5, 0.25, 30.0, -0.01, 0.1, 1.0, 0.002, 2500.0)


def test_progress_drops_what_a_resumed_run_plays_again(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    progress = ProgressFile(path)
    for steps in (100, 200, 300):
        progress.append(row(steps))
    resumed = ProgressFile(path, keep_until=200)
    assert resumed.seconds == 2.0
    resumed.append(row(310)._replace(heldout_success=0.75))
    rows = read_rows(path)
    assert [entry.steps for entry in rows] == [100, 200, 310]
    assert rows[-1].heldout_success == 0.75
    assert rows[0].heldout_success != rows[0].heldout_success


def test_progress_of_earlier_versions_is_read_and_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    newer = ("conflict_share", "lost", "cpu_seconds")
    fields = [name for name in ProgressRow._fields if name not in newer]
    path.write_text(",".join(fields) + "\n100,1" + ",0.5" * (len(fields) - 2) + "\n")
    resumed = ProgressFile(path, keep_until=100)
    assert resumed.seconds == 1.0
    assert resumed.cpu_seconds != resumed.cpu_seconds
    (found,) = read_rows(path)
    assert (found.steps, found.heldout_success, found.lost) == (100, 0.5, 0.0)
    assert found.cpu_seconds != found.cpu_seconds


def test_a_row_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    progress = ProgressFile(path)
    progress.append(row(100))
    before = path.read_bytes()
    with full_disk(len(before) + 20), pytest.raises(FalseBeaconError, match=r"progress\.csv"):
        progress.append(row(200))
    assert path.read_bytes() == before
    path.write_bytes(before + b"20")
    assert [entry.steps for entry in read_rows(path)] == [100], "half a line is no row"
    ProgressFile(path, keep_until=300).append(row(200))
    assert [entry.steps for entry in read_rows(path)] == [100, 200]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_tracker_that_cannot_write_says_so(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    tracker = TensorBoardTracker(tmp_path)
    tracker.copy([row(100)])
    with pytest.raises(FalseBeaconError, match="tensorboard"), closed([tracker]), full_disk(600):
        tracker.copy([row(200)])
    for writer in set(threading.enumerate()) - before:
        writer.join(timeout=60)


def test_a_spoiled_progress_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    path.write_text("steps,seconds\nmany,few\n")
    with pytest.raises(CorruptFileError, match=r"progress\.csv"):
        ProgressFile(path)


def test_bad_configurations_are_named() -> None:
    with pytest.raises(FalseBeaconError, match=r"steps = -1.*speed"):
        make_config(task="BeaconShrine", steps=-1, speed=3)
    steps = make_config(task="BeaconShrine", steps=100_000, checkpoints=4).checkpoint_steps()
    assert steps[0] == 16_384
    assert steps[-1] == 100_000
    assert len(steps) == 4
    assert make_config(task="BeaconShrine", steps=500).checkpoint_steps() == (500,)


@pytest.mark.parametrize("name", TASKS)
def test_a_recipe_yields_to_what_is_given(name: str) -> None:
    config, recipe = make_config(task=name), TASKS[name].recipe.options()
    if "wrappers" in recipe:
        recipe["wrappers"] = Stack.parse(recipe["wrappers"])
    assert {option: getattr(config, option) for option in recipe} == recipe
    assert make_config(task=name, steps=5).steps == 5
    for words in (["train", name], ["train", "--seed", "3", name]):
        assert defaults(words).steps == config.steps
    assert defaults(["train"]).steps == make_config(task="").steps
