"""Whether Minecraft could be started on this machine; nothing is started or downloaded.

What the game itself needs was read from MineRL 0.4.4's sources and from what people report; see
docs/minerl.md.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from minecraft_tasks.backends.minerl.machine import capacity, display, java
from minecraft_tasks.backends.minerl.machine.finding import MachineCheck, size
from minecraft_tasks.backends.minerl.machine.home import HOME_VARIABLE, Home
from minecraft_tasks.backends.minerl.machine.options import launch_folder_state
from minecraft_tasks.backends.minerl.machine.prepare import SHIM_CHECK
from minecraft_tasks.backends.minerl.worker.shims import VERSION
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError

WORKER_SECONDS = 60.0

CACHES = Path("run", "gradle", "caches", "minecraft")
"""Where the jar looks for what its build downloaded (GradleStartCommon.java), in its folder."""

NATIVES = CACHES / "net" / "minecraft" / "natives" / "1.11.2"


def preflight(home: Home, settings: MineRLSettings) -> Iterator[MachineCheck]:
    """Looks at everything that as many Minecrafts need, one thing after the other."""
    yield environment(home)
    if home.ready.is_file():
        yield worker(home)
        yield jar(home)
        yield check_options(home)
    yield java_found()
    yield java_home()
    yield display_found()
    yield xrandr()
    yield capacity.ports(settings)
    if home.ready.is_file():
        yield capacity.disk(home, settings.workers)
    yield capacity.memory(settings.workers)
    yield capacity.leftovers()


def environment(home: Home) -> MachineCheck:
    """MineRL's own environment."""
    if home.ready.is_file():
        return MachineCheck("environment", "ok", f"MineRL {VERSION} in {home.root}")
    return MachineCheck(
        "environment", "missing", f"none in {home.root}",
        f"run `make minerl`, or name the folder that holds it in {HOME_VARIABLE}",
    )  # fmt: skip


def worker(home: Home) -> MachineCheck:
    """Whether MineRL's Python half can be imported there."""
    report = "print('Python', sys.version.split()[0])"
    try:
        ran = subprocess.run(
            [home.python, "-c", SHIM_CHECK + report, home.sdist],
            cwd=Path(__file__).parents[1], capture_output=True, text=True, errors="replace",
            stdin=subprocess.DEVNULL, timeout=WORKER_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        said = str(error)
    else:
        said = (ran.stdout if ran.returncode == 0 else ran.stderr or ran.stdout).strip()
        if ran.returncode == 0:
            return MachineCheck("worker", "ok", f"MineRL can be imported by {said}")
    last = said.splitlines()[-1] if said else "nothing"
    remedy = f"delete {home.ready} and run `make minerl` again"
    return MachineCheck("worker", "missing", f"MineRL cannot be imported: {last}", remedy)


def jar(home: Home) -> MachineCheck:
    """Minecraft with Malmo's mod, and what its build downloaded for it."""
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
    """Our ``check_options.txt`` in the folder that Minecraft is started from."""
    folder = home.root / "Minecraft"
    try:
        state = launch_folder_state(home)
    except FalseBeaconError as error:
        return MachineCheck("options", "missing", str(error), "run `make minerl` anew")
    if state == "stale":
        found = f"{folder / 'run' / 'options.txt'} is not what it should be"
        return MachineCheck("options", "warning", found, "nothing: the next launch makes it anew")
    found = "ours, 70 degrees" if state == "ours" else "none yet; the first launch writes them"
    return MachineCheck("options", "ok", f"{found} ({folder})")


def java_found() -> MachineCheck:
    """The Java that Minecraft is started with."""
    found = java.of_launch()
    if found is None:
        return MachineCheck("java", "missing", "no `java` in PATH", java.INSTALL)
    said = f"{found.version or 'of an unknown version'} at {found.path}"
    if found.is_8:
        return MachineCheck("java", "ok", said)
    return MachineCheck("java", "missing", f"{said}, and Minecraft 1.11 needs 8", java.INSTALL)


def java_home() -> MachineCheck:
    """JAVA_HOME, which a build takes its Java from, but no launch."""
    told = os.environ.get("JAVA_HOME")
    if not told:
        return MachineCheck("JAVA_HOME", "ok", "not set; a build takes `java` from PATH as well")
    found = java.of_build()
    if found and found.is_8:
        return MachineCheck("JAVA_HOME", "ok", f"{told}, {found.version}")
    said = f"{told}, {(found and found.version) or 'without bin/java'}"
    remedy = "unset it, or let it name a JDK 8: a build would take it; a launch takes PATH's `java`"
    return MachineCheck("JAVA_HOME", "warning", said, remedy)


def display_found() -> MachineCheck:
    """Where Minecraft can open its window."""
    found = display.find()
    if found.usable:
        return MachineCheck("display", "ok", found.what)
    return MachineCheck("display", "missing", found.what, display.REMEDY)


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
