"""All renderers draw the same picture: over random worlds, over task levels, in any size."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.blocks.palette import block_id
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.worlds.world import NOON, SUNRISE, SUNSET
from tests.support.scenes import (
    Gaze,
    check_same,
    engine,
    frames,
    random_gazes,
    random_world,
    stand_around,
)

MIDNIGHT = 18000
SEEDS = st.integers(0, 2**32 - 1)
TIMES = st.sampled_from([SUNRISE, NOON, SUNSET, MIDNIGHT])
SIZES = [(64, 64), (64, 160), (130, 130), (97, 33), (1, 65), (65, 1)]


def compare(backend: VoxelBackend, *ways: str, size: tuple[int, int] = (64, 64)) -> None:
    """Every two of those renderers draw the same."""
    pictures = [frames(backend, way, size) for way in ways]
    for one, other in combinations(pictures, 2):
        check_same(backend, one, other)


def scattered(seed: int, pitched: bool, time: int = NOON, figures: int = 0) -> VoxelBackend:
    """A random world of the whole palette, seen from six random poses."""
    rng = np.random.default_rng(seed)
    shape = tuple(int(rng.integers(1, most)) for most in (16, 10, 16))
    gazes = random_gazes(rng, shape, 6, pitched)
    backend = engine(random_world(rng, shape), gazes, time, figures)
    stand_around(rng, backend)
    return backend


@settings(max_examples=40, deadline=None)
@given(SEEDS, TIMES)
def test_a_level_gaze_looks_the_same_four_ways(seed: int, time: int) -> None:
    compare(scattered(seed, False, time), "level", "tilted", "rays", "plain")


@settings(max_examples=40, deadline=None)
@given(SEEDS, TIMES)
def test_a_tilted_gaze_looks_the_same_three_ways(seed: int, time: int) -> None:
    compare(scattered(seed, True, time), "tilted", "rays", "plain")


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.booleans(), st.integers(1, 4))
def test_figures_look_the_same(seed: int, pitched: bool, figures: int) -> None:
    ways = ("tilted", "rays") if pitched else ("level", "tilted", "rays")
    compare(scattered(seed, pitched, NOON, figures), *ways)


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.booleans(), st.sampled_from(SIZES))
@example(0, False, (130, 130))
@example(0, True, (64, 160))
def test_pictures_of_any_size_look_the_same(seed: int, pitched: bool, size) -> None:
    ways = ("tilted", "rays") if pitched else ("level", "tilted", "rays")
    compare(scattered(seed, pitched, SUNRISE, 2), *ways, size=size)


@pytest.mark.parametrize("layers", [1, 63, 64])
@pytest.mark.parametrize("pitched", [False, True])
def test_the_tallest_worlds_are_drawn_whole(layers: int, pitched: bool) -> None:
    rng = np.random.default_rng(layers)
    shape = (6, layers, 6)
    blocks = random_world(rng, shape)
    blocks[:, -1] = block_id("bricks")
    ways = ("tilted", "rays", "plain") if pitched else ("level", "tilted", "rays", "plain")
    compare(engine(blocks, random_gazes(rng, shape, 12, pitched), SUNRISE), *ways)


@pytest.mark.parametrize("name", ["BeaconShrine", "GreenArrowMaze"])
@pytest.mark.parametrize("pitch", [0.0, 20.0, -15.0])
def test_levels_of_tasks_look_the_same(name: str, pitch: float) -> None:
    """From their spawns and from free cells, in the yaws that an agent turns to."""
    bank = seeded_bank(task(name), "train", range(12))
    rng = np.random.default_rng(0)
    spawn = bank.spawn.copy()
    for pose, blocks in zip(spawn[3:], bank.blocks[3:], strict=True):
        free = np.argwhere((blocks[:, 0] > 0) & (blocks[:, 1:3] == 0).all(axis=1))
        pose[[0, 2]] = free[rng.integers(len(free))] + rng.uniform(0.3, 0.7, 2)
        pose[3] = 15.0 * rng.integers(24)
    spawn[:, 4] = pitch
    backend = VoxelBackend(len(bank), bank.blocks.shape[1:], threads=1)
    backend.place(np.arange(len(bank)), bank.blocks, spawn, bank.time)
    compare(backend, *(() if pitch else ("level",)), "tilted", "rays", "plain")


@pytest.mark.parametrize("pitch", [0.0, 25.0])
def test_frames_are_what_the_renderers_draw(pitch: float) -> None:
    backend = scattered(7, False, NOON, 3)
    backend.pitch[:] = pitch
    out = np.empty((backend.num_envs, 64, 64, 3), np.uint8)
    backend.frames(out)
    assert (out == frames(backend, "tilted" if pitch else "level")).all()


def test_the_largest_world_is_placed_and_drawn() -> None:
    """128 x 64 x 128, from within, from above its end, and from its corners."""
    rng = np.random.default_rng(1)
    shape = (128, 64, 128)
    blocks = random_world(rng, shape)
    blocks[40:90, 8:, 40:90] = 0
    for pitch in (0.0, 35.0):
        gazes: list[Gaze] = [
            (64.5, 9.0, 64.5, 30.0, pitch),
            (64.5, 62.5, 60.5, -100.0, pitch),
            (1e-3, 30.0, 127.999, -135.0, pitch),
        ]
        backend = engine(blocks, gazes, SUNRISE, 1)
        backend.stand(0, 0, 1, (66.5, 9.0, 66.5, 0.0))
        compare(backend, *(() if pitch else ("level",)), "tilted", "rays", size=(32, 48))
        assert len(np.unique(frames(backend, "rays", (32, 48))[0].reshape(-1, 3), axis=0)) > 50


def test_a_pixel_amiss_is_found() -> None:
    """What the comparisons rest on: they see a pixel that is wrong inside of a texel."""
    blocks = np.zeros((5, 5, 5), np.uint8)
    blocks[:, :, 4] = block_id("stone")
    backend = engine(blocks, [(2.5, 1.0, 3.0, 0.0, 0.0)])
    right = frames(backend, "rays")
    wrong = right.copy()
    wrong[0, 32, 33] += 1
    with pytest.raises(AssertionError):
        check_same(backend, right, wrong)
