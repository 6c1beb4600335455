"""How large things are on the screen."""

from __future__ import annotations

import pytest

from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.levels.locked import locked_seeds
from minecraft_tasks.tasks import task
from minecraft_tasks.visibility import pixel_area
from minecraft_tasks.visibility.footprint import enough, footprint
from minecraft_tasks.visibility.pixel_area import area
from tests.support.plans import world

SHRINE = task("BeaconShrine")
AHEAD = """
..@..
.....
.....
.....
.....
.....
..R..
.....
"""


def pixels(plan: str) -> dict[str, int]:
    made = world(plan)
    return footprint(SHRINE.spec, VoxelBackend(1, made.blocks.shape), made)


def test_a_post_ahead_is_counted_and_a_wall_hides_it() -> None:
    ahead = pixels(AHEAD)
    # 64 pixels are 70 degrees high: a block six blocks off is 64 / (2 * 6 * tan 35) = 7.6 wide.
    assert 7 * 3 * 7 <= ahead["post"] <= 9 * 3 * 9
    assert enough(ahead) == ("post",)
    hidden = pixels(AHEAD.replace(".....\n..R..", "#####\n..R.."))
    assert hidden == {"post": 0}
    assert enough(hidden) == ()


def test_a_post_is_smaller_from_further_away(monkeypatch: pytest.MonkeyPatch) -> None:
    candidate = SHRINE.spec.candidates[SHRINE.spec.candidate("post")]
    near = area(SHRINE, "only/post", range(3), candidate)
    assert near.views == near.seen > 30
    assert near.median <= near.largest
    monkeypatch.setattr(pixel_area, "AREA_DISTANCE", 9.0)
    far = area(SHRINE, "only/post", range(3), candidate)
    assert 0.25 < far.median / near.median < 0.75


def test_every_candidate_has_an_area_and_the_shrine_the_largest() -> None:
    for name in ("BeaconShrine", "GreenArrowMaze"):
        found = task(name)
        areas = locked_seeds(found).areas
        assert list(areas) == list(found.spec.candidate_names)
        assert all(each.views >= each.seen > 0 for each in areas.values())
    areas = locked_seeds(SHRINE).areas
    assert max(areas, key=lambda name: areas[name].median) == "altar"


def test_passages_have_no_open_ground_to_compare_from() -> None:
    assert all(each.views == 0 for each in locked_seeds(task("HiddenGoal")).areas.values())
