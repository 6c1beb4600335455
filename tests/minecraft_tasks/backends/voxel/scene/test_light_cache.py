"""Light that is remembered never shows in a picture."""

from __future__ import annotations

import numpy as np
import pytest

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.backends.voxel.scene.light_cache import LitLevels, key_of
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.tasks import task

TASK = task("BeaconShrine")


@pytest.fixture(scope="module")
def bank() -> LevelBank:
    return seeded_bank(TASK, "train", range(6))


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
