"""Frames from the oddest poses, for tests that draw them in several processes."""

from __future__ import annotations

import hashlib
import math

import numpy as np

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.blocks.figures import FIGURES
from minecraft_tasks.blocks.palette import PALETTE
from minecraft_tasks.worlds.world import SUNRISE
from tests.support.scenes import Gaze, engine, frames, random_world

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


if __name__ == "__main__":
    print(extremes())
