"""The two engines that are compared, and the machine that they run on."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from evaluation.records.requests import ParityRequest
from minecraft_tasks.backends.base import Backend
from minecraft_tasks.backends.make import make_backend
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.visibility.footprint import FRAME_SIDE

_MINERL, UNKNOWN = "minerl", "unknown"


class Sides(NamedTuple):
    """The engine that is tested and the reference that it is held against, one slot each."""

    tested: Backend
    against: Backend


def open_sides(spec: TaskSpec, request: ParityRequest) -> Sides:
    """Opens both engines; of two running Minecrafts, the first port is the tested one's.

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
    held = _open(spec, request.against, second)
    try:
        return Sides(_open(spec, request.backend, first), held)
    except FalseBeaconError:
        held.close()
        raise


def _open(spec: TaskSpec, name: str, settings: MineRLSettings) -> Backend:
    return make_backend(spec=spec, name=name, num_envs=1, observation_size=FRAME_SIDE, threads=1,
                        settings=settings if name == _MINERL else None)  # fmt: skip


def machine() -> dict[str, str]:
    """The machine, as far as Minecraft may depend on it."""
    try:
        cpu = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        cpu = []
    return {
        "system": platform.platform(),
        "processor": _value("model name", cpu) or platform.processor() or UNKNOWN,
        "cpus": str(os.cpu_count() or UNKNOWN),
        "java": next(iter(_printed("java", "-version")), UNKNOWN),
        "renderer": _value("renderer string", _printed("glxinfo", "-B")) or UNKNOWN,
    }


def _value(name: str, lines: Sequence[str]) -> str:
    """The first value of a name in lines ``name: value``; empty where there is none."""
    return next((line.partition(":")[2].strip() for line in lines if name in line), "")


def _printed(*words: str) -> list[str]:
    """Lines that a program prints; none where it is missing or fails."""
    if shutil.which(words[0]) is None:
        return []
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return []
    return (done.stdout + done.stderr).splitlines()
