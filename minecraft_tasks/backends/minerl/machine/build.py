"""Builds Minecraft with Malmo's mod, where that is asked for: ``make minerl-build``.

The recipe is that of MineRL 0.4.4's own `setup.py`, with one repository more for a plugin whose
host is gone. Gradle runs in a copy of MineRL's folder, and is told of the repository by an init
script, so no file of MineRL's is changed. What it makes is then added to MineRL's folder: the jar,
and what Gradle downloaded for it.

Never run on the machines where this was written: they have no JDK 8, and reach neither Gradle's
nor Mojang's nor Forge's servers. There, all steps but Gradle's were run with a stand-in for
`gradlew`, and Gradle 4.4.1 without a network found the plugin by the init script for MineRL's own
``buildscript`` block, where without it the plugin was among what is missing. Files of Mojang's and
Forge's are downloaded by their own build, under their own terms; none is part of this project.
"""

from __future__ import annotations

import argparse
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
    """Builds it, unless it was built.

    Args:
        plugin: MixinGradle's jar, or a folder that holds it; what `BUILD_VARIABLE` names if empty.

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
    print(f"building in {work}; what Gradle says goes to {log}", flush=True)
    try:
        minecraft = _copy(found, work)
        jar = gradle(minecraft, repository(work, mixin), log, found.jar.name)
        # The jar last: it says that all is there.
        if (minecraft / CACHES).is_dir():
            _move(minecraft / CACHES, found.malmo / "Minecraft" / CACHES)
        _move(jar, found.jar)
    except OSError as error:
        raise FalseBeaconError(
            f"building Minecraft failed: {error}. See that {found.root} can be written and has"
            " room, and run `make minerl-build` again."
        ) from error
    shutil.rmtree(work, ignore_errors=True)
    # Whoever starts Minecraft by hand starts it from there.
    with one_launch_at_a_time():
        launch_folder(found)
    return found.jar


def require_jdk() -> None:
    """Checks that Gradle would run in a JDK 8.

    Raises:
        FalseBeaconError: If it would not.
    """
    told = os.environ.get("JAVA_HOME")
    where = f"JAVA_HOME={told}" if told else "PATH"
    found = java.of_build()
    if found is None:
        said = "has no bin/java" if told else "has no java"
    elif not found.is_8:
        said = f"has Java {found.version or 'of an unknown version'} at {found.path}"
    elif found.compiler is None:
        said = f"has Java {found.version} at {found.path} without a compiler (a JRE, not a JDK)"
    else:
        return
    raise FalseBeaconError(
        f"Minecraft is built by a JDK 8, and {where} {said}: {java.INSTALL}; or set JAVA_HOME."
    )


def find_plugin(told: str) -> Path:
    """The jar of MixinGradle at a path, or anywhere below it.

    Raises:
        FalseBeaconError: If there is none.
    """
    if not told:
        raise FalseBeaconError(
            "Minecraft's build needs the plugin MixinGradle dcfaf61, which its host has lost: name"
            f" your copy of {PLUGIN} in {BUILD_VARIABLE} (docs/minerl.md says where to get one)."
        )
    path = Path(told).expanduser().absolute()
    for candidate in (path, *(sorted(path.rglob(PLUGIN)) if path.is_dir() else ())):
        if candidate.is_file() and zipfile.is_zipfile(candidate):
            return candidate
    raise FalseBeaconError(
        f"{path} is not {PLUGIN}, nor a folder that holds it as a jar: name your copy in"
        f" {BUILD_VARIABLE} (docs/minerl.md says where to get one)."
    )


def _copy(found: Home, work: Path) -> Path:
    """Puts MineRL's files into the folder where it is built.

    What an attempt that failed has downloaded there is kept.

    Returns:
        The folder of Minecraft in it.
    """
    shutil.copytree(found.malmo, work / "Malmo", dirs_exist_ok=True)
    minecraft = work / "Malmo" / "Minecraft"
    version = minecraft / "src" / "main" / "resources" / "version.properties"
    version.parent.mkdir(parents=True, exist_ok=True)
    version.write_text("malmomod.version=0.37.0\n")
    return minecraft


def repository(work: Path, plugin: Path) -> Path:
    """Puts the plugin where Gradle finds it under the name by which the build asks for it.

    Returns:
        An init script that tells Gradle of the place.
    """
    folder = work / "maven" / COORDINATES
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(plugin, folder / PLUGIN)
    script = work / "init.gradle"
    script.write_text(INIT_SCRIPT % (work / "maven").as_uri())
    return script


def gradle(minecraft: Path, script: Path, log: Path, name: str) -> Path:
    """Runs the build as `setup.py` does.

    Args:
        minecraft: Where.
        script: Gradle's init script.
        log: File for what it prints.
        name: Of the jar that it should make.

    Returns:
        The jar.

    Raises:
        FalseBeaconError: If it failed, with the last lines that it printed.
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
    said = "ended without making the jar" if ran.returncode == 0 else f"ended with {ran.returncode}"
    remedy = (
        "A server that it needs was not reached, or no longer has the file: see which by the log,"
        " and try again later, or through a network that reaches it; see docs/minerl.md."
        if _UNREACHABLE.search("\n".join(lines))
        else "See the log for what it did not like; docs/minerl.md tells what people have met."
    )
    raise FalseBeaconError(
        f"building Minecraft failed: `{' '.join(command)}` in {minecraft} {said}. It last said:\n"
        + "\n".join(lines[-LAST_LINES:])
        + f"\nAll of it is in {log}. {remedy} What was downloaded is kept, and `make minerl-build`"
        " goes on from there."
    )


def _move(source: Path, target: Path) -> None:
    """Puts what was built in its place, where it appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent)
    beside = staged(target)
    # Within one disk this renames; across disks the last step still does.
    shutil.move(source, beside)
    if target.is_dir():
        remove(target)
    beside.replace(target)


def main() -> None:
    """The command that ``make minerl-build`` runs."""
    parser = argparse.ArgumentParser(description="Build Minecraft for the minerl backend.")
    parser.add_argument(
        "--mixingradle", default="", metavar="PATH",
        help=f"{PLUGIN}, or a folder that holds it; {BUILD_VARIABLE} by default",
    )  # fmt: skip
    try:
        print(f"Minecraft is built: {build_minecraft(parser.parse_args().mixingradle)}")
    except FalseBeaconError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
