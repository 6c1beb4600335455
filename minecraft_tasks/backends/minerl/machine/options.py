"""Our options for Minecraft (MineRL's have 130 degrees of view, and clouds), and its folder."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from minecraft_tasks.backends.minerl.machine.home import Home
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import remove, staged, sweep

OURS = {
    # 70 + 40 x 0 degrees from top to bottom.
    "fov": "0.0",
    # The lowest. Malmo sets 2.0 whenever a mission begins (ClientStateMachine.java:1876).
    "gamma": "0.0",
    "bobView": "false",
    "renderClouds": "false",
    # Fast: leaves are opaque, as in the embedded engine.
    "fancyGraphics": "false",
    # Smooth light, as in the embedded engine.
    "ao": "2",
    # Chunks. Fog begins at three quarters of it, 48 blocks, beyond what any task's world spans;
    # with fewer Minecraft draws no sky.
    "renderDistance": "4",
    # Texels as they are at any distance, as in the embedded engine.
    "mipmapLevels": "0",
    # Figures cast no shade in the embedded engine.
    "entityShadows": "false",
}
"""Lines of ``options.txt`` that decide what is visible, with our values."""

BUILD_ONLY = frozenset(("src", "gradle", "gradlew", "gradlew.bat", "build.gradle"))
"""Entries that only a build needs; without them no launch can start a build."""

_OPTIONS = "run/options.txt"

MADE_OF = ".made_of"
"""File in the folder with a digest of its sources."""


def options_text(theirs: str) -> str:
    """Text of ``options.txt``: MineRL's, with our values.

    Raises:
        FalseBeaconError: If a line that ours changes is missing.
    """
    lines = [line.partition(":") for line in theirs.splitlines()]
    missing = OURS.keys() - {key for key, _, _ in lines}
    if missing:
        raise FalseBeaconError(
            f"MineRL's options.txt says nothing of {', '.join(sorted(missing))}, so it is not that"
            " of minerl 0.4.4: delete the folder that `make minerl` fills, and run it again."
        )
    return "".join(f"{key}{colon}{OURS.get(key, value)}\n" for key, colon, value in lines)


def launch_folder(home: Home) -> Path:
    """The folder that MineRL copies for every launch: its own, with our options.

    Made if it is missing or stale. Large files are links, which MineRL's copy resolves; `run`, into
    which a Minecraft that is started by hand writes, is a copy. Hold `ports.one_launch_at_a_time`.

    Raises:
        FalseBeaconError: If a file of MineRL's is missing, or the folder cannot be written.
    """
    folder = home.root / "Minecraft"
    if launch_folder_state(home) != "ours":
        try:
            _make(folder, *_parts(home))
        except OSError as error:
            raise FalseBeaconError(
                f"cannot write {folder}, from which Minecraft is started: {error}. Make room, or"
                " make the folder around it writable."
            ) from error
    return folder


def launch_folder_state(home: Home) -> Literal["ours", "stale", "none"]:
    """Whether that folder exists, and is as `launch_folder` would make it; raises as it does."""
    folder = home.root / "Minecraft"
    _, copied = _parts(home)
    if not folder.is_dir():
        return "none"
    try:
        same = all((folder / name).read_bytes() == copied[name] for name in (MADE_OF, _OPTIONS))
    except OSError:
        return "stale"
    return "ours" if same else "stale"


def _parts(home: Home) -> tuple[dict[str, Path], dict[str, bytes]]:
    """The folder's links, and the contents of its own files."""
    theirs = home.malmo / "Minecraft"
    try:
        names = {entry.name for entry in theirs.iterdir()} - BUILD_ONLY - {"run"}
        if (theirs / "run" / "gradle").is_dir():
            names.add("run/gradle")
        linked, copied = {name: theirs / name for name in names}, _copied(theirs)
    except OSError as error:
        raise FalseBeaconError(
            f"MineRL's Minecraft is not whole: {error}. Delete {home.root} and run `make minerl`."
        ) from error
    made_of = hashlib.sha256(repr(sorted(linked.items())).encode())
    made_of.update(repr(sorted(copied.items())).encode())
    return linked, {**copied, MADE_OF: made_of.hexdigest().encode()}


def _copied(theirs: Path) -> dict[str, bytes]:
    """The files of `run`, without a build's downloads."""
    run = theirs / "run"
    entries = [entry for entry in run.iterdir() if entry.name != "gradle"]
    files = [*entries, *(path for entry in entries for path in entry.rglob("*"))]
    copied = {str(path.relative_to(theirs)): path.read_bytes() for path in files if path.is_file()}
    return {**copied, _OPTIONS: options_text((theirs / _OPTIONS).read_text()).encode()}


def _make(folder: Path, linked: dict[str, Path], copied: dict[str, bytes]) -> None:
    """Makes the folder under another name, and renames it once it is whole."""
    sweep(folder.parent)
    fresh = staged(folder)
    remove(fresh)
    for name, content in copied.items():
        (fresh / name).parent.mkdir(parents=True, exist_ok=True)
        (fresh / name).write_bytes(content)
    for name, target in linked.items():
        (fresh / name).symlink_to(target)
    remove(folder)
    fresh.rename(folder)
