"""A host that stands in for a GPU: device arrays are NumPy's, kernels are compiled loops.

It proves what is copied when, not the kernels; those run on numba's CUDA simulator.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numba import njit

from minecraft_tasks.backends.voxel.cuda import backend, kernels
from minecraft_tasks.backends.voxel.render.camera import camera
from minecraft_tasks.backends.voxel.render.rays import draw_pixel
from minecraft_tasks.backends.voxel.scene.scene import slot_view
from minecraft_tasks.physics.motion import EYE, decide_one


class DeviceArray(np.ndarray):
    """An array that must be copied to be read, as far as its methods go."""

    def copy_to_host(self, out: np.ndarray | None = None) -> np.ndarray:
        out = np.empty(self.shape, self.dtype) if out is None else out
        out[...] = self
        return out

    def copy_to_device(self, values: np.ndarray) -> None:
        self[...] = values


def to_device(values: Any) -> DeviceArray:
    return np.array(values).view(DeviceArray)


def device_array(shape: tuple[int, ...], kind: Any) -> DeviceArray:
    return np.full(shape, 77, kind).view(DeviceArray)


class Kernel:
    """What is called as ``kernel[blocks, threads](*arguments)``."""

    def __init__(self, function: Callable[..., None]) -> None:
        self.function = function

    def __getitem__(self, grid: Any) -> Callable[..., None]:
        return lambda *arguments: self.function(*map(_plain, arguments))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return type(value)(*map(_plain, value))
    return value.view(np.ndarray) if isinstance(value, DeviceArray) else value


def begin(slots, levels, rows, spawn, bodies, figure):
    bodies.level[slots] = levels
    figure[slots] = -1


def stand(slots, kinds, stances, figure, stance):
    figure[slots], stance[slots] = kinds, stances


@njit(cache=True)
def act(blocks, shapes, bodies, actions, table, ticks):
    for i in range(len(actions)):
        a = actions[i]
        decide_one(
            i, blocks[bodies.level[i]], shapes, bodies.position, bodies.velocity,
            bodies.on_ground, bodies.jump_wait, bodies.yaw,
            table.forward[a], table.strafe[a], table.jump[a], table.turn[a], ticks,
        )  # fmt: skip


@njit(cache=True)
def _draw(slots, scene, look, level, bodies, out):
    for i in slots:
        eye = camera(
            bodies.position[i, 0], bodies.position[i, 1] + EYE, bodies.position[i, 2],
            bodies.yaw[i], bodies.pitch[i],
        )  # fmt: skip
        for row in range(out.shape[1]):
            for column in range(out.shape[2]):
                draw_pixel(slot_view(scene, level[i], i), look, eye, out[i], row, column)


def install(patch: pytest.MonkeyPatch) -> None:
    """Puts the host in the place of a GPU."""
    aimed: list[Any] = []

    def aim(bodies: Any, eyes: Any) -> None:
        aimed[:] = [kernels.DeviceBodies(*(part.copy() for part in bodies))]

    def draw(slots, scene, look, level, eyes, out):
        _draw(slots, scene, look, level, aimed[0], out)

    patch.setattr(backend, "cuda", SimpleNamespace(
        to_device=to_device, device_array=device_array, is_available=lambda: True,
        implementation="NVIDIA",
    ))  # fmt: skip
    patch.setattr(backend, "kernels", SimpleNamespace(
        DeviceBodies=kernels.DeviceBodies, TILE=kernels.TILE, tiles=kernels.tiles,
        begin=Kernel(begin), stand=Kernel(stand), act=Kernel(act), aim=Kernel(aim),
        draw_on_device=Kernel(draw),
    ))  # fmt: skip
