"""Building Minecraft, with a stand-in for `gradlew`: no Gradle, no Java and no Minecraft run here.

What is tested is which command would be run where, what is done with what it makes, and what is
said when it fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from minecraft_tasks.backends.minerl.machine import build as building
from minecraft_tasks.backends.minerl.machine.build import COORDINATES, PLUGIN, build_minecraft
from minecraft_tasks.backends.minerl.machine.home import HOME_VARIABLE, Home
from minecraft_tasks.backends.minerl.machine.preflight import NATIVES
from minecraft_tasks.core.errors import FalseBeaconError
from tests.support import minecrafts

RECORD = """
printf '%s\\n' "$@" > arguments
printf '%s\\n' "$GRADLE_USER_HOME" "$PWD" > surroundings
cp "$4" init.gradle.used
"""
"""A stand-in for `gradlew` that writes down how it was called."""

MAKE = f"""
mkdir -p build/libs {NATIVES}
cp "$STANDIN_JAR" build/libs/MalmoMod-0.37.0-fat.jar
echo lwjgl > {NATIVES}/liblwjgl64.so
echo BUILD SUCCESSFUL
"""
"""And makes a jar, which holds nothing."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home that lacks only the jar, on a machine with a JDK 8 in PATH."""
    made = minecrafts.home(tmp_path / "minerl")
    monkeypatch.setenv(HOME_VARIABLE, str(made.root))
    folder = minecrafts.tools(tmp_path / "bin", "cp", "mkdir")
    minecrafts.java(folder, "8")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.delenv(building.BUILD_VARIABLE, raising=False)
    monkeypatch.setenv("STANDIN_JAR", str(jar(tmp_path / "made.jar")))
    gradlew(made, RECORD + MAKE)
    return made


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A person's clone of the repository that people use."""
    jar(tmp_path / "clone" / "MixinGradle" / "dcfaf61" / PLUGIN)
    return tmp_path / "clone"


