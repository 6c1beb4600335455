"""Builds Minecraft with Malmo's mod: ``make minerl-build``.

The recipe is that of MineRL 0.4.4's `setup.py`, with one more repository for a plugin whose host is
gone. Gradle runs in a copy of MineRL's folder, and an init script names the repository, so no file
of MineRL's changes. The jar and Gradle's downloads for it are then added to MineRL's folder.

The whole was never run: that takes a JDK 8 and the servers of Gradle, Mojang and Forge. Tests run
all steps with a stand-in for `gradlew`; Gradle 4.4.1 without a network found the plugin by the init
script. Mojang's and Forge's files are downloaded by their own build, under their own terms.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from minecraft_tasks.backends.minerl.machine import java
from minecraft_tasks.backends.minerl.machine.home import Home, prepared
from minecraft_tasks.backends.minerl.machine.options import launch_folder
from minecraft_tasks.backends.minerl.machine.ports import one_launch_at_a_time
from minecraft_tasks.backends.minerl.machine.preflight import CACHES
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import remove, staged, sweep

BUILD_VARIABLE = "FALSEBEACON_MIXINGRADLE"
"""Environment variable that names the jar of the plugin, or a folder that holds it."""

PLUGIN = "MixinGradle-dcfaf61.jar"
COORDINATES = Path("com", "github", "SpongePowered", "MixinGradle", "dcfaf61")

INIT_SCRIPT = """\
allprojects {
    buildscript {
        repositories {
            maven { url '%s' }
        }
    }
}
"""

_UNREACHABLE = re.compile(
    r"UnknownHostException|could not (?:get|head|resolve|find|download)|timed out|Connection re"
    r"|PKIX|Network is unreachable", re.IGNORECASE,
)  # fmt: skip
LAST_LINES = 15


def build_minecraft(plugin: str = "") -> Path:
    """Builds Minecraft, unless the jar exists.

    Args:
        plugin: MixinGradle's jar, or a folder that holds it; by default `BUILD_VARIABLE` names it.

    Returns:
        The jar.

    Raises:
        FalseBeaconError: Naming the step that failed, and the way out.
    """
    found = prepared()
    if found.jar.is_file():
        return found.jar
    require_jdk()
    mixin = find_plugin(plugin or os.environ.get(BUILD_VARIABLE, ""))
    work = found.root / "building"
    log = found.root / "build.log"
    print(f"building in {work}; Gradle's output goes to {log}", flush=True)
    try:
        minecraft = _copy(found, work)
        jar = gradle(minecraft, repository(work, mixin), log, found.jar.name)
        # The jar last: it marks a complete build.
        if (minecraft / CACHES).is_dir():
            _move(minecraft / CACHES, found.malmo / "Minecraft" / CACHES)
        _move(jar, found.jar)
    except OSError as error:
        raise FalseBeaconError(
            f"building Minecraft failed: {error}. Make {found.root} writable, make room there, and"
            " run `make minerl-build` again."
        ) from error
    shutil.rmtree(work, ignore_errors=True)
    # A Minecraft that is started by hand is started from there.
    with one_launch_at_a_time():
        launch_folder(found)
    return found.jar


def require_jdk() -> None:
    """Raises `FalseBeaconError` unless Gradle would run in a JDK 8."""
    folder = os.environ.get("JAVA_HOME")
    where = f"JAVA_HOME={folder}" if folder else "PATH"
    found = java.of_build()
    if found is None:
        fault = "has no bin/java" if folder else "has no java"
    elif not found.is_8:
        fault = f"has Java {found.version or 'of an unknown version'} at {found.path}"
    elif found.compiler is None:
        fault = f"has Java {found.version} at {found.path} without a compiler (a JRE, not a JDK)"
    else:
        return
    raise FalseBeaconError(
        f"Minecraft is built by a JDK 8, and {where} {fault}: {java.INSTALL}; or set JAVA_HOME."
    )


def find_plugin(place: str) -> Path:
    """The jar of MixinGradle at a path, or anywhere below it."""
    if not place:
        raise FalseBeaconError(
            "Minecraft's build needs the plugin MixinGradle dcfaf61, which its host has lost: name"
            f" your copy of {PLUGIN} in {BUILD_VARIABLE} (docs/minerl.md says where to get one)."
        )
    path = Path(place).expanduser().absolute()
    for candidate in (path, *(sorted(path.rglob(PLUGIN)) if path.is_dir() else ())):
        if candidate.is_file() and zipfile.is_zipfile(candidate):
            return candidate
    raise FalseBeaconError(
        f"{path} is not {PLUGIN}, nor a folder that holds it as a jar: name your copy in"
        f" {BUILD_VARIABLE} (docs/minerl.md says where to get one)."
    )


def _copy(found: Home, work: Path) -> Path:
    """Copies MineRL's files into the build's folder, and returns Minecraft's folder in it.

    Downloads of an earlier attempt stay there.
    """
    shutil.copytree(found.malmo, work / "Malmo", dirs_exist_ok=True)
    minecraft = work / "Malmo" / "Minecraft"
    version = minecraft / "src" / "main" / "resources" / "version.properties"
    version.parent.mkdir(parents=True, exist_ok=True)
    version.write_text("malmomod.version=0.37.0\n")
    return minecraft


def repository(work: Path, plugin: Path) -> Path:
    """Copies the plugin into a Maven repository, and returns an init script that names it."""
    folder = work / "maven" / COORDINATES
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(plugin, folder / PLUGIN)
    script = work / "init.gradle"
    script.write_text(INIT_SCRIPT % (work / "maven").as_uri())
    return script


def gradle(minecraft: Path, script: Path, log: Path, name: str) -> Path:
    """Runs the build as `setup.py` does, in Minecraft's folder, and returns the jar `name`.

    Raises:
        FalseBeaconError: If it failed, with the last lines of its output.
    """
    command = [
        "./gradlew", "-g", "run/gradle", "--init-script", str(script), "--no-daemon", "shadowJar",
    ]  # fmt: skip
    environment = {**os.environ, "GRADLE_USER_HOME": str(minecraft / "run")}
    with log.open("wb") as output:
        ran = subprocess.run(
            command, cwd=minecraft, env=environment, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    jar = minecraft / "build" / "libs" / name
    if ran.returncode == 0 and jar.is_file() and zipfile.is_zipfile(jar):
        return jar
    lines = log.read_text(errors="replace").strip().splitlines()
    fault = (
        "ended without making the jar" if ran.returncode == 0 else f"ended with {ran.returncode}"
    )
    remedy = (
        "A server was not reached, or no longer has the file: see which by the log, and try again"
        " later, or through a network that reaches it; see docs/minerl.md."
        if _UNREACHABLE.search("\n".join(lines))
        else "See the log for the cause; docs/minerl.md lists known ones."
    )
    raise FalseBeaconError(
        f"building Minecraft failed: `{' '.join(command)}` in {minecraft} {fault}. Last lines:\n"
        + "\n".join(lines[-LAST_LINES:])
        + f"\nThe whole log is {log}. {remedy} Downloads are kept, and `make minerl-build` resumes."
    )


def _move(source: Path, target: Path) -> None:
    """Moves a file or folder to its place, where it appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent)
    beside = staged(target)
    # Within one disk this renames; across disks the last step still does.
    shutil.move(source, beside)
    if target.is_dir():
        remove(target)
    beside.replace(target)


if __name__ == "__main__":
    try:
        print(f"Minecraft is built: {build_minecraft()}")
    except FalseBeaconError as error:
        sys.exit(f"error: {error}")
