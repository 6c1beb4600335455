"""Frames per second on a GPU for 1,024 to 65,536 environments, and what limits them.

The training levels of `BeaconShrine` are seen from free cells in all directions. One table is
of rates, with the share of a step that each kernel takes; another holds the largest number of
environments against the same work made easier, one thing at a time: what a thing takes away is
what it costs. Results are printed and written to benchmarks/gpu.json. Run as
``python -m benchmarks.gpu``; without a CUDA device it says so and writes nothing.
"""

from __future__ import annotations

import gc
import itertools
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from minecraft_tasks.actions import ActionTable
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.files import write_text
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.tasks import task

RESULTS = Path(__file__).parent / "gpu.json"
TASK = task("BeaconShrine")
LEVELS, SIZE, COUNTS = 2048, 64, (1024, 2048, 4096, 8192, 16384, 32768, 65536)
SECONDS = 1.0
EPISODE = 100
"""Decisions after which a slot starts anew: each step, one slot in so many does."""
COMPARED, DECISIONS = 256, 16
GOAL = 1_000_000
NOWHERE = (float("nan"), 0.0, 0.0, 0.0, 0.0)


def poses(bank: LevelBank, level: np.ndarray, pitch: float = 0.0) -> np.ndarray:
    """A free cell of its level for each slot, float64[N, 5] as in `LevelBank.spawn`."""
    rng = np.random.default_rng(0)
    spawn = bank.spawn[level]
    for index in np.unique(level):
        world, slots = bank.blocks[index], np.flatnonzero(level == index)
        feet = int(spawn[slots[0], 1])
        free = np.argwhere((world[:, feet - 1] > 0) & (world[:, feet : feet + 2] == 0).all(axis=1))
        cells = free[rng.integers(len(free), size=len(slots))]
        spawn[slots[:, None], [0, 2]] = cells + rng.uniform(0.3, 0.7, (len(slots), 2))
    spawn[:, 3] = 15.0 * rng.integers(24, size=len(level))
    spawn[:, 4] = pitch
    return spawn


def seconds(cuda: Any, work: Callable[[], None]) -> tuple[float, float]:
    """Seconds that the device takes for one piece of work, and that Python takes to ask for it."""
    work()
    cuda.synchronize()
    start = perf_counter()
    work()
    cuda.synchronize()
    turns = max(3, int(SECONDS / (perf_counter() - start)))
    first, last = cuda.event(), cuda.event()
    first.record()
    start = perf_counter()
    for _ in range(turns):
        work()
    asked = (perf_counter() - start) / turns
    last.record()
    last.synchronize()
    return first.elapsed_time(last) / 1e3 / turns, asked


