"""Prepares MineRL's own environment: ``make minerl``.

Everything comes by pip: the sdist, which is unpacked and never changed, and the requirements of its
Python half. `build` builds Minecraft itself.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import venv
from pathlib import Path

from minecraft_tasks.backends.minerl.machine.home import HOME_VARIABLE, Home, home
from minecraft_tasks.backends.minerl.machine.options import launch_folder
from minecraft_tasks.backends.minerl.machine.ports import one_launch_at_a_time
from minecraft_tasks.backends.minerl.worker.shims import VERSION
from minecraft_tasks.core.errors import FalseBeaconError

REQUIREMENTS = Path(__file__).with_name("requirements.lock")
SHIM_CHECK = """
import sys
from pathlib import Path
from worker import shims
shims.install(Path(sys.argv[1]))
import worker.environment
"""


def prepare() -> Home:
    """Fills the folder, unless it is up to date.

    Raises:
        FalseBeaconError: If a download, the environment, or the import of MineRL fails.
    """
    found = home()
    made_of = f"minerl {VERSION}, {hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()}\n"
    if found.ready.is_file() and found.ready.read_text() == made_of:
        return found
    try:
        found.root.mkdir(parents=True, exist_ok=True)
        found.ready.unlink(missing_ok=True)
        _unpack(found)
        venv.create(found.root / "venv", with_pip=True, clear=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise FalseBeaconError(
            f"{found.root} cannot be filled: {error}. Make room, or name another folder in"
            f" {HOME_VARIABLE}; on Debian, python3-venv is needed too."
        ) from error
    _pip(found.python, "install", "-r", str(REQUIREMENTS))
    _run([found.python, "-c", SHIM_CHECK, found.sdist], cwd=Path(__file__).parents[1])
    with one_launch_at_a_time():
        launch_folder(found)
    found.ready.write_text(made_of)
    return found


def _unpack(found: Home) -> None:
    """Downloads and unpacks the sdist."""
    if found.sdist.is_dir():
        return
    downloads = found.root / "download"
    # pip runs MineRL's setup only to learn its version; nothing is built.
    _pip(
        sys.executable, "download", "--no-deps", "--no-binary", ":all:",
        "--dest", str(downloads), f"minerl=={VERSION}",
    )  # fmt: skip
    unpacked = found.root / "unpacking"
    shutil.rmtree(unpacked, ignore_errors=True)
    with tarfile.open(downloads / f"minerl-{VERSION}.tar.gz") as archive:
        archive.extractall(unpacked, filter="data")
    (unpacked / f"minerl-{VERSION}").rename(found.sdist)
    shutil.rmtree(unpacked)
    shutil.rmtree(downloads)


def _pip(python: Path | str, *arguments: str) -> None:
    _run([python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments])


def _run(command: list[Path | str], cwd: Path | None = None) -> None:
    ran = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if ran.returncode:
        lines = (ran.stderr or ran.stdout).strip().splitlines()[-5:]
        raise FalseBeaconError(
            f"`{' '.join(map(str, command))}` failed:\n" + "\n".join(lines) +
            "\nMineRL's environment was not prepared; run `make minerl` again."
        )  # fmt: skip


if __name__ == "__main__":
    try:
        print(f"MineRL {VERSION} is prepared in {prepare().root}")
    except FalseBeaconError as error:
        sys.exit(f"error: {error}")
