from __future__ import annotations

import numpy as np

from minecraft_tasks.worlds.sites import first_touched, touched

NAN = float("nan")
SITES = np.array([[[0, 0, 0, 2, 2, 2], [1, 0, 1, 3, 2, 3], [NAN] * 6]], float)


def test_feet_in_a_box_touch_its_candidate_and_absent_ones_never() -> None:
    places = {(0.5, 1, 0.5): [1, 0, 0], (1.5, 1, 1.5): [1, 1, 0], (2.0, 2.0, 2.0): [1, 1, 0],
              (2.1, 1, 2.1): [0, 1, 0], (1.5, 2.1, 1.5): [0, 0, 0]}  # fmt: skip
    for place, expected in places.items():
        assert touched(np.array([place], float), SITES)[0].tolist() == [bool(e) for e in expected]


def test_the_earliest_touch_is_the_first() -> None:
    where = np.zeros((1, 3, 3))
    assert first_touched(np.array([[7, 5, -1]]), where, SITES).tolist() == [1]
    assert first_touched(np.array([[7, -1, -1]]), where, SITES).tolist() == [0]
    assert first_touched(np.array([[-1, -1, -1]]), where, SITES).tolist() == [-1]


def test_a_tie_goes_to_the_nearest_middle() -> None:
    near_first = np.broadcast_to([1.0, 1.0, 1.2], (1, 3, 3))
    near_second = np.broadcast_to([1.9, 1.0, 1.9], (1, 3, 3))
    tie = np.array([[4, 4, -1]])
    assert first_touched(tie, near_first, SITES).tolist() == [0]
    assert first_touched(tie, near_second, SITES).tolist() == [1]
