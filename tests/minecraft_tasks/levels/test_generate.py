from __future__ import annotations

import numpy as np
import pytest

from minecraft_tasks.admission.rules import crosses
from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError
from minecraft_tasks.levels.bank import join_banks
from minecraft_tasks.levels.generate import level, seeded_bank
from minecraft_tasks.tasks import TASKS
from minecraft_tasks.worlds.sites import touched
from minecraft_tasks.worlds.world import NOON


def test_what_coincides_in_training_is_reached_together() -> None:
    task = TASKS["BeaconShrine"]
    for seed in range(10):
        made = level(task, "train", seed)
        altar = made.sites["altar"]
        corners = [(x, 2.0, z) for x in (altar.x0, altar.x1) for z in (altar.z0, altar.z1)]
        for site in made.sites.values():
            assert crosses(np.array(corners), site)
            assert touched(np.array(corners), np.array([site])[None]).all()


def test_the_sun_is_overhead_where_its_candidate_is_absent() -> None:
    for name, positional in (("BeaconShrine", "sun"), ("GreenArrowMaze", "corner")):
        task = TASKS[name]
        for split in task.spec.splits:
            made = level(task, split.name, 1)
            assert (made.time == NOON) == (positional not in split.present)


def test_levels_of_different_splits_differ() -> None:
    task = TASKS["BeaconShrine"]
    train, heldout = level(task, "train", 3), level(task, "heldout", 3)
    assert not np.array_equal(train.blocks, heldout.blocks)


def test_bad_names_and_seeds_are_refused() -> None:
    task = TASKS["BeaconShrine"]
    with pytest.raises(UnknownNameError, match="Did you mean 'heldout'"):
        level(task, "held-out", 0)
    with pytest.raises(FalseBeaconError, match="-1"):
        level(task, "train", -1)


def test_a_bank_holds_its_levels_in_order() -> None:
    task = TASKS["BeaconShrine"]
    bank = join_banks([seeded_bank(task, "only/lamp", [4, 2]), seeded_bank(task, "heldout", [9])])
    assert bank.seeds.tolist() == [4, 2, 9]
    assert bank.splits == ("only/lamp", "only/lamp", "heldout")
    made = level(task, "only/lamp", 2)
    np.testing.assert_array_equal(bank.blocks[1], made.blocks)
    present = ~np.isnan(bank.sites[1, :, 0])
    names = np.array(task.spec.candidate_names)[present]
    assert names.tolist() == ["lamp"]
    assert np.isnan(bank.optimal).all()
