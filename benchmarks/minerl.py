"""Cost of MineRL's client and of our side of its socket.

Run as ``python -m benchmarks.minerl``, after ``make minerl``. A stand-in answers in the place of
Minecraft, so the figures do not include Minecraft: those called ours leave out the waits for it.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

import numpy as np

from minecraft_tasks.backends.minerl.backend import MineRLBackend
from minecraft_tasks.backends.minerl.machine.home import prepared
from minecraft_tasks.backends.minerl_settings import EngineTally, MineRLSettings
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from tests.standin.process import Standin

TASK = task("GreenArrowMaze")
LEVELS, DECISIONS = 16, 400
MOST = 2


def _played(ports: tuple[int, ...], compare: bool) -> EngineTally:
    """The tally of some levels and decisions, without the first of either."""
    bank = locked_bank(TASK, ("heldout",), LEVELS)
    settings = MineRLSettings(attach=ports, compare=compare)
    env = MinecraftTaskVectorEnv(TASK, bank, len(ports), backend="minerl", settings=settings)
    engine = env.backend
    assert isinstance(engine, MineRLBackend)
    env.reset(seed=0)
    env.step(np.zeros(env.num_envs, np.int64))
    engine.tally = EngineTally()
    rng = np.random.default_rng(0)
    for _ in range(LEVELS):
        env.reset()
        for _ in range(DECISIONS // LEVELS):
            env.step(rng.integers(0, 3, env.num_envs))
    env.close()
    return engine.tally


def _embedded() -> float:
    """Seconds of a decision on the embedded engine, one level at a time."""
    env = MinecraftTaskVectorEnv(TASK, locked_bank(TASK, ("heldout",), LEVELS), 1)
    env.reset(seed=0)
    rng = np.random.default_rng(0)
    env.step(rng.integers(0, 3, 1))
    began = perf_counter()
    for _ in range(DECISIONS):
        env.step(rng.integers(0, 3, 1))
    return (perf_counter() - began) / DECISIONS


def _figures(tally: EngineTally, workers: int) -> dict[str, float]:
    deciding, placing = tally.deciding_seconds * workers, tally.placing_seconds * workers
    return {
        "decisions_per_second": tally.rate,
        "decision_ms": 1e3 * deciding / tally.decisions,
        "ours_per_decision_ms": 1e3 * (deciding - tally.waited_deciding) / tally.decisions,
        "level_ms": 1e3 * placing / tally.levels,
        "ours_per_level_ms": 1e3 * (placing - tally.waited_placing) / tally.levels,
    }


def main() -> dict[str, dict[str, float]]:
    """Measures, prints and returns all figures."""
    with ExitStack() as stack:
        schemas, ports = prepared().malmo / "Schemas", []
        for _ in range(MOST):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            standin = Standin(schemas, folder)
            stack.callback(standin.stop)
            ports.append(standin.port)
        results = {
            f"{count} at a time": _figures(_played(tuple(ports[:count]), True), count)
            for count in range(1, MOST + 1)
        }
        results["not compared"] = _figures(_played((ports[0],), False), 1)
    results["embedded"] = {"decision_ms": 1e3 * _embedded()}
    for name, figures in results.items():
        values = ", ".join(f"{figure} {value:,.2f}" for figure, value in figures.items())
        print(f"{name}: {values}", flush=True)
    ratio = results["2 at a time"]["decisions_per_second"]
    ratio /= results["1 at a time"]["decisions_per_second"]
    print(f"two at a time: {ratio:.2f} x the decisions of one", flush=True)
    return results


if __name__ == "__main__":
    main()
