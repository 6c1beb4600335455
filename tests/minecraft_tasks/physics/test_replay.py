"""What `replay` takes, gives and refuses."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError
from minecraft_tasks.physics.motion import replay

FLOOR = np.array([(x, 0, z) for x in range(-9, 10) for z in range(-9, 10)])
START = (0.5, 1.0, 0.5)


def test_one_row_of_float64_for_each_tick() -> None:
    path = replay(FLOOR, START, [{"forward": True}] * 7)
    assert path.shape == (7, 3)
    assert path.dtype == np.float64


def test_no_keys_give_no_rows() -> None:
    assert replay(FLOOR, START, []).shape == (0, 3)


def test_no_blocks_are_a_fall() -> None:
    path = replay(np.empty((0, 3), np.int64), START, [{}] * 50)
    assert replay([], START, [{}] * 50).tolist() == path.tolist()
    assert (path[:, [0, 2]] == 0.5).all()
    assert (np.diff(path[:, 1]) < 0).all()


def test_keys_that_are_missing_are_not_held() -> None:
    held = dict.fromkeys(("forward", "back", "left", "right", "jump"), False)
    sparse: list[dict[str, float]] = [{"forward": True}, {}, {"jump": True}, {"yaw": 40.0}] * 5
    full = [{**held, "yaw": 0.0, **keys} for keys in sparse]
    assert replay(FLOOR, START, sparse).tolist() == replay(FLOOR, START, full).tolist()


def test_opposite_keys_cancel() -> None:
    keys: dict[str, float] = dict.fromkeys(("forward", "back", "left", "right"), True)
    assert replay(FLOOR, START, [keys] * 10)[-1].tolist() == list(START)


def test_yaw_is_in_degrees_and_may_wind() -> None:
    keys = [{"forward": True, "yaw": 30.0}] * 20
    wound = [{"forward": True, "yaw": 30.0 - 720.0}] * 20
    path = replay(FLOOR, START, keys)
    assert replay(FLOOR, START, wound) == pytest.approx(path, abs=1e-9)
    x, _, z = path[-1] - START
    assert np.degrees(np.arctan2(-x, z)) == pytest.approx(30.0)


@pytest.mark.parametrize("offset", [(0, 0, 0), (-40, -70, -3), (5000, 200, -9000)])
def test_places_are_the_callers_wherever_they_lie(offset: tuple[int, int, int]) -> None:
    wall = [(2, y, z) for y in (1, 2) for z in range(-9, 10)]
    solid = np.concatenate([FLOOR, wall])
    keys = [{"forward": True, "jump": True, "yaw": -50.0}] * 60
    here = replay(solid, START, keys)
    there = replay(solid + offset, np.add(START, offset).tolist(), keys)
    assert there - offset == pytest.approx(here, abs=1e-9)
    assert here[-1, 0] == pytest.approx(1.7)


def test_blocks_out_of_reach_cost_nothing() -> None:
    far = np.array([(10**7, 0, 10**7), (0, -(10**7), 0)])
    keys = [{"forward": True}] * 20
    path = replay(np.concatenate([FLOOR, far]), START, keys)
    assert path.tolist() == replay(FLOOR, START, keys).tolist()


def test_a_fall_meets_a_floor_far_below() -> None:
    deep = FLOOR - (0, 300, 0)
    assert replay(deep, START, [{}] * 140)[-1].tolist() == [0.5, -299.0, 0.5]


@pytest.mark.parametrize(
    ("solid", "named"),
    [
        ([(0, 0)], r"solid must be int\[K, 3\].*not int64\[1, 2\]"),
        ((0, 0, 0), r"not int64\[3\]"),
        ([(0.5, 0.0, 0.0)], r"not float64\[1, 3\]"),
        ([(0, 0, 0), (0, 0)], "rows differ in length"),
    ],
)
def test_solid_of_another_form_is_refused(solid: Any, named: str) -> None:
    with pytest.raises(FalseBeaconError, match=named):
        replay(solid, START, [{}])


@pytest.mark.parametrize("start", [(0.5, np.nan, 0.5), (np.inf, 1.0, 0.5), (0.5, 1.0), None])
def test_a_start_that_is_nowhere_is_refused(start: Any) -> None:
    with pytest.raises(FalseBeaconError, match="start must be three finite coordinates"):
        replay(FLOOR, start, [{}])


@pytest.mark.parametrize("cell", [(-4, 2, -3), (-5, 3, -3), (-4, 3, -4)])
def test_a_start_inside_a_block_is_refused_with_both(cell: tuple[int, int, int]) -> None:
    named = r"start \(-3.8, 2.0, -2.75\) is inside of the block at " + re.escape(str(cell))
    with pytest.raises(FalseBeaconError, match=named):
        replay(np.array([cell]), (-3.8, 2.0, -2.75), [{}])


def test_a_start_may_touch_blocks_on_every_side() -> None:
    around = [(0, 0, 0), (1, 1, 0), (0, 1, 1), (-2, 1, 0), (0, 3, 0)]
    replay(np.array(around), (0.7, 1.0, 0.7), [{}])
    replay(np.array([(-1, 1, 0), (0, 1, -1)]), (0.3, 1.0, 0.3), [{}])


@pytest.mark.parametrize("yaw", [np.nan, -np.inf, None, "south"])
def test_a_yaw_that_is_no_angle_is_refused(yaw: Any) -> None:
    with pytest.raises(FalseBeaconError, match=rf"yaw of tick 1 must be .*{yaw}"):
        replay(FLOOR, START, [{"yaw": 0.0}, {"yaw": yaw}])


def test_an_unknown_key_is_refused_with_its_tick() -> None:
    with pytest.raises(UnknownNameError, match=r"tick 2: 'forwards'\. Did you mean 'forward'"):
        replay(FLOOR, START, [{}, {}, {"forwards": True}])
