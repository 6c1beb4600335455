"""Bad worlds are refused by name and coordinates."""

from __future__ import annotations

import numpy as np
import pytest

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.worlds.check import check_world
from minecraft_tasks.worlds.world import Pose, World
from tests.support.scenes import world


def spawned(x: float, y: float, z: float, blocks: np.ndarray) -> World:
    return World(blocks, Pose(x, y, z, 0.0), {}, np.zeros((1, 1), np.uint8))


def test_bad_worlds_are_refused_with_coordinates() -> None:
    blocks = world("... .r. ._.")
    check_world(spawned(0.5, 1.0, 0.5, blocks))
    check_world(spawned(1.5, 1.5, 2.5, blocks))
    with pytest.raises(FalseBeaconError, match=r"inside of the red_wool at \(1, 1, 1\)"):
        check_world(spawned(0.9, 1.0, 1.5, blocks))
    with pytest.raises(FalseBeaconError, match=r"stone_brick_slab at \(1, 1, 2\)"):
        check_world(spawned(1.5, 1.0, 2.5, blocks))
    with pytest.raises(FalseBeaconError, match=r"spawn \(0.2, 1, 0.5\) is outside"):
        check_world(spawned(0.2, 1.0, 0.5, blocks))
    blocks[2, 3, 1] = 200
    with pytest.raises(FalseBeaconError, match=r"unknown block id 200 at \(2, 3, 1\)"):
        check_world(spawned(0.5, 1.0, 0.5, blocks))
    with pytest.raises(FalseBeaconError, match="65 blocks tall"):
        check_world(spawned(0.5, 1.0, 0.5, np.zeros((3, 65, 3), np.uint8)))
