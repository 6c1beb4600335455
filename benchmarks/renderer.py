"""Frames per second and core of the embedded renderer, next to a plain DDA loop.

Both draw the same frames of `BeaconShrine` levels on one thread, in turns, and the best of
several turns counts for each. Run as ``python -m benchmarks.renderer``.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from benchmarks import plain_dda
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.levels import seeded_bank
from minecraft_tasks.tasks import task

LEVELS, POSES, TURNS, SIZE = 32, 8, 7, 64
AGREEMENT = 0.999


def _scene(pitch: float) -> VoxelBackend:
    """Levels of the training distribution, each seen from free cells in all directions."""
    bank = seeded_bank(task("BeaconShrine"), "train", range(LEVELS))
    level = np.repeat(np.arange(LEVELS), POSES)
    engine = VoxelBackend(len(level), bank.blocks.shape[1:], threads=1)
    rng = np.random.default_rng(0)
    spawn = bank.spawn[level]
    for pose, world in zip(spawn, bank.blocks[level], strict=True):
        feet = int(pose[1])
        free = np.argwhere((world[:, feet - 1] > 0) & (world[:, feet : feet + 2] == 0).all(axis=1))
        pose[[0, 2]] = free[rng.integers(len(free))] + rng.uniform(0.3, 0.7, 2)
        pose[3:] = 15.0 * rng.integers(24), pitch
    engine.place(np.arange(len(level)), bank.blocks[level], spawn, bank.time[level])
    return engine


def measure(pitch: float = 0.0) -> dict[str, float]:
    """Frames per second of both renderers on one thread, their ratio, and their agreement.

    Args:
        pitch: Of the gaze, in degrees.

    Raises:
        AssertionError: If fewer than 99.9 % of the pixels agree.
    """
    engine = _scene(pitch)
    ours = np.zeros((engine.num_envs, SIZE, SIZE, 3), np.uint8)
    plain = np.zeros_like(ours)

    best = [float("inf"), float("inf")]
    drawers = (lambda: engine.frames(ours)), (lambda: plain_dda.render(engine, plain))
    for turn in range(TURNS + 1):
        for index, draw in enumerate(drawers):
            start = perf_counter()
            draw()
            if turn > 0:
                best[index] = min(best[index], perf_counter() - start)
    agreement = float((ours == plain).all(axis=-1).mean())
    assert agreement >= AGREEMENT, f"only {agreement:.4%} of the pixels agree"
    return {
        "frames_per_second": engine.num_envs / best[0],
        "plain_frames_per_second": engine.num_envs / best[1],
        "ratio": best[1] / best[0],
        "agreement": agreement,
    }


def main() -> dict[str, dict[str, float]]:
    """Measures a level gaze and a tilted one; prints and returns both."""
    results = {f"pitch {pitch:g}": measure(pitch) for pitch in (0.0, 20.0)}
    for gaze, result in results.items():
        print(
            f"{gaze}: {result['frames_per_second']:,.0f} frames/s per core, plain DDA "
            f"{result['plain_frames_per_second']:,.0f}, ratio {result['ratio']:.2f}, "
            f"{result['agreement']:.3%} of the pixels agree",
            flush=True,
        )
    return results


if __name__ == "__main__":
    main()
