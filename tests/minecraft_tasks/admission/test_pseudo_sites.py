"""Pseudo-sites: like the candidates in all but having something there."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from minecraft_tasks.admission.audit import PURPOSES
from minecraft_tasks.admission.pseudo_sites import CLEAR, COST_TOLERANCE, pseudo_sites
from minecraft_tasks.admission.rules import crosses
from minecraft_tasks.admission.twins import gap
from minecraft_tasks.levels.generate import level
from minecraft_tasks.levels.locked import locked_bank, locked_seeds
from minecraft_tasks.levels.seed_file import LockedLevel
from minecraft_tasks.navigation.cost_to_go import cost_to_go
from minecraft_tasks.navigation.pursuit import costs, walk
from minecraft_tasks.spec import Split
from minecraft_tasks.tasks import TASKS, task
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.worlds.world import Site, World
from tests.support.plans import world

SPEC = task("BeaconShrine").spec
SPLIT = Split(
    name="conflict/altar-post",
    kind="conflict",
    sites=(("altar",), ("post",)),
    size=(9, 9),
    time_limit=64,
)
MEADOW = """
...............
...............
...............
...............
...............
...............
.......@.......
...............
...............
...............
...............
...............
___............
_G_..........R.
...............
"""
CORRIDOR = """
###############
#......@......#
###############
"""


def placed(plan: str, sites: dict[str, Site] | None = None) -> tuple[World, dict, str]:
    made = world(plan, sites=sites)
    return made, *pseudo_sites(SPEC, SPLIT, made, costs(made, SPLIT.time_limit))


def sides(site: Site) -> list[float]:
    """Width and depth of a box, the shorter first."""
    return sorted([site.x1 - site.x0, site.z1 - site.z0])


def test_an_open_meadow_has_room_for_both() -> None:
    made, pseudo, missing = placed(MEADOW)
    assert not missing
    found = costs(made, SPLIT.time_limit)
    for name, each in pseudo.items():
        assert sides(each.site) == pytest.approx(sides(made.sites[name]))
        assert abs(each.optimal - np.ceil(found.optimal[name])) <= COST_TOLERANCE * each.optimal
        path = walk(
            made, found.lattice, cost_to_go(found.lattice, each.site), each.site, SPLIT.time_limit
        )[:, :3]
        assert len(path) <= 1.3 * each.optimal
        assert crosses(path[-1:], each.site)
        assert not any(crosses(path, site) for site in made.sites.values())
        assert not any(crosses(way, each.site) for way in found.paths.values())


def test_the_same_level_has_the_same_ones() -> None:
    assert placed(MEADOW)[1] == placed(MEADOW)[1]
    assert placed(MEADOW)[1] != placed(MEADOW.replace(".......@", "......@."))[1]


def test_a_corridor_that_is_all_way_to_the_candidates_has_room_for_none() -> None:
    ends = {
        "altar": Site(0.4, 0.0, 0.4, 2.6, 8.0, 2.6),
        "post": Site(12.4, 0.0, 0.4, 14.6, 8.0, 2.6),
    }
    _, pseudo, missing = placed(CORRIDOR, ends)
    assert pseudo == {}
    assert missing == "path"


@pytest.mark.parametrize("name", list(TASKS))
@pytest.mark.parametrize("purpose", ["judging", "calibration"])
def test_locked_ones_stand_clear_and_cost_the_same(name: str, purpose: str) -> None:
    found = TASKS[name]
    locked = locked_seeds(found, "judging" if purpose == "judging" else "calibration")
    for split in found.spec.splits:
        for entry in locked.splits[split.name].levels if split.name in locked.splits else ():
            if not split.apart:
                assert not entry.pseudo
                assert not entry.no_pseudo
                continue
            assert bool(entry.pseudo) != bool(entry.no_pseudo)
            if entry.pseudo:
                check(found, split, entry)


def check(of: Task, split: Split, entry: LockedLevel) -> None:
    made = level(of, split.name, entry.seed)
    assert set(entry.pseudo) == set(made.sites)
    boxes = [each.site for each in entry.pseudo.values()]
    for name, each in entry.pseudo.items():
        assert sides(each.site) == pytest.approx(sides(made.sites[name]))
        assert abs(each.optimal - entry.optimal[name]) <= COST_TOLERANCE * entry.optimal[name]
        assert all(gap(each.site, site) >= CLEAR - 1e-6 for site in made.sites.values())
    assert all(gap(a, b) >= CLEAR - 1e-6 for a, b in itertools.combinations(boxes, 2))


def test_the_passages_of_the_hidden_goal_leave_no_room() -> None:
    found = task("HiddenGoal")
    for entry in locked_seeds(found).splits["conflict/goal-side"].levels:
        assert not entry.pseudo
        assert entry.no_pseudo == "standing"


def test_a_bank_holds_those_of_its_levels() -> None:
    found = task("BeaconShrine")
    splits = ["heldout", "conflict/altar-sun"]
    for purpose in PURPOSES:
        bank = locked_bank(found, splits, 4, purpose)
        locked = locked_seeds(found, purpose)
        assert np.isnan(bank.pseudo_sites[:4]).all()
        assert np.isnan(bank.pseudo_optimal[:4]).all()
        for row, entry in enumerate(locked.splits["conflict/altar-sun"].levels[:4], start=4):
            for name, each in entry.pseudo.items():
                index = found.spec.candidate(name)
                assert tuple(bank.pseudo_sites[row, index]) == each.site
                assert bank.pseudo_optimal[row, index] == each.optimal
            present = ~np.isnan(bank.pseudo_optimal[row])
            assert present.sum() == len(entry.pseudo)
            assert (present == ~np.isnan(bank.pseudo_sites[row, :, 0])).all()
