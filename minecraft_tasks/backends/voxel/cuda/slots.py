"""`VoxelCudaBackend`: the embedded engine whose bodies and pixels are a GPU's work."""

from __future__ import annotations

import numpy as np

from minecraft_tasks.actions import ActionTable
from minecraft_tasks.backends.base import Bodies
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.backends.voxel.cuda.backend import (
    CudaBackend,
    Frames,
    Levels,
    check_device,
)
from minecraft_tasks.backends.voxel.scene.scene import Scene


class VoxelCudaBackend(VoxelBackend):
    """`VoxelBackend` that moves bodies and draws frames on a GPU.

    The host's arrays are what counts: they can be read and changed as those of `VoxelBackend`.
    Changed worlds and all poses, 80 bytes each, are copied to the device before it works, and
    poses or frames are copied back. Light is baked, and `ids` are drawn, on the host.

    Raises:
        FalseBeaconError: If there is no CUDA device, or the worlds are taller than 64 blocks.
    """

    def __init__(
        self,
        num_envs: int,
        shape: tuple[int, int, int],
        figures: int = 1,
        threads: int | None = None,
    ) -> None:
        check_device()
        super().__init__(num_envs, shape, max(figures, 1), threads)
        self._all = np.arange(num_envs)
        self._device = CudaBackend(
            num_envs,
            Levels(self.scene, np.zeros((num_envs, 5))),
            figures=self.scene.figure.shape[1],
        )
        self._device.place(self._all, self._all)
        self._images = {self._device.image.array.shape: self._device.image}
        self._changed: set[int] = set()

    def place(
        self, slots: np.ndarray, blocks: np.ndarray, spawn: np.ndarray, time: np.ndarray
    ) -> None:
        """Copies levels into slots, as `VoxelBackend.place` does."""
        super().place(slots, blocks, spawn, time)
        self._changed.update(np.asarray(slots).tolist())

    def refresh(self, slots: np.ndarray) -> None:
        """Takes notice of changed `blocks` in the slots int64[K]."""
        super().refresh(slots)
        self._changed.update(np.asarray(slots).tolist())

    def act(self, actions: np.ndarray, table: ActionTable, ticks: int) -> None:
        """One decision of every body: int64[N] rows of `table`, held for `ticks` ticks."""
        self._upload()
        self._device.act(np.asarray(actions, np.int64), table, ticks)
        for name in Bodies._fields:
            getattr(self._device.bodies, name).copy_to_host(getattr(self, name))

    def step(self, actions: np.ndarray, table: ActionTable, ticks: int, out: np.ndarray) -> None:
        """`act` and then `frames`."""
        self.act(actions, table, ticks)
        self.frames(out)

    def frames(self, out: np.ndarray, slots: np.ndarray | None = None) -> None:
        """Draws what every body sees into uint8[N, H, W, 3], or only the rows int64[K]."""
        self._upload()
        self._device.stand(self._all, self.scene.figure, self.scene.stance)
        if out.shape not in self._images:
            self._images[out.shape] = Frames(out.shape)
        image = self._images[out.shape]
        rows = self._all if slots is None else np.asarray(slots, np.int64)
        self._device.frames(image.array, rows)
        out[rows] = image.copy_to_host()[rows]

    def _upload(self) -> None:
        slots = np.array(sorted(self._changed), np.int64)
        self._changed.clear()
        scene = Scene(*(part[slots] for part in self.scene))
        self._device.refresh(slots, Levels(scene, np.zeros((len(slots), 5))))
        for name in Bodies._fields:
            getattr(self._device.bodies, name).copy_to_device(getattr(self, name))
