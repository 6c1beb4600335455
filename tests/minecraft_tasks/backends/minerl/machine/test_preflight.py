"""`falsebeacon doctor` on machines that lack one thing or another, and our options."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from falsebeacon.main import main
from minecraft_tasks.backends.minerl.machine import display, java, preflight
from minecraft_tasks.backends.minerl.machine.home import HOME_VARIABLE, Home
from minecraft_tasks.backends.minerl.machine.leftovers import OWNER, PREFIX
from minecraft_tasks.backends.minerl.machine.options import OURS, launch_folder, options_text
from minecraft_tasks.backends.minerl.machine.ports import HeldPort
from minecraft_tasks.backends.minerl.worker.processes import MARK
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.processes import HOST
from tests.support import minecrafts
from tests.support.ports import reserved
from tests.support.waiting import DEADLINE

SETTINGS = MineRLSettings()


@pytest.fixture(autouse=True)
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All that is in PATH; nothing else of this machine's settings counts either."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    for name in ("JAVA_HOME", "DISPLAY", "MINERL_HEADLESS", "MINERL_FORCE_BUILD"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    made = minecrafts.home(tmp_path / "minerl")
    monkeypatch.setenv(HOME_VARIABLE, str(made.root))
    return made


def built(home: Home) -> None:
    home.jar.parent.mkdir(parents=True)
    home.jar.write_bytes(b"jar")
    (home.malmo / "Minecraft" / preflight.NATIVES).mkdir(parents=True)


def test_a_machine_with_all_that_it_takes(
    home: Home, bin_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    built(home)
    minecrafts.java(bin_folder, "8")
    for name in ("xrandr", *display.VIRTUAL):
        minecrafts.program(bin_folder / name, "exit 0")
    monkeypatch.setenv("MINERL_HEADLESS", "1")
    assert main(["doctor"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert {line[:2] for line in lines} == {"ok"}
    assert last.endswith("Minecraft can be started here.")


def test_a_machine_with_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "nowhere"))
    assert main(["doctor"]) == 1
    said = capsys.readouterr()
    assert "!!  environment" in said.out
    assert "make minerl" in said.out
    assert "cannot be started here: see environment, java, display." in said.err
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(("workers", "bound"), [("0", "equal to 1"), ("65", "equal to 64")])
def test_workers_out_of_range(workers: str, bound: str, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--workers", workers])
    assert ended.value.code == 2
    assert bound in capsys.readouterr().err


@pytest.mark.parametrize(
    ("version", "state", "told"),
    [
        ("8", "ok", "1.8.0_392"),
        ("8 of Oracle", "ok", "1.8.0_202"),
        ("9", "missing", "9.0.4"),
        ("17", "missing", "17.0.15"),
        ("nothing", "missing", "an unknown version"),
    ],
)
def test_java_by_what_it_says_of_itself(
    bin_folder: Path, version: str, state: str, told: str
) -> None:
    minecrafts.java(bin_folder, version)
    found = preflight.java_found()
    assert (found.state, told in found.found) == (state, True)
    assert ("openjdk-8-jdk" in found.remedy) == (state != "ok")


def test_a_launch_takes_the_java_in_path_and_a_build_that_of_java_home(
    bin_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert java.of_launch() is None
    minecrafts.java(bin_folder, "17")
    minecrafts.java(tmp_path / "jdk" / "bin", "8")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    assert preflight.java_found().state == "missing"
    assert preflight.java_home().state == "ok"
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    assert preflight.java_home().state == "warning"
    assert "without bin/java" in preflight.java_home().found


def test_a_runtime_has_no_compiler(bin_folder: Path, tmp_path: Path) -> None:
    assert java.ask(minecrafts.java(bin_folder, "8", compiler=False)).compiler is None
    inner = minecrafts.java(tmp_path / "jdk" / "jre" / "bin", "8", compiler=False)
    compiler = minecrafts.program(tmp_path / "jdk" / "bin" / "javac", "exit 0")
    assert java.ask(inner).compiler == compiler


def test_a_display_that_answers_and_one_that_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1] - 6000
        assert display.answers(f"127.0.0.1:{number}.0")
    for silent in (f"127.0.0.1:{number}", ":9873", "unix:9873", ":x", "nonsense", ""):
        assert not display.answers(silent)
    monkeypatch.setenv("DISPLAY", ":9873")
    assert preflight.display_found().found == "DISPLAY=:9873 does not answer"


def test_only_one_is_headless(bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINERL_HEADLESS", "true")
    assert "only 1 does" in preflight.display_found().found
    monkeypatch.setenv("MINERL_HEADLESS", "1")
    minecrafts.program(bin_folder / "xvfb-run", "exit 0")
    found = preflight.display_found()
    assert (found.state, "no Xvfb, xauth in PATH" in found.found) == ("missing", True)


def test_ports_that_others_have(monkeypatch: pytest.MonkeyPatch) -> None:
    holder, taken = reserved()
    settings = MineRLSettings(workers=2, first_port=taken)
    with holder, socket.create_server(("127.0.0.1", taken)):
        found = preflight.ports(settings)
    assert found.state == "ok"
    assert found.found.startswith(f"2 free from {taken} to ")
    assert "taken" in found.found


def test_a_port_that_is_held_although_nothing_listens_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("minecraft_tasks.backends.minerl.machine.ports._TRIED", 1)
    holder, number = reserved()
    settings = MineRLSettings(first_port=number)
    with holder:
        assert preflight.ports(settings).state == "ok"
        held = HeldPort(number)
        found = preflight.ports(settings)
        held.release()
    assert (found.state, found.found) == ("missing", f"0 of 1 from {number} on are free")


def test_a_jar_that_is_not_there_or_not_whole(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    found = preflight.jar(home)
    assert (found.state, "make minerl-build" in found.remedy) == ("missing", True)
    built(home)
    assert preflight.jar(home).state == "ok"
    shutil.rmtree(home.malmo / "Minecraft" / "run" / "gradle")
    assert preflight.jar(home).state == "warning"
    monkeypatch.setenv("MINERL_FORCE_BUILD", "1")
    assert preflight.jar(home).state == "missing"


def test_an_environment_that_cannot_import_minerl(home: Home) -> None:
    assert preflight.worker(home).found.endswith("Python 3.11.7")
    minecrafts.program(home.python, "echo \"No module named 'lxml'\" >&2; exit 1")
    found = preflight.worker(home)
    assert found.state == "missing"
    assert found.found.endswith("No module named 'lxml'")
    home.python.unlink()
    assert preflight.worker(home).state == "missing"


def test_room_for_as_many_copies(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert preflight.disk(home, 1).state == "ok"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 400))  # pyright: ignore
    assert preflight.disk(home, 1).state == "ok"
    assert preflight.disk(home, 4).state == "missing"
    monkeypatch.setattr(preflight, "free_memory", lambda: 5 << 30)
    assert preflight.memory(2).state == "ok"
    assert preflight.memory(3).state == "warning"


def test_leftovers_are_told_and_swept_on_request(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    folder = tmp_path / "tmp" / f"{PREFIX}dead"
    folder.mkdir()
    (folder / OWNER).write_text(f"1-0-{HOST}")
    left = subprocess.Popen(
        [sys.executable, "-c", "print('here', flush=True); import time; time.sleep(600)"],
        env={**os.environ, MARK: str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        # Its environment cannot be read before it runs.
        assert left.stdout is not None
        assert left.stdout.readline() == "here\n"
        found = preflight.leftovers()
        assert found.state == "warning"
        assert found.found.startswith("1 folders of ")
        assert "1 processes" in found.found
        assert folder.is_dir()
        main(["doctor", "--sweep"])
        assert left.wait(DEADLINE) < 0
    finally:
        left.kill()
        left.communicate()
    assert not folder.exists()
    said = capsys.readouterr().out
    assert f"swept {folder}" in said
    assert "ok  leftovers" in said


def values(text: str) -> dict[str, str]:
    return dict(line.split(":", 1) for line in text.splitlines())


def test_our_options_are_theirs_with_our_values() -> None:
    ours = options_text(minecrafts.THEIRS)
    assert values(ours) == {**values(minecrafts.THEIRS), **OURS}
    assert (values(ours)["fov"], values(ours)["renderClouds"]) == ("0.0", "false")
    assert options_text(ours) == ours


def test_options_of_another_game_are_refused() -> None:
    with pytest.raises(FalseBeaconError, match="says nothing of fov"):
        options_text(minecrafts.THEIRS.replace("fov:", "fieldOfView:"))


def test_the_real_options_have_all_that_we_change(minerl: Home) -> None:
    theirs = (minerl.malmo / "Minecraft" / "run" / "options.txt").read_text()
    assert values(options_text(theirs)) == {**values(theirs), **OURS}


def launched(home: Home, to: Path) -> Path:
    """The folder, copied as MineRL copies it for a launch."""
    to = to / "copied"
    shutil.rmtree(to, ignore_errors=True)
    folder = launch_folder(home)
    return Path(shutil.copytree(folder, to, ignore=shutil.ignore_patterns("**.lock")))


def test_what_is_launched_has_our_options_and_all_that_a_launch_needs(
    home: Home, tmp_path: Path
) -> None:
    assert "first launch" in preflight.check_options(home).found
    built(home)
    (home.malmo / "Minecraft" / preflight.NATIVES / "liblwjgl64.so").write_text("lwjgl")
    theirs = home.malmo / "Minecraft" / "run" / "options.txt"
    copied = launched(home, tmp_path)
    assert (copied / "run" / "options.txt").read_text() == options_text(minecrafts.THEIRS)
    assert theirs.read_text() == minecrafts.THEIRS
    assert os.access(copied / "launchClient.sh", os.X_OK)
    assert (copied / "build" / "libs" / home.jar.name).read_bytes() == b"jar"
    assert (copied / preflight.NATIVES / "liblwjgl64.so").read_text() == "lwjgl"
    assert (copied / "run" / "config" / "forge.cfg").is_file()
    assert not any(path.is_symlink() for path in copied.rglob("*"))
    for name in ("build.gradle", "gradlew", "src", "gradle"):
        assert not (copied / name).exists()
    assert preflight.check_options(home).state == "ok"


def test_the_folder_is_made_once_and_anew_when_something_changed(
    home: Home, tmp_path: Path
) -> None:
    folder = launch_folder(home)
    made = folder.stat().st_ino
    launch_folder(home)
    assert folder.stat().st_ino == made
    built(home)
    assert preflight.check_options(home).state == "warning"
    assert (launched(home, tmp_path) / "build" / "libs" / home.jar.name).is_file()
    home.jar.write_bytes(b"another jar")
    assert (launched(home, tmp_path) / "build/libs" / home.jar.name).read_bytes() == b"another jar"
    (folder / "run" / "options.txt").write_text("fov:1.5\n")
    assert preflight.check_options(home).state == "warning"
    copied = launched(home, tmp_path)
    assert (copied / "run" / "options.txt").read_text() == options_text(minecrafts.THEIRS)
    assert sorted(path.name for path in home.root.iterdir() if "Minecraft" in path.name) == [
        "Minecraft"
    ]


def test_what_a_minecraft_started_by_hand_writes_stays_in_the_folder(home: Home) -> None:
    folder = launch_folder(home)
    (folder / "run" / "config" / "malmomodCLIENT.cfg").write_text("port")
    (folder / "run" / "logs").mkdir()
    assert not (home.malmo / "Minecraft" / "run" / "config" / "malmomodCLIENT.cfg").exists()
    assert not (home.malmo / "Minecraft" / "run" / "logs").exists()


def test_a_home_that_is_not_whole(home: Home) -> None:
    (home.malmo / "Minecraft" / "run" / "options.txt").unlink()
    assert preflight.check_options(home).state == "missing"
    with pytest.raises(FalseBeaconError, match="not whole"):
        launch_folder(home)
