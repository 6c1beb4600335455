"""A conflict split is fair if cost, sight and direction favour neither of its candidates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from minecraft_tasks.admission.audit import PURPOSES
from minecraft_tasks.admission.fairness import bearings, fairness_of, leaning, unfair
from minecraft_tasks.levels.locked import locked_seeds
from minecraft_tasks.levels.seed_file import LockedLevel
from minecraft_tasks.spec import Split
from minecraft_tasks.tasks import TASKS, task
from minecraft_tasks.worlds.world import NOON, SUNRISE, SUNSET, Site
from tests.support.plans import world

SPEC = task("BeaconShrine").spec
POST = SPEC.split("conflict/altar-post")
SUN = SPEC.split("conflict/altar-sun")


def entry(
    costs: tuple[float, float] = (10.0, 10.0),
    towards: tuple[float, float] = (30.0, 30.0),
    around: int = 2,
    sun: float | None = None,
    of: Split = POST,
) -> LockedLevel:
    names = of.present
    return LockedLevel(
        seed=0,
        layout="",
        content="",
        optimal=dict(zip(names, costs, strict=True)),
        pixels={},
        seen=(),
        around=names[:around],
        bearings=dict(zip(names, towards, strict=True)),
        sun=sun,
        films=(),
        ratio=1.0,
        pseudo={},
        no_pseudo="",
    )


def broken(of: Split, levels: list[LockedLevel]) -> list[str]:
    return [text.split("'")[1] for text in unfair(of, fairness_of(SPEC, of, levels))]


def swapped(each: LockedLevel) -> LockedLevel:
    a, b = POST.present
    costs, to = each.optimal, each.bearings
    return entry((costs[b], costs[a]), (to[b], to[a]), len(each.around))


@pytest.mark.parametrize("name", list(TASKS))
@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_locked_conflict_is_fair(name: str, purpose: str) -> None:
    found = TASKS[name]
    seeds = locked_seeds(found, purpose)
    for split in found.spec.of_kind("conflict"):
        assert unfair(split, fairness_of(found.spec, split, seeds.splits[split.name].levels)) == []


def test_what_favours_nobody_is_fair() -> None:
    levels = [entry((9.0, 11.0), (45.0, -45.0)), entry((12.0, 10.0), (-100.0, 10.0))]
    found = fairness_of(SPEC, POST, [*levels, *map(swapped, levels)])
    assert (found.gap, found.nearer, found.ties, found.around) == (0.0, 0.5, 0, 1.0)
    assert (found.opposed, found.heading, found.sun) == (0.0, 0.5, None)
    assert unfair(POST, found) == []


def test_an_altar_that_always_stands_across_from_the_sun_is_caught() -> None:
    """Toward the sun is then away from the altar, and an agent cannot be told by which it goes."""
    rng = np.random.default_rng(0)
    levels = []
    for _ in range(64):
        sun = float(rng.choice([-90.0, 90.0]))
        altar = (sun + 180.0 + rng.uniform(-25, 25) + 180.0) % 360.0 - 180.0
        levels.append(entry(towards=(altar, sun), sun=sun, of=SUN))
    found = fairness_of(SPEC, SUN, levels)
    assert found.opposed == found.sun == 1.0
    assert broken(SUN, levels) == ["opposed", "sun"]
    # The sun on the other side of each second level, while the altar stays, mends it.
    mended = [
        each if k % 2 else entry(towards=(each.bearings["altar"], -sun), sun=-sun, of=SUN)
        for k, each in enumerate(levels)
        if (sun := each.sun) is not None
    ]
    assert broken(SUN, mended) == []


def test_one_that_is_always_ahead_is_caught() -> None:
    levels = [entry(towards=(10.0 * k, 90.0 + 10.0 * k)) for k in range(-3, 4)]
    assert broken(POST, levels) == ["heading"]


def test_a_mean_and_a_share_that_lean_are_caught() -> None:
    nearer = [entry((9.0, 10.0))] * 6 + [entry((15.0, 10.0))] * 4
    dearer = [entry((10.0, 11.0))] * 5 + [entry((14.0, 11.0))] * 5
    found = fairness_of(SPEC, POST, nearer)
    assert (found.gap, found.nearer) == (1.4, 0.6)
    mean, share = unfair(POST, found)
    assert "+1.40 decisions" in mean
    assert "60%" in share
    found = fairness_of(SPEC, POST, dearer)
    assert (found.gap, found.nearer) == (1.0, 0.5)
    assert set(broken(POST, dearer)) == {"lean"}


def test_candidates_that_a_turn_does_not_show_are_counted() -> None:
    hidden = [entry(), entry(around=1), entry(around=0)]
    assert broken(POST, hidden + [swapped(each) for each in hidden]) == ["sight"]
    assert POST.sight == 0.5


def test_a_split_is_not_locked_into_a_corner() -> None:
    """Levels are refused once they would spend more of a share than a whole split has."""
    split = POST.model_copy(update={"levels": 8})
    admitted = [entry(around=1)] * 4
    assert leaning(SPEC, split, admitted, [entry(around=1)]) == "sight"
    assert leaning(SPEC, split, admitted, [entry()]) is None
    assert leaning(SPEC, split, [], [entry((10.0, 13.0))] * 2) == "lean"
    assert leaning(SPEC, split, [entry((10.0, 13.0))] * 2, [entry((13.0, 10.0))] * 2) is None


def test_bearings_are_to_the_right_of_the_first_heading() -> None:
    made = world("......\n.@....\n......\n......", sites={})
    west, south = Site(0, 0, 1, 1, 8, 2), Site(1, 0, 3, 2, 8, 4)
    made = replace(made, sites={"post": west, "altar": south})
    assert bearings(made) == ({"post": 90.0, "altar": 0.0}, None)
    assert made.time == NOON
    found, sun = bearings(replace(made, spawn=made.spawn._replace(yaw=90.0), time=SUNSET))
    assert found == {"post": 0.0, "altar": -90.0}
    assert sun == 0.0
    assert bearings(replace(made, time=SUNRISE))[1] == -90.0
