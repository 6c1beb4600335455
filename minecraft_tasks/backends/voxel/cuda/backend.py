"""`CudaBackend`: the same engine on a GPU, where worlds, bodies and frames stay.

Levels come from a bank and do not change while they are played, so the device holds each of
them once, lit, and a slot holds the index of its level: thousands of slots in one level share
its memory and the caches, and a reset writes an index and a pose. Levels are lit on the host,
once, by the CPU's `light.bake`. Worlds that change slot by slot are the CPU backend's.

Only the backend `voxel-cuda` loads this module, which needs numba's CUDA target:
``pip install "falsebeacon[gpu]"``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import config

from minecraft_tasks.actions import ActionTable
from minecraft_tasks.backends.voxel.scene import light
from minecraft_tasks.backends.voxel.scene.scene import Look, Scene, palette_look, update_scene
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.parallel import available
from minecraft_tasks.physics.collision import Shapes, shapes
from minecraft_tasks.physics.threads import Workers
from minecraft_tasks.worlds.world import TALLEST, sun_direction

WAY_OUT = (
    'install the GPU\'s driver and `pip install "falsebeacon[gpu]"`, or choose the backend voxel'
)

try:
    from numba import cuda as numba_cuda

    from minecraft_tasks.backends.voxel.cuda import kernels
except ImportError as error:
    raise FalseBeaconError(f"numba has no CUDA target here ({error}); {WAY_OUT}.") from error

cuda: Any = numba_cuda
settings: Any = config

THREADS = kernels.BODIES
BODY_TYPES = (np.int64, np.float64, np.float64, np.float64, np.float64, np.bool_, np.int64)
SCENE_AXES = len(Scene._fields) - 2
"""Fields of a `Scene` that belong to levels; the others are figures, which belong to slots."""


class Levels(NamedTuple):
    """L levels, lit, in the host's memory.

    Attributes:
        scene: `scene.Scene` of the levels, without figures.
        spawn: float64[L, 5] feet x, y, z in blocks; yaw, pitch in degrees.
    """

    scene: Scene
    spawn: np.ndarray


def lit(blocks: np.ndarray, spawn: np.ndarray, time: np.ndarray) -> Levels:
    """Lights levels, as those of a `levels.LevelBank`, on all of the host's cores.

    Args:
        blocks: uint8[L, X, Y, Z] palette ids.
        spawn: float64[L, 5] feet x, y, z in blocks; yaw, pitch in degrees.
        time: int64[L] time of day in ticks.

    Raises:
        FalseBeaconError: If the levels are taller than 64 blocks.
    """
    if blocks.shape[2] > TALLEST:
        raise FalseBeaconError(
            f"levels of shape {blocks.shape[1:]} are {blocks.shape[2]} blocks tall; "
            f"the voxel backend holds at most {TALLEST}"
        )
    across, layers, deep = blocks.shape[1:]
    scene = Scene.empty(len(blocks), (across, layers, deep), 0)
    scene.blocks[:] = blocks
    scene.sun[:] = [sun_direction(ticks)[:2] for ticks in time.tolist()]
    scene.day[:] = [light.sky_brightness(ticks) for ticks in time.tolist()]
    daylight = np.array([light.daylight(ticks) for ticks in time.tolist()])
    Workers(available()).share(
        update_scene, np.arange(len(blocks)), scene, palette_look(), daylight
    )
    return Levels(scene, np.array(spawn, np.float64))


class Frames:
    """uint8[N, H, W, 3] in the device's memory, drawn over at every step.

    ``torch.from_dlpack(frames)`` is a tensor of the same memory, and stays one: later frames
    show in it. Frames are drawn in order with what PyTorch does on its default stream; whoever
    reads them on another waits for that first.

    Attributes:
        array: The numba device array.
    """

    def __init__(self, shape: tuple[int, int, int, int]) -> None:
        self.array = cuda.device_array(shape, np.uint8)

    def __dlpack__(self, **request: Any) -> Any:
        return self._exporter().__dlpack__(**request)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._exporter().__dlpack_device__()

    def copy_to_host(self) -> np.ndarray:
        """A copy uint8[N, H, W, 3] in the host's memory."""
        return self.array.copy_to_host()

    def _exporter(self) -> Any:
        # The simulator's arrays are NumPy's, which know DLPack; the device's know only the
        # CUDA array interface, which PyTorch reads without a copy.
        if hasattr(self.array, "__dlpack__"):
            return self.array
        import torch

        return torch.as_tensor(self.array, device="cuda")


