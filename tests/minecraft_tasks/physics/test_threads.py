"""Work shared among threads."""

from __future__ import annotations

import numpy as np
import pytest

from minecraft_tasks.physics.threads import Workers


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
