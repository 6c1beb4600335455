"""Checks whether Minecraft could be started on this machine; starts and downloads nothing.

The game's needs come from MineRL 0.4.4's sources and from users' reports; see docs/minerl.md.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from minecraft_tasks.backends.minerl.machine import display, java
from minecraft_tasks.backends.minerl.machine.home import HOME_VARIABLE, Home
from minecraft_tasks.backends.minerl.machine.leftovers import abandoned
from minecraft_tasks.backends.minerl.machine.options import launch_folder_state
from minecraft_tasks.backends.minerl.machine.ports import HeldPort
from minecraft_tasks.backends.minerl.machine.prepare import SHIM_CHECK
from minecraft_tasks.backends.minerl.worker.processes import marked
from minecraft_tasks.backends.minerl.worker.shims import VERSION
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.processes import free_memory

WORKER_SECONDS = 60.0

HEAP = 2 << 30
"""Bytes of heap that ``launchClient.sh`` gives one Minecraft (``-Xmx2G``)."""

CACHES = Path("run", "gradle", "caches", "minecraft")
"""Folder in which the jar looks for its build's downloads (GradleStartCommon.java)."""

NATIVES = CACHES / "net" / "minecraft" / "natives" / "1.11.2"


@dataclass(frozen=True)
class MachineCheck:
    """The result for one thing that Minecraft needs.

    Attributes:
        name: The thing.
        state: ``missing`` keeps Minecraft from starting, ``warning`` may.
        found: What this machine has.
        remedy: What to do, unless it is ok.
    """

    name: str
    state: Literal["ok", "warning", "missing"]
    found: str
    remedy: str = ""


def preflight(home: Home, settings: MineRLSettings) -> Iterator[MachineCheck]:
    """Checks all that the workers need, one thing after the other."""
    yield environment(home)
    if home.ready.is_file():
        yield worker(home)
        yield jar(home)
        yield check_options(home)
    yield java_found()
    yield java_home()
    yield display_found()
    yield xrandr()
    yield ports(settings)
    if home.ready.is_file():
        yield disk(home, settings.workers)
    yield memory(settings.workers)
    yield leftovers()


def environment(home: Home) -> MachineCheck:
    """MineRL's own environment."""
    if home.ready.is_file():
        return MachineCheck("environment", "ok", f"MineRL {VERSION} in {home.root}")
    return MachineCheck(
        "environment", "missing", f"none in {home.root}",
        f"run `make minerl`, or name the folder that holds it in {HOME_VARIABLE}",
    )  # fmt: skip


def worker(home: Home) -> MachineCheck:
    """Import of MineRL's Python half in its environment."""
    report = "print('Python', sys.version.split()[0])"
    try:
        ran = subprocess.run(
            [home.python, "-c", SHIM_CHECK + report, home.sdist],
            cwd=Path(__file__).parents[1], capture_output=True, text=True, errors="replace",
            stdin=subprocess.DEVNULL, timeout=WORKER_SECONDS, check=False,
        )  # fmt: skip
        if ran.returncode == 0:
            return MachineCheck("worker", "ok", f"MineRL can be imported by {ran.stdout.strip()}")
        output = (ran.stderr or ran.stdout).strip() or "no output"
    except (OSError, subprocess.TimeoutExpired) as error:
        output = str(error)
    found = f"MineRL cannot be imported: {output.splitlines()[-1]}"
    return MachineCheck(
        "worker", "missing", found, f"delete {home.ready} and run `make minerl` again"
    )


def jar(home: Home) -> MachineCheck:
    """Minecraft with Malmo's mod, and its build's downloads."""
    if not home.jar.is_file():
        return MachineCheck(
            "jar", "missing", f"Minecraft was not built: {home.jar} is not there",
            "run `make minerl-build` (docs/minerl.md)",
        )  # fmt: skip
    if os.environ.get("MINERL_FORCE_BUILD") == "1":
        remedy = "unset it: a launch never builds here"
        return MachineCheck("jar", "missing", "MINERL_FORCE_BUILD=1 asks for a build", remedy)
    if not (home.malmo / "Minecraft" / NATIVES).is_dir():
        return MachineCheck(
            "jar", "warning", f"{home.jar} without {NATIVES}, where it looks for LWJGL",
            f"copy {CACHES} from where the jar was built, or delete it and run `make minerl-build`",
        )  # fmt: skip
    return MachineCheck("jar", "ok", f"{home.jar} ({size(home.jar.stat().st_size)})")


def check_options(home: Home) -> MachineCheck:
    """Our ``options.txt`` in the folder that Minecraft is started from."""
    folder = home.root / "Minecraft"
    try:
        state = launch_folder_state(home)
    except FalseBeaconError as error:
        return MachineCheck("options", "missing", str(error), "run `make minerl` again")
    if state == "stale":
        found = f"{folder / 'run' / 'options.txt'} is not what it should be"
        return MachineCheck("options", "warning", found, "nothing: the next launch makes it again")
    found = "ours, 70 degrees" if state == "ours" else "none yet; the first launch writes them"
    return MachineCheck("options", "ok", f"{found} ({folder})")


