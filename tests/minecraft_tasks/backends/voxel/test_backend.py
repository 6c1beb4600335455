"""Nothing is read out of bounds, whatever the pose, and threads draw what one thread draws."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from tests.support.children import environment
from tests.support.extremes import INFINITE, NAN, extremes
from tests.support.scenes import engine, world

COMMAND = [sys.executable, "-m", "tests.support.extremes"]


def child(**extra: str) -> str:
    done = subprocess.run(
        COMMAND, env=environment(**extra), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def here() -> str:
    return extremes()


def test_another_process_draws_the_same_bytes(here: str) -> None:
    assert child() == here


def test_no_read_out_of_bounds(here: str, tmp_path: Path) -> None:
    """numba's bounds check raises IndexError where a pose would read beside an array."""
    assert child(NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path)) == here


@pytest.mark.parametrize("which", range(4))
@pytest.mark.parametrize("value", [NAN, INFINITE, -INFINITE])
def test_a_figure_stands_somewhere_or_is_refused(which: int, value: float) -> None:
    stance = [1.0, 1.0, 1.0, 0.0]
    stance[which] = value
    backend = engine(world("..."), [(0, 0, 0, 0, 0)], figures=1)
    with pytest.raises(FalseBeaconError, match=r"figure 0 cannot stand at .*(nan|inf)"):
        backend.stand(0, 0, 0, stance)
    with pytest.raises(FalseBeaconError, match="room for figures 0 to 0 of kinds"):
        backend.stand(0, 1, 0, (1, 1, 1, 0))


def test_levels_too_tall_are_refused() -> None:
    with pytest.raises(FalseBeaconError, match="65 blocks tall"):
        VoxelBackend(1, (3, 65, 3))


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_any_number_of_threads_plays_the_same(threads: int) -> None:
    flagship = task("BeaconShrine")
    bank = seeded_bank(flagship, "train", range(6))
    envs = [
        MinecraftTaskVectorEnv(flagship, bank, 37, seed=1, threads=count) for count in (1, threads)
    ]
    rng = np.random.default_rng(0)
    first, second = (env.reset(seed=1)[0] for env in envs)
    assert (first == second).all()
    for _ in range(20):
        actions = rng.integers(0, 3, 37)
        (first, *_, info), (second, *_, other) = (env.step(actions) for env in envs)
        assert (first == second).all()
        assert (info["position"] == other["position"]).all()
