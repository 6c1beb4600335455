"""Frames per second and core of the embedded renderer, next to a plain DDA loop.

Both draw the same frames of `BeaconShrine` levels on one thread, in turns, and the best of
several turns counts for each. Run as ``python -m benchmarks.renderer``.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from benchmarks import plain_dda
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.vector import MinecraftTaskVectorEnv

LEVELS, POSES, WANDERING, TURNS, SIZE = 32, 8, 40, 7, 64
AGREEMENT = 0.999


def _scene(pitch: float) -> VoxelBackend:
    """Levels of the training distribution, from the poses of random play."""
    bank = seeded_bank(task("BeaconShrine"), "train", range(LEVELS))
    env = MinecraftTaskVectorEnv(task("BeaconShrine"), bank, LEVELS * POSES, threads=1)
    rng = np.random.default_rng(0)
    level = np.repeat(np.arange(LEVELS), POSES)
    env.reset(options={"levels": level})
    for _ in range(WANDERING):
        env.step(rng.choice(3, env.num_envs, p=(0.6, 0.2, 0.2)))
    spawn = np.column_stack([env.backend.position, env.backend.yaw, np.full(len(level), pitch)])
    engine = VoxelBackend(len(level), bank.blocks.shape[1:], threads=1)
    engine.place(np.arange(len(level)), env.backend.blocks, spawn, env.backend.time)
    return engine


def measure(pitch: float = 0.0) -> dict[str, float]:
    """Frames per second of both renderers on one thread, their ratio, and their agreement.

    Also the cost of smooth light: the time of the same frames next to that with every face in full
    light.

    Args:
        pitch: Degrees.

    Raises:
        AssertionError: If fewer than 99.9 % of the pixels agree.
    """
    engine, flat = _scene(pitch), _scene(pitch)
    flat.look = flat.look._replace(bright=np.ones_like(flat.look.bright))
    ours = np.zeros((engine.num_envs, SIZE, SIZE, 3), np.uint8)
    plain, unlit = np.zeros_like(ours), np.zeros_like(ours)

    drawers = (
        lambda: engine.frames(ours),
        lambda: plain_dda.render(engine, plain),
        lambda: flat.frames(unlit),
    )
    best = [float("inf")] * len(drawers)
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
        "light": best[0] / best[2] - 1.0,
    }


def main() -> dict[str, dict[str, float]]:
    """Measures a level and a tilted view; prints and returns both."""
    results = {f"pitch {pitch:g}": measure(pitch) for pitch in (0.0, 20.0)}
    for gaze, result in results.items():
        print(
            f"{gaze}: {result['frames_per_second']:,.0f} frames/s per core, plain DDA "
            f"{result['plain_frames_per_second']:,.0f}, ratio {result['ratio']:.2f}, "
            f"{result['agreement']:.3%} of the pixels agree, light costs {result['light']:.0%}",
            flush=True,
        )
    return results


if __name__ == "__main__":
    main()
