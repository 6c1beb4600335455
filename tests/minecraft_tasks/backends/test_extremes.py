"""Nothing is read out of bounds, whatever the pose, and bad worlds are refused by name."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.blocks.figures import FIGURES
from minecraft_tasks.blocks.palette import PALETTE
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.worlds.check import check_world
from minecraft_tasks.worlds.world import SUNRISE, Pose, World
from tests.support.scenes import Gaze, engine, frames, random_world, world

CHILD = """
from tests.minecraft_tasks.backends.test_extremes import extremes
print(extremes())
"""

PLACES = (-1e12, -1.0, -0.0, 0.0, 1e-12, 2.0, 2.5, 5.0 - 1e-12, 5.0, 6.0, 7.0, 1e12)
YAWS = (0.0, 45.0, 90.0, -90.0, 180.0, 30.0, 1e-9, 359.999)
PITCHES = (0.0, 0.0, 0.0, 90.0, -90.0, 45.0, 1e-9)
NAN, INFINITE = math.nan, math.inf


def everything() -> np.ndarray:
    """Every block of the palette, in a heap of 9 x 7 x 6 with gaps."""
    rng = np.random.default_rng(8)
    blocks = np.zeros(9 * 7 * 6, np.uint8)
    places = rng.permutation(blocks.size)[: len(PALETTE)]
    blocks[places] = np.arange(len(PALETTE))
    return blocks.reshape(9, 7, 6)


def crowd(backend: VoxelBackend, places: tuple[float, ...]) -> None:
    """Figures of every kind where poses are, some of them nowhere."""
    rng = np.random.default_rng(3)
    for slot in range(backend.num_envs):
        for which in range(backend.scene.figure.shape[1]):
            backend.stand(slot, which, int(rng.integers(len(FIGURES))), (0, 0, 0, 0))
            backend.scene.stance[slot, which] = (*rng.choice(places, 3), rng.choice(YAWS))


def extremes() -> str:
    """Digest of frames from the oddest poses: on planes, in corners, in blocks, far away.

    By every renderer, in a small world, in a heap of every block, and in the largest world;
    in pictures that are wider and higher than a band.
    """
    rng = np.random.default_rng(5)
    digest = hashlib.sha256()
    poses: list[Gaze] = [
        (rng.choice(PLACES), rng.choice(PLACES) - 1.62, rng.choice(PLACES), yaw, pitch)
        for yaw in YAWS
        for pitch in PITCHES
        for _ in range(4)
    ]
    small = engine(random_world(rng, (5, 7, 6)), poses, SUNRISE)
    heap = engine(everything(), poses, SUNRISE, figures=2)
    crowd(heap, (*PLACES, NAN, INFINITE))
    for backend in (small, heap):
        for way in ("level", "tilted", "rays"):
            if way == "level":
                backend.pitch[:] = 0.0
            digest.update(frames(backend, way, (16, 16)).tobytes())
            backend.pitch[:] = [pose[4] for pose in poses]
    few = engine(everything(), poses[::13], SUNRISE, figures=1)
    crowd(few, PLACES)
    for size in ((10, 150), (130, 10), (1, 65), (65, 1)):
        digest.update(frames(few, "tilted", size).tobytes())
        digest.update(frames(few, "rays", size).tobytes())
        few.pitch[:] = 0.0
        digest.update(frames(few, "level", size).tobytes())
        few.pitch[:] = [pose[4] for pose in poses[::13]]
    ends = (-1.0, 0.0, 64.0, 127.999, 128.0, 129.0)
    far: list[Gaze] = [
        (rng.choice(ends), rng.choice((-3.0, 0.0, 60.0, 63.0, 70.0)), rng.choice(ends), yaw, pitch)
        for yaw in (45.0, -135.0)
        for pitch in (0.0, 40.0, -40.0)
    ]
    large = engine(random_world(rng, (128, 64, 128)), far, SUNRISE, figures=1)
    crowd(large, ends)
    out = np.empty((len(far), 16, 16, 3), np.uint8)
    large.frames(out)
    digest.update(out.tobytes())
    return digest.hexdigest()


def child(**extra: str) -> str:
    environment = {**os.environ, **extra}
    done = subprocess.run(
        [sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True, timeout=600
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


def spawned(x: float, y: float, z: float, blocks: np.ndarray) -> World:
    return World(blocks, Pose(x, y, z, 0.0), {}, np.zeros((1, 1), np.uint8))


def test_bad_worlds_are_refused_with_coordinates() -> None:
    blocks = world("... .r. ._.")
    check_world(spawned(0.5, 1.0, 0.5, blocks))
    check_world(spawned(1.5, 1.5, 2.5, blocks))
    with pytest.raises(FalseBeaconError, match=r"inside of the red_wool at \(1, 1, 1\)"):
        check_world(spawned(0.9, 1.0, 1.5, blocks))
    with pytest.raises(FalseBeaconError, match=r"stone_brick_slab at \(1, 1, 2\)"):
        check_world(spawned(1.5, 1.0, 2.5, blocks))
    with pytest.raises(FalseBeaconError, match=r"spawn \(0.2, 1, 0.5\) is outside"):
        check_world(spawned(0.2, 1.0, 0.5, blocks))
    blocks[2, 3, 1] = 200
    with pytest.raises(FalseBeaconError, match=r"unknown block id 200 at \(2, 3, 1\)"):
        check_world(spawned(0.5, 1.0, 0.5, blocks))
    with pytest.raises(FalseBeaconError, match="65 blocks tall"):
        VoxelBackend(1, (3, 65, 3))
