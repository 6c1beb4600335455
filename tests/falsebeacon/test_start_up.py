"""What a command loads before it has to, and what is said where it cannot start or go on."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from falsebeacon.main import COMMANDS, main
from minecraft_tasks.core.files import atomic_write
from minecraft_tasks.core.interruption import Interrupted, held_back, interrupt

ROOT = Path(__file__).resolve().parents[2]
HEAVY = (
    "torch", "numba", "gymnasium", "stable_baselines3", "sb3_contrib", "matplotlib", "cv2",
    "pyarrow", "scipy", "submitit", "wandb", "jinja2",
)  # fmt: skip
LOADED = """
import json, sys
from falsebeacon.main import main
try:
    status = main(sys.argv[1:])
except SystemExit as stop:
    status = stop.code
print(json.dumps([status, sorted(sys.modules)]), file=sys.stderr)
"""


def python(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    paths = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *words], cwd=cwd, env=paths, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["tarin"], 2),
        (["train", "BeaconShrin"], 1),
        (["train", "BeaconShrine", "--out", "old"], 1),
        (["train", "--resume", "nowhere"], 1),
        (["train", "BeaconShrine", "--gamma", "2"], 2),
        (["train", "BeaconShrine", "--out", ""], 1),
        (["evaluate", "BeaconShrine", "--agent", "random", "--splits", "heldot"], 1),
        (["evaluate", "BeaconShrine", "--agent", "random", "--levels", "0"], 2),
        (["report", "nowhere"], 1),
        (["over-training", "nowhere"], 1),
        (["study", "nowhere.toml", "--plan"], 1),
        (["study", "faulty.toml", "--plan"], 1),
        (["tasks", "--seed", "3"], 1),
        *(([name, "--help"], 0) for name in COMMANDS),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_help_and_refusals_load_nothing_heavy(
    words: list[str], status: int, tmp_path: Path
) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "run.json").write_text("{}")
    (tmp_path / "faulty.toml").write_text('tasks = ["BeaconShrine"]\nseeds = 0\n')
    done = python("-c", LOADED, *words, cwd=tmp_path)
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code == status, done.stderr
    assert not set(HEAVY) & set(modules)
    assert "errors.pydantic.dev" not in done.stderr + done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["faulty.toml", "old"]


def test_a_package_of_the_current_folder_that_hides_ours_is_named(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "__init__.py").touch()
    done = python("-m", "falsebeacon", "--help", cwd=tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert str(tmp_path / "policies") in line
    assert "hides" in line


@pytest.mark.parametrize("words", [["--seed", "3"], ["--levels", "2"], ["--out", "x.png"]])
def test_options_that_would_be_ignored_are_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tasks", *words]) == 1
    assert words[0] in capsys.readouterr().err


WAITS = """
import sys
sys.meta_path.insert(0, type("Slow", (), {"find_spec": staticmethod(
    lambda name, *_: print("loading", flush=True) or input() if name == "%s" else None)}))
from falsebeacon.main import entry
sys.argv = ["falsebeacon", "train", "BeaconShrine"]
entry()
"""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("module", ["tyro", "torch"])
def test_a_signal_while_modules_are_loaded(
    module: str, number: int, status: int, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITS % module], cwd=tmp_path, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "loading\n"
    process.send_signal(number)
    _, said = process.communicate()
    assert process.returncode == status
    assert re.fullmatch("falsebeacon: interrupted.*\n", said)
    assert not list(tmp_path.iterdir())


DROPS = """
import signal
from falsebeacon import main, signals
class Finaliser:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)
def run():
    made = Finaliser()
    del made
    print("goes on", flush=True)
main.main = run
main.entry()
"""


def test_a_signal_in_a_finaliser_is_not_lost(tmp_path: Path) -> None:
    done = python("-c", DROPS, cwd=tmp_path)
    assert done.returncode == 143
    assert re.fullmatch("falsebeacon: interrupted.*\n", done.stderr)
    assert not done.stdout


@pytest.fixture
def interruptible() -> object:
    before = signal.signal(signal.SIGINT, interrupt)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_signal_waits_until_a_file_is_written(tmp_path: Path, interruptible: object) -> None:
    path = tmp_path / "file"
    with pytest.raises(Interrupted) as raised, held_back():  # noqa: PT012
        with atomic_write(path) as temporary:
            temporary.write_text("half")
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            temporary.write_text("whole")
        assert path.read_text() == "whole"
    assert raised.value.status == 130
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_second_signal_does_not_disturb_the_clean_up(interruptible: object) -> None:
    cleaned = False
    with pytest.raises(Interrupted):  # noqa: PT012
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            signal.raise_signal(signal.SIGINT)
            cleaned = True
    assert cleaned