def jar(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", path.name)
    return path


def gradlew(home: Home, script: str) -> None:
    minecrafts.program(home.malmo / "Minecraft" / "gradlew", script)


def test_gradle_is_run_as_minerl_runs_it(
    home: Home, plugin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = home.root / "building"
    # What was built is looked at before it is deleted.
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    assert build_minecraft(str(plugin)) == home.jar
    minecraft = work / "Malmo" / "Minecraft"
    assert (minecraft / "arguments").read_text().split("\n")[:-1] == [
        "-g", "run/gradle", "--init-script", str(work / "init.gradle"), "--no-daemon", "shadowJar"
    ]  # fmt: skip
    surroundings = (minecraft / "surroundings").read_text().split()
    assert surroundings == [str(minecraft / "run"), str(minecraft)]
    script = (minecraft / "init.gradle.used").read_text()
    assert f"maven {{ url '{(work / 'maven').as_uri()}' }}" in script
    copied = work / "maven" / COORDINATES / PLUGIN
    assert copied.read_bytes() == next(plugin.rglob(PLUGIN)).read_bytes()
    properties = minecraft / "src" / "main" / "resources" / "version.properties"
    assert properties.read_text() == "malmomod.version=0.37.0\n"
    assert (work / "Malmo" / "Schemas" / "Mission.xsd").is_file()


def test_what_was_built_is_added_and_no_file_of_minerls_changes(home: Home, plugin: Path) -> None:
    minecraft = home.malmo / "Minecraft"
    before = {path: path.read_bytes() for path in home.malmo.rglob("*") if path.is_file()}
    assert build_minecraft(str(plugin)) == home.jar
    after = {path: path.read_bytes() for path in home.malmo.rglob("*") if path.is_file()}
    natives = minecraft / NATIVES / "liblwjgl64.so"
    assert after.keys() - before.keys() == {home.jar, natives}
    assert {path: after[path] for path in before} == before
    assert zipfile.is_zipfile(home.jar)
    # The folder that a Minecraft is started from by hand has it too.
    assert (home.root / "Minecraft" / home.jar.relative_to(minecraft)).samefile(home.jar)
    assert not (home.root / "building").exists()
    assert "BUILD SUCCESSFUL" in (home.root / "build.log").read_text()


def test_a_jar_that_is_there_is_kept(home: Home) -> None:
    home.jar.parent.mkdir(parents=True)
    home.jar.write_text("mine")
    assert build_minecraft() == home.jar
    assert home.jar.read_text() == "mine"


@pytest.mark.parametrize(
    ("version", "compiler", "said"),
    [
        ("17", True, "PATH has Java 17.0.15"),
        ("nothing", True, "an unknown version"),
        ("8", False, "without a compiler"),
    ],
)
def test_another_java_is_refused(
    home: Home, plugin: Path, tmp_path: Path, version: str, compiler: bool, said: str
) -> None:
    (tmp_path / "bin" / "javac").unlink()
    minecrafts.java(tmp_path / "bin", version, compiler)
    with pytest.raises(FalseBeaconError, match=said) as refused:
        build_minecraft(str(plugin))
    assert "openjdk-8-jdk" in str(refused.value)
    assert not (home.root / "building").exists()


def test_no_java_and_a_wrong_java_home_are_refused(
    home: Home, plugin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(FalseBeaconError, match="nowhere has no bin/java"):
        build_minecraft(str(plugin))
    monkeypatch.delenv("JAVA_HOME")
    (tmp_path / "bin" / "java").unlink()
    with pytest.raises(FalseBeaconError, match="PATH has no java"):
        build_minecraft(str(plugin))


def test_the_plugin_is_the_users_to_name(
    home: Home, plugin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FalseBeaconError, match="which its host has lost"):
        build_minecraft()
    monkeypatch.setenv(building.BUILD_VARIABLE, str(tmp_path / "minerl"))
    with pytest.raises(FalseBeaconError, match="nor a folder that holds it"):
        build_minecraft()
    page = tmp_path / PLUGIN
    page.write_text("<html>404</html>")
    with pytest.raises(FalseBeaconError, match="as a jar"):
        build_minecraft(str(page))
    monkeypatch.setenv(building.BUILD_VARIABLE, str(next(plugin.rglob(PLUGIN))))
    assert build_minecraft() == home.jar


@pytest.mark.parametrize(
    ("script", "told", "remedy"),
    [
        ("echo 'Could not GET https://host/x.pom'; exit 1", "ended with 1", "was not reached"),
        ("echo 'error: cannot find symbol'; exit 1", "ended with 1", "See the log"),
        ("echo BUILD SUCCESSFUL", "without making the jar", "See the log"),
        ("for i in 1 2 3 4 5 6 7 8; do echo a; echo b; echo c; done; exit 2", "ended with 2", ""),
    ],
)
def test_a_build_that_fails_tells_its_last_lines_and_the_way_out(
    home: Home, plugin: Path, script: str, told: str, remedy: str
) -> None:
    gradlew(home, script)
    with pytest.raises(FalseBeaconError) as failed:
        build_minecraft(str(plugin))
    text = str(failed.value)
    log = home.root / "build.log"
    assert told in text
    assert remedy in text
    assert str(log) in text
    assert "\n".join(log.read_text().splitlines()[-15:]) in text
    assert not home.jar.exists()


def test_a_failed_attempt_keeps_its_downloads_for_the_next(home: Home, plugin: Path) -> None:
    gradlew(home, f"mkdir -p {NATIVES}; echo half > {NATIVES}/half; exit 1")
    with pytest.raises(FalseBeaconError):
        build_minecraft(str(plugin))
    gradlew(home, RECORD + MAKE)
    build_minecraft(str(plugin))
    assert (home.malmo / "Minecraft" / NATIVES / "half").is_file()


def test_a_gradlew_that_cannot_be_run(home: Home, plugin: Path) -> None:
    (home.malmo / "Minecraft" / "gradlew").chmod(0o644)
    with pytest.raises(FalseBeaconError, match="make minerl-build"):
        build_minecraft(str(plugin))


def test_the_command_says_in_one_line_what_it_lacks(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "minecraft_tasks.backends.minerl.machine.build"],
        env={**os.environ, HOME_VARIABLE: str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert ran.stderr.startswith("error: the minerl backend needs MineRL's own environment")
    assert "Traceback" not in ran.stderr
