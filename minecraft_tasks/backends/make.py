"""Engines by name: `voxel` is the embedded one, `minerl` is Minecraft itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from minecraft_tasks.backends.base import Backend
from minecraft_tasks.core.errors import FalseBeaconError, lookup
from minecraft_tasks.spec import TaskSpec

if TYPE_CHECKING:
    from minecraft_tasks.backends.minerl_settings import MineRLSettings


def make_backend(
    name: str,
    spec: TaskSpec,
    num_envs: int,
    observation_size: int = 64,
    threads: int | None = None,
    settings: MineRLSettings | None = None,
) -> Backend:
    """An engine with room for N levels of a task.

    Args:
        name: Of `BACKENDS`.
        spec: The task.
        num_envs: N.
        observation_size: Height and width of a frame in pixels.
        threads: Threads of the embedded engine; by default one for each CPU.
        settings: How Minecraft is run, for `minerl`.

    Raises:
        UnknownNameError: If there is no such engine.
        FalseBeaconError: If the engine cannot show the task, or so many levels at a time.
    """
    return lookup("backend", name, BACKENDS)(spec, num_envs, observation_size, threads, settings)


def _voxel(spec: TaskSpec, num_envs: int, size: int, threads: int | None, settings: Any) -> Backend:
    from minecraft_tasks.backends.voxel.backend import VoxelBackend

    if settings is not None:
        raise FalseBeaconError("the voxel backend takes no Minecraft settings: choose minerl.")
    return VoxelBackend(num_envs, spec.world_shape, threads=threads)


def _minerl(
    spec: TaskSpec, num_envs: int, size: int, threads: int | None, settings: Any
) -> Backend:
    from minecraft_tasks.backends.minerl.backend import MineRLBackend

    return MineRLBackend(num_envs, spec.world_shape, (size, size), settings)


BACKENDS: dict[str, Callable[..., Backend]] = {"voxel": _voxel, "minerl": _minerl}
"""Makers of engines, by the name that `backend=` takes."""
