"""Folders and programs that stand in for MineRL, Java and Gradle; none is any of them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from minecraft_tasks.backends.minerl.machine.home import Home

THEIRS = """version:922
fov:1.5
gamma:2.0
renderDistance:4
bobView:false
fancyGraphics:false
ao:2
renderClouds:true
lastServer:
mipmapLevels:4
entityShadows:true
key_key.attack:-100
"""
"""Lines such as are in MineRL's options.txt."""

SAID = {
    "8": 'openjdk version "1.8.0_392"',
    "8 of Oracle": 'java version "1.8.0_202"',
    "9": 'java version "9.0.4"',
    "17": 'openjdk version "17.0.15" 2025-04-15',
    "nothing": "Error: could not find libjava.so",
}
"""What `java -version` prints, by version."""


def home(root: Path) -> Home:
    """A folder laid out as `make minerl` leaves it, with a Python that runs anything."""
    made = Home(root)
    minecraft = made.malmo / "Minecraft"
    for name in ("run/config/forge.cfg", "src/main/java/Mod.java", "gradle/wrapper/a.jar"):
        (minecraft / name).parent.mkdir(parents=True, exist_ok=True)
        (minecraft / name).write_text(name)
    (minecraft / "build.gradle").write_text("// MineRL's own")
    (minecraft / "run" / "options.txt").write_text(THEIRS)
    (made.malmo / "Schemas").mkdir()
    (made.malmo / "Schemas" / "Mission.xsd").write_text("<schema/>")
    program(minecraft / "launchClient.sh", "exit 3")
    program(made.python, f"exec {sys.executable} -c \"print('Python 3.11.7')\"")
    made.ready.touch()
    return made


def program(path: Path, script: str) -> Path:
    """A shell script, in the place of a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def java(folder: Path, version: str, compiler: bool = True) -> Path:
    """A `java` that tells a version as Java does, and perhaps a `javac` beside it."""
    if compiler:
        program(folder / "javac", "exit 0")
    return program(folder / "java", f"echo '{SAID[version]}' >&2")


def tools(folder: Path, *names: str) -> Path:
    """A folder for PATH that holds nothing but some programs of this machine."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return folder
