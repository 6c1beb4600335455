"""What tests of the GPU run in processes of its own: numba is set up for CUDA once, when imported.

``python -m tests.support.cuda_child simulate IN OUT`` plays a script on the CUDA simulator;
``python -m tests.support.cuda_child compile OUT`` compiles every kernel for a GPU, without one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from minecraft_tasks.actions import NAVIGATION, Action, ActionTable
from minecraft_tasks.backends.voxel.cuda import kernels
from minecraft_tasks.backends.voxel.cuda.backend import CudaBackend, Levels
from minecraft_tasks.backends.voxel.scene.scene import Look, Scene, palette_look
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.physics.collision import shapes

H200 = (9, 0)
"""Its compute capability."""

KEYS = (
    *NAVIGATION,
    Action(name="back", forward=-1),
    Action(name="leap", forward=1, strafe=1, jump=True),
    Action(name="right", strafe=-1, turn=-40.0),
)
TICKS = 4


def flattened(name: str, levels: Levels) -> dict[str, np.ndarray]:
    """Arrays of `levels` by name, for a file."""
    parts = {**levels.scene._asdict(), "spawn": levels.spawn}
    return {f"{name}.{part}": array for part, array in parts.items()}


def restored(name: str, arrays: Any) -> Levels:
    """What `flattened` took apart."""
    scene = Scene(*(arrays[f"{name}.{part}"] for part in Scene._fields))
    return Levels(scene, arrays[f"{name}.spawn"])


def simulate(script: Any) -> dict[str, np.ndarray]:
    """Plays a script of the tests; returns what came out."""
    import torch

    levels, actions = script["level"], script["actions"]
    slots = np.arange(len(levels))
    side = int(script["side"])
    backend = CudaBackend(len(levels), restored("levels", script), side, side)
    backend.place(slots, levels, script["spawn"])
    backend.stand(slots, script["kinds"], script["stances"])
    backend.frames()
    out = {"first": backend.image.copy_to_host()}

    shared = torch.from_dlpack(backend.image)
    table, places, yaws = ActionTable.of(KEYS), [], []
    for step in actions:
        backend.act(step, table, TICKS)
        position, yaw = backend.poses()
        places.append(position)
        yaws.append(yaw)
    out["position"], out["yaw"] = np.array(places), np.array(yaws)
    backend.frames()
    out["later"] = backend.image.copy_to_host()
    out["seen by torch"] = shared.numpy().copy()

    reset = script["reset"]
    shared[:] = 7
    out["written by torch"] = backend.image.copy_to_host()
    backend.place(reset, script["reset level"])
    backend.frames(slots=reset)
    out["reset"] = backend.image.copy_to_host()
    out["reset position"], out["reset yaw"] = backend.poses()

    backend.refresh(script["changed"], restored("new", script))
    backend.frames()
    out["refreshed"] = backend.image.copy_to_host()
    out["refusals"] = refusals(backend, restored("new", script))
    return out


def refusals(backend: CudaBackend, one_level: Levels) -> np.ndarray:
    """What the backend says to slots, levels and figures that do not exist."""
    first, two = np.array([0]), np.arange(2)
    bad: list[Callable[[], None]] = [
        lambda: backend.place(np.array([99]), first),
        lambda: backend.place(first, np.array([-1])),
        lambda: backend.frames(slots=np.array([99])),
        lambda: backend.stand(first, np.array([[99]]), np.zeros((1, 1, 4))),
        lambda: backend.stand(first, np.array([[0, 0]]), np.zeros((1, 2, 4))),
        lambda: backend.refresh(two, one_level),
    ]
    said = []
    for attempt in bad:
        try:
            attempt()
        except FalseBeaconError as error:
            said.append(str(error))
    return np.array(said)


def kernel_arguments() -> dict[str, tuple[Any, ...]]:
    """Host arrays of the types that `CudaBackend` gives to each kernel."""
    ints, floats = np.zeros(2, np.int64), np.zeros(2)
    poses, flags = np.zeros((2, 3)), np.zeros(2, np.bool_)
    scene = Scene.empty(2, (3, 4, 5), 1)
    bodies = kernels.DeviceBodies(ints, poses, poses, floats, floats, flags, ints)
    table = ActionTable(ints, ints, flags, floats)
    look = Look(*map(np.ascontiguousarray, palette_look()))
    eyes, image = np.zeros((2, 7)), np.zeros((2, 8, 8, 3), np.uint8)
    return {
        "begin": (ints, ints, ints, np.zeros((2, 5)), bodies, scene.figure),
        "stand": (ints, scene.figure, scene.stance, scene.figure, scene.stance),
        "act": (scene.blocks, shapes(), bodies, ints, table, TICKS),
        "aim": (bodies, eyes),
        "draw_on_device": (ints, scene, look, ints, eyes, image),
    }


def compile_kernels() -> dict[str, str]:
    """PTX of each kernel for an H200, by numba's CUDA target and NVVM; needs no device."""
    from numba import cuda, typeof, types
    from numba.cuda import dispatcher

    # Called functions are compiled for the current device, which is the one thing asked of it.
    target: Any = cuda
    stand_in: Any = dispatcher
    stand_in.get_current_device = lambda: SimpleNamespace(compute_capability=H200)
    compiled = {}
    for name, arguments in kernel_arguments().items():
        signature = types.void(*map(typeof, arguments))
        kernel = getattr(kernels, name).py_func
        compiled[name], _ = target.compile(kernel, signature, device=False, abi="numba", cc=H200)
    return compiled


def main() -> None:
    """Runs what the command line names."""
    if sys.argv[1] == "simulate":
        with np.load(sys.argv[2]) as script:
            np.savez(sys.argv[3], **simulate(script))  # pyright: ignore[reportArgumentType]
    else:
        for name, ptx in compile_kernels().items():
            with open(f"{sys.argv[2]}/{name}.ptx", "w") as file:
                file.write(ptx)


if __name__ == "__main__":
    main()