class CudaBackend:
    """N slots that play L levels; every array is the device's.

    It moves and draws as `VoxelBackend` does, but for rounding: a GPU multiplies and adds in
    one step. Host arrays are copied to the device where they are given; device arrays, PyTorch's
    among them, are used where they are.

    Attributes:
        bodies: `cuda_kernels.Bodies` of N slots: position, velocity, yaw, pitch, on_ground ...
        scene: `scene.Scene` of the L levels, with the figures of the N slots.
        look: `scene.Look`.
        spawn: float64[L, 5] where bodies start.
        image: `Frames` that `frames` draws into.
    """

    def __init__(
        self,
        num_envs: int,
        levels: Levels,
        height: int = 64,
        width: int = 64,
        figures: int = 1,
    ) -> None:
        """N slots, each at the start of level 0.

        Args:
            num_envs: N.
            levels: From `lit`.
            height, width: Of frames, in pixels.
            figures: How many figures each slot has room for, at least 1.

        Raises:
            FalseBeaconError: If there is no CUDA device.
        """
        check_device()
        self.num_envs = num_envs
        room = max(figures, 1)
        own = np.full((num_envs, room), -1, np.int64), np.zeros((num_envs, room, 4))
        self.scene = Scene(*map(cuda.to_device, (*levels.scene[:SCENE_AXES], *own)))
        self.spawn = cuda.to_device(levels.spawn)
        self.look = Look(*map(_whole, palette_look()))
        host = shapes()
        self.shapes = Shapes(cuda.to_device(host.boxes), cuda.to_device(host.counts), host.outside)
        sides = ((), (3,), (3,), (), (), (), ())
        self.bodies = kernels.DeviceBodies(
            *(
                cuda.device_array((num_envs, *side), kind)
                for side, kind in zip(sides, BODY_TYPES, strict=True)
            )
        )
        self.image = Frames((num_envs, height, width, 3))
        self._eyes = cuda.device_array((num_envs, 7), np.float64)
        self._slots = cuda.to_device(np.arange(num_envs))
        self._table: tuple[ActionTable, ActionTable] | None = None
        self.place(np.arange(num_envs), np.zeros(num_envs, np.int64))

    @property
    def nbytes(self) -> int:
        """Bytes held on the device."""
        rest = self.spawn, self._eyes, self._slots, self.image.array, *self.shapes[:2]
        return sum(part.nbytes for part in (*self.scene, *self.look, *self.bodies, *rest))

    def place(self, slots: Any, levels: Any, spawn: Any = None) -> None:
        """Starts levels in slots, with a standing body at each spawn and without figures.

        Args:
            slots: int64[K], none of them twice.
            levels: int64[K] indices of the levels that this backend was made with.
            spawn: float64[K, 5] as `spawn`, which is taken where none is given.

        Raises:
            FalseBeaconError: If a slot or level does not exist. Device arrays are not checked.
        """
        self._check("slot", slots, self.num_envs)
        self._check("level", levels, len(self.spawn))
        slots, levels = _on_device(slots, np.int64), _on_device(levels, np.int64)
        rows, poses = levels, self.spawn
        if spawn is not None:
            rows, poses = self._slots[: len(slots)], _on_device(spawn, np.float64)
        if len(slots):
            kernels.begin[_blocks(len(slots)), THREADS](
                slots, levels, rows, poses, self.bodies, self.scene.figure
            )

    def stand(self, slots: Any, kinds: Any, stances: Any) -> None:
        """Puts figures into slots, or moves them.

        Args:
            slots: int64[K].
            kinds: int64[K, F] indices into `figures.FIGURES`, -1 for none.
            stances: float64[K, F, 4] feet x, y, z in blocks and yaw in degrees.

        Raises:
            FalseBeaconError: If a slot or kind does not exist, or there is no room for F
                figures. The contents of device arrays are not checked.
        """
        self._check("slot", slots, self.num_envs)
        self._check("figure", kinds, len(self.look.part_counts), least=-1)
        room = self.scene.figure.shape[1]
        if tuple(kinds.shape) != (len(slots), room):
            raise FalseBeaconError(
                f"kinds of figures must be int64[{len(slots)}, {room}], as many as there is "
                f"room for in each slot; got {list(kinds.shape)}"
            )
        if len(slots):
            kernels.stand[_blocks(len(slots)), THREADS](
                _on_device(slots, np.int64), _on_device(kinds, np.int64),
                _on_device(stances, np.float64), self.scene.figure, self.scene.stance,
            )  # fmt: skip

    def refresh(self, levels: np.ndarray, changed: Levels) -> None:
        """Replaces levels int64[K] by others, for every slot that plays them.

        Raises:
            FalseBeaconError: If a level does not exist, or the others are not K of one shape
                with it.
        """
        self._check("level", levels, len(self.spawn))
        room, given = self.scene.blocks.shape[1:], changed.scene.blocks.shape
        if given != (len(levels), *room):
            raise FalseBeaconError(
                f"levels to put in place of {len(levels)} of shape {tuple(room)} "
                f"have shape {tuple(given)}"
            )
        ours: Any = (*self.scene[:SCENE_AXES], self.spawn)
        for mine, new in zip(ours, (*changed.scene[:SCENE_AXES], changed.spawn), strict=True):
            for row, level in enumerate(np.asarray(levels).tolist()):
                mine[level : level + 1].copy_to_device(new[row : row + 1])

    def act(self, actions: Any, table: ActionTable, ticks: int) -> None:
        """One decision of every body: int64[N] rows of `table`, held for `ticks` ticks."""
        if self._table is None or self._table[0] is not table:
            self._table = table, ActionTable(*map(cuda.to_device, table))
        kernels.act[_blocks(self.num_envs), THREADS](
            self.scene.blocks, self.shapes, self.bodies, _on_device(actions, np.int64),
            self._table[1], ticks,
        )  # fmt: skip

    def aim(self) -> None:
        """Takes notice of where bodies look, as `frames` does."""
        kernels.aim[_blocks(self.num_envs), THREADS](self.bodies, self._eyes)

    def frames(self, out: Any = None, slots: Any = None) -> None:
        """Draws what every body sees, or only the rows int64[K] of the image.

        Args:
            out: Device array uint8[N, H, W, 3] to draw into; `image` where none is given.
            slots: int64[K], all of them where none are given.

        Raises:
            FalseBeaconError: If a slot does not exist. Device arrays are not checked.
        """
        if slots is not None:
            self._check("slot", slots, self.num_envs)
        slots = self._slots if slots is None else _on_device(slots, np.int64)
        image = self.image.array if out is None else _on_device(out, np.uint8)
        self.aim()
        blocks = len(slots) * kernels.tiles(image.shape[1], image.shape[2])
        if blocks:
            kernels.draw_on_device[blocks, (kernels.TILE, kernels.TILE)](
                slots, self.scene, self.look, self.bodies.level, self._eyes, image
            )

    def poses(self) -> tuple[np.ndarray, np.ndarray]:
        """Feet float64[N, 3] in blocks and yaw float64[N] in degrees, copied to the host.

        This is what `events.touched` judges by, 32 bytes for each slot. It waits for the device.
        """
        position: Any = self.bodies.position
        yaw: Any = self.bodies.yaw
        return position.copy_to_host(), yaw.copy_to_host()

    def _check(self, what: str, numbers: Any, count: int, least: int = 0) -> None:
        if isinstance(numbers, np.ndarray):
            bad = numbers[(numbers < least) | (numbers >= count)]
            if bad.size:
                raise FalseBeaconError(
                    f"there is no {what} {bad.flat[0]}: they go from {least} to {count - 1}"
                )


