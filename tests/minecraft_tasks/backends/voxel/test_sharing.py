"""Work shared among threads, and light remembered: neither may show in a picture."""

from __future__ import annotations

import numpy as np
import pytest

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.backends.voxel.scene.light_cache import LitLevels, key_of
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.physics.threads import Workers
from minecraft_tasks.tasks import task
from minecraft_tasks.vector import MinecraftTaskVectorEnv

TASK = task("BeaconShrine")


@pytest.fixture(scope="module")
def bank() -> LevelBank:
    return seeded_bank(TASK, "train", range(6))


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_any_number_of_threads_plays_the_same(bank: LevelBank, threads: int) -> None:
    envs = [MinecraftTaskVectorEnv(TASK, bank, 37, seed=1, threads=count) for count in (1, threads)]
    rng = np.random.default_rng(0)
    first, second = (env.reset(seed=1)[0] for env in envs)
    assert (first == second).all()
    for _ in range(20):
        actions = rng.integers(0, 3, 37)
        (first, *_, info), (second, *_, other) = (env.step(actions) for env in envs)
        assert (first == second).all()
        assert (info["position"] == other["position"]).all()


@pytest.mark.parametrize("count", [1, 2, 5])
def test_every_slot_is_served_once(count: int) -> None:
    served = np.zeros(1000, np.int64)

    def work(part: np.ndarray, much: int) -> None:
        served[part] += much

    Workers(count).share(work, np.arange(3, 1000), 2)
    assert (served[3:] == 2).all()
    assert (served[:3] == 0).all()


def test_what_fails_in_a_thread_is_heard_of() -> None:
    def work(part: np.ndarray) -> None:
        raise ZeroDivisionError(f"slot {part[0]}")

    with pytest.raises(ZeroDivisionError, match="slot"):
        Workers(3).share(work, np.arange(100))


def drawn(engine: VoxelBackend) -> np.ndarray:
    out = np.empty((engine.num_envs, 64, 64, 3), np.uint8)
    engine.frames(out)
    return out


def test_a_level_played_before_is_lit_as_it_was(bank: LevelBank) -> None:
    engine, slots = VoxelBackend(6, bank.blocks.shape[1:]), np.arange(6)
    engine.place(slots, bank.blocks, bank.spawn, bank.time)
    before = drawn(engine)
    engine.place(slots, bank.blocks[::-1], bank.spawn[::-1], bank.time[::-1])
    assert (drawn(engine) == before[::-1]).all()
    engine.place(slots, bank.blocks, bank.spawn, np.full(6, 18000))
    assert drawn(engine).mean() < 0.7 * before.mean(), "midnight is another light"
    engine.place(slots, bank.blocks, bank.spawn, bank.time)
    assert (drawn(engine) == before).all()


def test_a_changed_world_is_not_taken_for_the_level_it_was(bank: LevelBank) -> None:
    engine, slots = VoxelBackend(6, bank.blocks.shape[1:]), np.arange(6)
    engine.place(slots, bank.blocks, bank.spawn, bank.time)
    before = drawn(engine)
    engine.blocks[:, :, 6] = 4
    engine.refresh(slots)
    assert (drawn(engine) != before).any(axis=(1, 2, 3)).all(), "a roof darkens"
    engine.place(slots, bank.blocks, bank.spawn, bank.time)
    assert (drawn(engine) == before).all()


def test_what_was_not_used_for_longest_is_forgotten(bank: LevelBank) -> None:
    engine = VoxelBackend(6, bank.blocks.shape[1:])
    engine.place(np.arange(6), bank.blocks, bank.spawn, bank.time)
    keys = [key_of(blocks, int(time)) for blocks, time in zip(bank.blocks, bank.time, strict=True)]
    one = LitLevels()
    one.keep(engine.scene, 0, keys[0])
    lit = LitLevels(limit=3 * one.size)
    for slot in (0, 1, 2):
        lit.keep(engine.scene, slot, keys[slot])
    assert lit.recall(engine.scene, 0, keys[0])
    lit.keep(engine.scene, 3, keys[3])
    known = [lit.recall(engine.scene, slot, keys[slot]) for slot in range(5)]
    assert known == [True, False, True, True, False]