def rates(cuda: Any, backend: Any, bank: LevelBank) -> dict[str, float]:
    """What drawing alone and whole steps take at one number of environments."""
    rng = np.random.default_rng(1)
    count, table = backend.num_envs, ActionTable.of(TASK.spec.actions)
    actions = cuda.to_device(rng.integers(0, len(TASK.spec.actions), count))
    anew, turn = max(count // EPISODE, 1), itertools.count()

    def act() -> None:
        backend.act(actions, table, TASK.spec.ticks)

    def step() -> None:
        act()
        slots = (next(turn) * anew + np.arange(anew)) % count
        backend.place(slots, rng.integers(0, len(bank), anew))
        backend.frames()

    def judged_step() -> None:
        step()
        backend.poses()

    drawing, asked_drawing = seconds(cuda, backend.frames)
    whole, asked = seconds(cuda, step)
    aiming = seconds(cuda, backend.aim)[0]
    pixels = int(np.prod(backend.image.array.shape))
    return {
        "frames_per_second": count / drawing,
        "steps_per_second": count / whole,
        "steps_per_second_with_poses": count / seconds(cuda, judged_step)[0],
        "written_gigabytes_per_second": pixels / drawing / 1e9,
        "act_share": seconds(cuda, act)[0] / whole,
        "aim_share": aiming / whole,
        "draw_share": (drawing - aiming) / whole,
        "asking_share_of_drawing": asked_drawing / drawing,
        "asking_share": asked / whole,
    }


def limits(cuda: Any, backend: Any, bank: LevelBank) -> dict[str, float]:
    """The same frames made easier, one thing at a time, in frames per second; and ceilings."""
    count = backend.num_envs
    slots, level = np.arange(count), np.arange(count) % len(bank)
    spawn = poses(bank, level)

    def drawn(levels: np.ndarray, where: np.ndarray) -> float:
        backend.place(slots, levels, where)
        return count / seconds(cuda, backend.frames)[0]

    one = np.zeros_like(level)
    found = {
        "as_measured": drawn(level, spawn),
        "pitched_20_degrees": drawn(level, poses(bank, level, 20.0)),
        "all_in_one_level": drawn(one, poses(bank, one)),
        "all_in_one_pose": drawn(one, np.repeat(poses(bank, one[:1]), count, axis=0)),
        "sky_only": drawn(level, np.full_like(spawn, NOWHERE)),
    }
    image = backend.image.array
    copy = cuda.device_array_like(image)
    took, _ = seconds(cuda, lambda: copy.copy_to_device(image))
    found["copy_gigabytes_per_second"] = 2 * image.nbytes / took / 1e9
    return found


def kernels(cuda: Any) -> dict[str, dict[str, int]]:
    """Registers and local bytes of a thread, and how many warps a multiprocessor holds."""
    from minecraft_tasks.backends.voxel.cuda import kernels as cuda_kernels

    multiprocessors = cuda.get_current_device().MULTIPROCESSOR_COUNT
    threads = {"draw": cuda_kernels.TILE**2, "act": cuda_kernels.BODIES}
    found = {}
    for name, block in threads.items():
        for overload in getattr(cuda_kernels, name).overloads.values():
            blocks = overload.max_cooperative_grid_blocks(block) // multiprocessors
            found[name] = {
                "registers": int(overload.regs_per_thread),
                "local_bytes": int(overload.local_mem_per_thread),
                "warps_per_multiprocessor": blocks * block // 32,
            }
    return found


def agreement(make: Callable[[int], Any], bank: LevelBank) -> dict[str, float]:
    """How far the GPU and the CPU backend are apart after some decisions of the same keys."""
    level = np.arange(COMPARED) % len(bank)
    slots, spawn = np.arange(COMPARED), poses(bank, level)
    ours, theirs = VoxelBackend(COMPARED, bank.blocks.shape[1:]), make(COMPARED)
    ours.place(slots, bank.blocks[level], spawn, bank.time[level])
    theirs.place(slots, level, spawn)
    table, rng = ActionTable.of(TASK.spec.actions), np.random.default_rng(2)
    for _ in range(DECISIONS):
        actions = rng.integers(0, len(TASK.spec.actions), COMPARED)
        ours.act(actions, table, TASK.spec.ticks)
        theirs.act(actions, table, TASK.spec.ticks)
    frames = np.empty(tuple(theirs.image.array.shape), np.uint8)
    ours.frames(frames)
    theirs.frames()
    return {
        "pixels": float((frames == theirs.image.copy_to_host()).all(axis=-1).mean()),
        "farthest_blocks": float(np.abs(ours.position - theirs.poses()[0]).max()),
    }


def measure(cuda: Any) -> dict[str, Any]:
    """All of it, printed as it comes."""
    from minecraft_tasks.backends.voxel.cuda.backend import CudaBackend, lit

    bank = seeded_bank(TASK, "train", range(LEVELS))
    levels = lit(bank.blocks, bank.spawn, bank.time)

    def make(count: int) -> Any:
        return CudaBackend(count, levels, SIZE, SIZE)

    results: dict[str, Any] = {"agreement": agreement(make, bank), "rates": {}}
    print(
        f"{results['agreement']['pixels']:.3%} of the pixels as on the CPU, bodies at most "
        f"{results['agreement']['farthest_blocks']:.1e} blocks apart after {DECISIONS} decisions"
    )
    print(
        f"{'envs':>7} {'frames/s':>11} {'steps/s':>11} {'with poses':>11} {'GB/s':>6} "
        f"{'act':>5} {'aim':>5} {'draw':>5} {'asking':>6} {'MB':>7}"
    )
    for count in COUNTS:
        backend = make(count)
        used = backend.nbytes / 1e6
        level = np.arange(count) % len(bank)
        backend.place(np.arange(count), level, poses(bank, level))
        row = results["rates"][count] = {**rates(cuda, backend, bank), "megabytes": used}
        print(
            f"{count:>7,} {row['frames_per_second']:>11,.0f} {row['steps_per_second']:>11,.0f} "
            f"{row['steps_per_second_with_poses']:>11,.0f} "
            f"{row['written_gigabytes_per_second']:>6.1f} {row['act_share']:>5.0%} "
            f"{row['aim_share']:>5.0%} {row['draw_share']:>5.0%} {row['asking_share']:>6.0%} "
            f"{used:>7,.0f}",
            flush=True,
        )
        if count == COUNTS[-1]:
            results["limits"] = limits(cuda, backend, bank)
        del backend
        gc.collect()
    results["kernels"] = kernels(cuda)
    for name, value in results["limits"].items():
        print(f"{name.replace('_', ' '):>26} {value:>13,.0f}")
    for name, found in results["kernels"].items():
        print(f"{name}: {', '.join(f'{key} {value}' for key, value in found.items())}")
    best = max(row["frames_per_second"] for row in results["rates"].values())
    print(f"best {best:,.0f} frames/s, {best / GOAL:.2f} of the goal of {GOAL:,}")
    return results


def main() -> dict[str, Any]:
    """Measures, prints and keeps the figures; nothing of that without a CUDA device."""
    try:
        from minecraft_tasks.backends.voxel.cuda.backend import check_device, cuda

        check_device()
    except FalseBeaconError as error:
        print(f"nothing measured: {error}")
        return {}
    warnings.filterwarnings("ignore", message="Grid size")
    results = {"device": str(cuda.get_current_device().name), **measure(cuda)}
    write_text(RESULTS, json.dumps(results, indent=2) + "\n")
    print(f"figures: {RESULTS}")
    return results


if __name__ == "__main__":
    main()