def check_device() -> None:
    """Makes sure that there is a device to run on, or the simulator.

    Raises:
        FalseBeaconError: Naming what is missing.
    """
    if settings.ENABLE_CUDASIM and not settings.DISABLE_JIT:
        raise FalseBeaconError(
            "numba's CUDA simulator cannot call compiled functions; "
            "set NUMBA_DISABLE_JIT=1 next to NUMBA_ENABLE_CUDASIM=1."
        )
    if not cuda.is_available():
        raise FalseBeaconError(f"no CUDA device was found; {WAY_OUT}.")
    if cuda.implementation == "Built-in" and not settings.ENABLE_CUDASIM:
        raise FalseBeaconError(
            f"numba-cuda is missing, and numba's own part is too old; {WAY_OUT}."
        )


def _blocks(bodies: int) -> int:
    return -(-bodies // THREADS)


def _whole(values: np.ndarray) -> Any:
    return cuda.to_device(np.ascontiguousarray(values))


def _on_device(values: Any, kind: Any) -> Any:
    """A device array of what is given, without a copy where it is the device's."""
    if hasattr(values, "__cuda_array_interface__"):
        return cuda.as_cuda_array(values)
    if hasattr(values, "copy_to_host"):
        return values
    return cuda.to_device(np.ascontiguousarray(values, kind))
