"""Places are drawn one for each group, candidates built at theirs, and spawns favour neither."""

from __future__ import annotations

import numpy as np
import pytest

from minecraft_tasks.spec import Split, SplitKind
from minecraft_tasks.worlds.placement import (
    LayoutRejected,
    assign_places,
    build_sites,
    decisions,
    fair_spawn,
    keep_apart,
    poses,
)
from minecraft_tasks.worlds.world import Site

ROW = [(x, 0) for x in range(10)]


def split(*sites: tuple[str, ...], kind: SplitKind = "conflict") -> Split:
    return Split(name=kind, kind=kind, sites=sites, size=(1, 1), time_limit=9)


def test_places_are_in_the_order_of_the_groups_whichever_is_drawn_first() -> None:
    """And depend on those drawn before."""
    of = split(("a",), ("b", "c"))

    def options(group: tuple[str, ...], chosen: dict[tuple[str, ...], tuple[int, int]]):
        assert list(chosen) == ([] if "c" in group else [("b", "c")])
        return [(4, 0)] if "c" in group else keep_apart(ROW, list(chosen.values()), 5)

    for seed in range(5):
        a, bc = assign_places(of, options, np.random.default_rng(seed), first="c")
        assert bc == (4, 0)
        assert a == (9, 0)


def test_no_place_left_rejects_the_draw() -> None:
    with pytest.raises(LayoutRejected, match=r"a\+b"):
        assign_places(split(("a", "b")), lambda group, chosen: [], np.random.default_rng(0))


def test_sites_are_built_at_the_place_of_their_group() -> None:
    def at(place: tuple[int, int], alone: bool) -> Site:
        return Site(place[0], 0, place[1], place[0] + 1, float(alone), 1)

    builders = dict.fromkeys("xba", at)
    sites = build_sites(split(("a",), ("b", "x")), [(1, 0), (5, 0)], builders)
    assert {name: (site.x0, site.y1) for name, site in sites.items()} == {
        "a": (1, 1.0), "x": (5, 0.0), "b": (5, 0.0),
    }  # fmt: skip


def test_a_spawn_is_away_and_in_a_conflict_about_as_far_from_both() -> None:
    spots = np.array([[x + 0.5, 0.5] for x in range(10)])
    away = np.stack([spots[:, 0], 10 - spots[:, 0]], axis=1)
    rng = np.random.default_rng(0)
    fair = {fair_spawn(spots, away, split(("a",), ("b",)), rng, 2, 1.3).x for _ in range(60)}
    assert fair == {4.5, 5.5}
    any_kind = split(("a",), ("b",), kind="factorial")
    free = {fair_spawn(spots, away, any_kind, rng, 2, 1.3).x for _ in range(99)}
    assert free == {x + 0.5 for x in range(2, 8)}
    with pytest.raises(LayoutRejected):
        fair_spawn(spots, away, any_kind, rng, 20, 1.3)


def test_where_the_twin_moves_one_candidate_the_other_is_between_its_places() -> None:
    """Nearer than the one in one twin, farther than it in the other, and as far on average."""
    spots = np.array([[x + 0.5, 0.5] for x in range(10)])
    away = np.stack([np.full(10, 5.0), spots[:, 0], 10 - spots[:, 0]], axis=1)
    rng = np.random.default_rng(0)
    conflict = split(("a",), ("b",))
    assert {fair_spawn(spots, away, conflict, rng, 2, 2.0).x for _ in range(60)} == {
        3.5, 4.5, 5.5, 6.5,
    }  # fmt: skip
    with pytest.raises(LayoutRejected):
        fair_spawn(spots, away + np.array([2.0, 0.0, 0.0]), conflict, rng, 2, 2.0)


def test_decisions_in_the_open_are_turns_and_strides() -> None:
    stances = poses(np.array([[0.5, 0.5], [3.5, 0.5]]))
    assert stances.shape == (48, 3)
    ahead, right = Site(0, 0, 5, 1, 8, 6), Site(-9, 0, 0, -8, 8, 1)
    south = int(np.flatnonzero((stances == [0.5, 0.5, 0.0]).all(axis=1))[0])
    away = decisions(stances, [ahead, right])[south]
    assert away == pytest.approx([4.5 / 0.86, 8.5 / 0.86 + 6])


def test_a_heading_that_is_given_is_kept() -> None:
    stances = poses(np.array([[5.5, 0.5]]))[3:4]
    spawn = fair_spawn(
        stances, np.full((1, 2), 5.0), split(("a",), ("b",)), np.random.default_rng(0), 2, 1.3
    )
    assert spawn.yaw == stances[0, 2]
