"""Places are drawn one for each group, candidates built at theirs, and spawns favour neither."""

from __future__ import annotations

import numpy as np
import pytest

from minecraft_tasks.spec import Split, SplitKind
from minecraft_tasks.worlds.placement import (
    LayoutRejected,
    assign_places,
    build_sites,
    fair_spawn,
    keep_apart,
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