def java_found() -> MachineCheck:
    """The Java that Minecraft is started with."""
    found = java.of_launch()
    if found is None:
        return MachineCheck("java", "missing", "no `java` in PATH", java.INSTALL)
    what = f"{found.version or 'of an unknown version'} at {found.path}"
    if found.is_8:
        return MachineCheck("java", "ok", what)
    return MachineCheck("java", "missing", f"{what}, and Minecraft 1.11 needs 8", java.INSTALL)


def java_home() -> MachineCheck:
    """JAVA_HOME, which names the Java of a build but not of a launch."""
    folder = os.environ.get("JAVA_HOME")
    if not folder:
        return MachineCheck("JAVA_HOME", "ok", "not set; a build takes `java` from PATH as well")
    found = java.of_build()
    if found and found.is_8:
        return MachineCheck("JAVA_HOME", "ok", f"{folder}, {found.version}")
    what = f"{folder}, {(found and found.version) or 'without bin/java'}"
    remedy = "unset it, or let it name a JDK 8: a build would take it; a launch takes PATH's `java`"
    return MachineCheck("JAVA_HOME", "warning", what, remedy)


def display_found() -> MachineCheck:
    """The display for Minecraft's window."""
    usable, found = display.find()
    if usable:
        return MachineCheck("display", "ok", found)
    return MachineCheck("display", "missing", found, display.REMEDY)


def xrandr() -> MachineCheck:
    """The program that LWJGL 2 asks for screen sizes."""
    found = shutil.which("xrandr")
    if found:
        return MachineCheck("xrandr", "ok", found)
    remedy = (
        "install it (`sudo apt-get install x11-xserver-utils`): without it LWJGL 2 fails with"
        " ArrayIndexOutOfBoundsException in getAvailableDisplayModes on many displays"
    )
    return MachineCheck("xrandr", "warning", "none in PATH", remedy)


def ports(settings: MineRLSettings) -> MachineCheck:
    """Free ports for the workers."""
    first, workers = settings.first_port, settings.workers
    held: list[HeldPort] = []
    try:
        while len(held) < workers:
            held.append(HeldPort(first))
    except FalseBeaconError as error:
        found = f"{len(held)} of {workers} from {first} on are free"
        return MachineCheck("ports", "missing", found, str(error))
    finally:
        for port in held:
            port.release()
    skipped = held[-1].number - first + 1 - workers
    taken = f", {skipped} between them taken" if skipped else ""
    return MachineCheck("ports", "ok", f"{workers} free from {first} to {held[-1].number}{taken}")


def disk(home: Home, workers: int) -> MachineCheck:
    """Disk space for the files that MineRL copies at every launch."""
    needed = workers * (_tree(home.malmo / "Minecraft") + _tree(home.malmo / "Schemas"))
    root = tempfile.gettempdir()
    free = shutil.disk_usage(root).free
    built = "" if home.jar.is_file() else ", before a build adds to it"
    found = f"{size(free)} free in {root}, {workers} launches copy up to {size(needed)}{built}"
    if free >= needed:
        return MachineCheck("disk", "ok", found)
    return MachineCheck("disk", "missing", found, "make room, or name another folder in TMPDIR")


def memory(workers: int) -> MachineCheck:
    """Memory for the heaps; a Minecraft needs more than its heap."""
    free, needed = free_memory(), workers * HEAP
    found = f"{size(free)} available, heaps take up to {size(needed)}"
    if free >= needed:
        return MachineCheck("memory", "ok", found)
    remedy = "use fewer workers, or end what takes memory"
    return MachineCheck("memory", "warning", found, remedy)


def leftovers() -> MachineCheck:
    """Folders and processes of killed runs."""
    folders = abandoned()
    if not folders:
        return MachineCheck("leftovers", "ok", "none")
    processes = sum(len(list(marked(folder))) for folder in folders)
    taken = size(sum(map(_tree, folders)))
    found = f"{len(folders)} folders of {taken} and {processes} processes of dead runs"
    remedy = "`falsebeacon doctor --sweep` ends and deletes them, and so does the next run"
    return MachineCheck("leftovers", "warning", found, remedy)


def _tree(folder: Path) -> int:
    """Bytes of a folder's files; links are followed."""
    total = 0
    for path, _, files in os.walk(folder, followlinks=True):
        for name in files:
            with suppress(OSError):
                total += os.stat(os.path.join(path, name)).st_size
    return total


def size(count: int) -> str:
    """Bytes in words."""
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.1f} MiB"
