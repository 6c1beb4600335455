"""Whether this machine has room for some Minecrafts: ports, disk, memory, and what is left over."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from minecraft_tasks.backends.minerl.machine.finding import MachineCheck, size
from minecraft_tasks.backends.minerl.machine.home import Home
from minecraft_tasks.backends.minerl.machine.leftovers import abandoned
from minecraft_tasks.backends.minerl.machine.ports import HeldPort
from minecraft_tasks.backends.minerl.worker.processes import marked
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.processes import free_memory

HEAP = 2 << 30
"""Bytes of heap that ``launchClient.sh`` lets one Minecraft have (``-Xmx2G``)."""


def ports(settings: MineRLSettings) -> MachineCheck:
    """Ports that Minecrafts started now would take."""
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
    """Room for what MineRL copies for every launch."""
    needed = workers * (_tree(home.malmo / "Minecraft") + _tree(home.malmo / "Schemas"))
    root = Path(tempfile.gettempdir())
    free = shutil.disk_usage(root).free
    built = "" if home.jar.is_file() else ", before a build adds to it"
    found = f"{size(free)} free in {root}, {workers} launches copy up to {size(needed)}{built}"
    if free >= needed:
        return MachineCheck("disk", "ok", found)
    return MachineCheck("disk", "missing", found, "make room, or name another folder in TMPDIR")


def memory(workers: int) -> MachineCheck:
    """Memory for the heaps; a Minecraft needs some more than that."""
    free, needed = free_memory(), workers * HEAP
    found = f"{size(free)} available, heaps take up to {size(needed)}"
    if free >= needed:
        return MachineCheck("memory", "ok", found)
    remedy = "use fewer workers, or end what takes memory"
    return MachineCheck("memory", "warning", found, remedy)


def leftovers() -> MachineCheck:
    """What earlier runs that were killed have left behind."""
    folders = abandoned(Path(tempfile.gettempdir()))
    if not folders:
        return MachineCheck("leftovers", "ok", "none")
    processes = sum(len(list(marked(folder))) for folder in folders)
    taken = size(sum(map(_tree, folders)))
    found = f"{len(folders)} folders of {taken} and {processes} processes of dead runs"
    remedy = "`falsebeacon doctor --sweep` ends and deletes them, and so does the next run"
    return MachineCheck("leftovers", "warning", found, remedy)


def _tree(folder: Path) -> int:
    """Bytes of the files in a folder, and of what it links to."""
    total = 0
    for path, _, files in os.walk(folder, followlinks=True):
        for name in files:
            try:
                total += os.stat(os.path.join(path, name)).st_size
            except OSError:
                continue
    return total
