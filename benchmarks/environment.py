"""Cost of an environment step next to its frames, its scaling, and the memory of levels.

Run as ``python -m benchmarks.environment``.
"""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np

from minecraft_tasks.core.parallel import available
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.vector import MinecraftTaskVectorEnv

ENVS, EPISODE, STEPS, TURNS = 128, 100, 50, 8
WARM_LEVELS, BANKED_LEVELS = 512, 10_000
TASK = task("BeaconShrine")


def _environment(bank: LevelBank, threads: int) -> MinecraftTaskVectorEnv:
    """A running environment whose episodes end at different times."""
    env = MinecraftTaskVectorEnv(TASK, bank, ENVS, threads=threads)
    env.reset(seed=0)
    env.elapsed[:] = np.arange(ENVS) * EPISODE // ENVS
    return env


def _turn(env: MinecraftTaskVectorEnv, actions: np.ndarray, out: np.ndarray) -> tuple[float, float]:
    """Seconds of some steps, and of drawing their last frames alone."""
    steps = pictures = 0.0
    for row in actions:
        start = perf_counter()
        env.step(row)
        middle = perf_counter()
        env.backend.frames(out)
        steps += middle - start
        pictures += perf_counter() - middle
    return steps, pictures


def steps() -> dict[str, dict[str, float]]:
    """Steps and frames per second on one thread and on all, in turns; the best turn counts."""
    bank = seeded_bank(TASK, "train", range(WARM_LEVELS))
    bank = replace(bank, time_limits=np.full_like(bank.time_limits, EPISODE))
    rng = np.random.default_rng(0)
    out = np.empty((ENVS, 64, 64, 3), np.uint8)
    counts = sorted({1, available()})
    environments = [_environment(bank, threads) for threads in counts]
    best = {threads: [float("inf"), float("inf")] for threads in counts}
    for turn in range(TURNS + 1):
        actions = rng.integers(0, len(TASK.spec.actions), (STEPS, ENVS))
        for threads, env in zip(counts, environments, strict=True):
            took = _turn(env, actions, out)
            if turn > 0:
                best[threads] = [min(pair) for pair in zip(best[threads], took, strict=True)]
    return {
        f"{threads} threads": {
            "steps_per_second": ENVS * STEPS / step,
            "frames_per_second": ENVS * STEPS / picture,
            "step_over_frame": step / picture,
            "scaling": best[1][0] / step,
        }
        for threads, (step, picture) in best.items()
    }


def memory() -> dict[str, float]:
    """Megabytes of a bank of levels, with its arrays and names."""
    bank = seeded_bank(TASK, "train", range(BANKED_LEVELS))
    arrays = sum(part.nbytes for part in vars(bank).values() if isinstance(part, np.ndarray))
    names = sum(len(name) for name in (*bank.splits, *bank.layouts)) + 16 * len(bank)
    return {"levels": float(len(bank)), "megabytes": (arrays + names) / 1e6}


def main() -> dict[str, dict[str, float]]:
    """Measures, prints and returns all of it."""
    results = steps()
    for threads, result in results.items():
        print(
            f"{threads}: {result['steps_per_second']:,.0f} steps/s of {ENVS} environments, "
            f"{result['step_over_frame']:.2f} x the time of their pictures, "
            f"{result['scaling']:.2f} x one thread",
            flush=True,
        )
    results["bank"] = memory()
    print(
        f"{results['bank']['levels']:,.0f} banked levels: {results['bank']['megabytes']:,.0f} MB",
        flush=True,
    )
    return results


if __name__ == "__main__":
    main()
