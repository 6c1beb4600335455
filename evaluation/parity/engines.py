"""The two engines that are compared, and the machine that they run on."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from typing import NamedTuple

from evaluation.records.requests import ParityRequest
from minecraft_tasks.backends.base import Backend
from minecraft_tasks.backends.make import make_backend
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.spec import TaskSpec

_MINERL = "minerl"


UNKNOWN = "unknown"


def open_sides(spec: TaskSpec, request: ParityRequest, size: int) -> Sides:
    """Two engines with room for one level each.

    Args:
        spec: The task.
        request: Which; of two Minecrafts that run already, the first port is the tested one's.
        size: Height and width of pictures in pixels.

    Raises:
        FalseBeaconError: If an engine cannot be had.
    """
    settings = request.minerl
    first, second = settings, settings
    if request.sides == (_MINERL, _MINERL) and settings.attach:
        if len(settings.attach) < 2:
            raise FalseBeaconError("two Minecrafts are compared: name the ports of both.")
        first = settings.model_copy(update={"attach": settings.attach[:1]})
        second = settings.model_copy(update={"attach": settings.attach[1:2]})
    held = _open(spec, request.against, size, second)
    try:
        return Sides(_open(spec, request.backend, size, first), held)
    except FalseBeaconError:
        held.close()
        raise


def _open(spec: TaskSpec, name: str, size: int, settings: MineRLSettings) -> Backend:
    return make_backend(spec=spec, name=name, num_envs=1, observation_size=size, threads=1,
                        settings=settings if name == _MINERL else None)  # fmt: skip


def machine() -> dict[str, str]:
    """What this runs on, as far as a Minecraft may depend on it."""
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cpus": str(os.cpu_count() or UNKNOWN),
        "java": _said("java", "-version"),
        "renderer": next(
            (line.partition(":")[2].strip() for line in _lines("glxinfo", "-B")
             if "renderer string" in line),
            UNKNOWN,
        ),
    }  # fmt: skip


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as text:
            models = [line.partition(":")[2].strip() for line in text if "model name" in line]
    except OSError:
        models = []
    return next(iter(models), platform.processor() or UNKNOWN)


def _said(*words: str) -> str:
    """The first line that a program prints of itself."""
    return next(iter(_lines(*words)), UNKNOWN)


def _lines(*words: str) -> list[str]:
    if shutil.which(words[0]) is None:
        return []
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return []
    return (done.stdout + done.stderr).splitlines()


class Sides(NamedTuple):
    """Two engines with one slot each.

    Attributes:
        tested: The one that is tested.
        against: The one that it is held against.
    """

    tested: Backend
    against: Backend
