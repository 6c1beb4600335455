"""What every engine that shows levels must do.

Minecraft is stood in for: on that engine this proves client, mission and protocol, not rendering,
physics or block placement in Minecraft. So is the GPU, by compiled loops on the host: what its
kernels do is tested on numba's simulator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from minecraft_tasks.actions import Action, ActionTable
from minecraft_tasks.backends.base import Backend
from minecraft_tasks.backends.minerl.backend import MineRLBackend
from minecraft_tasks.backends.minerl_settings import MineRLSettings
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.blocks.palette import PALETTE, block_id
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.worlds.world import NOON, SUNRISE
from tests.standin.process import Standin
from tests.support.plans import world

ROOM = world(
    """
    ##########
    #........#
    #........#
    #..@.....#
    #........#
    #....R...#
    #..G.....#
    #........#
    ##########
    """
)
SHAPE = ROOM.blocks.shape
ACTIONS = (
    Action(name="forward", forward=1),
    Action(name="left", turn=-15.0),
    Action(name="right", turn=15.0),
    Action(name="back", forward=-1),
    Action(name="strafe_left", strafe=1),
    Action(name="strafe_right", strafe=-1),
    Action(name="jump", jump=True),
    Action(name="quarter", turn=90.0),
)
FORWARD, LEFT, RIGHT, BACK, STRAFE_LEFT, STRAFE_RIGHT, JUMP, QUARTER = range(8)
TABLE = ActionTable.of(ACTIONS)
TICKS = 4

Make = Callable[..., Backend]


@pytest.fixture(params=["voxel", "minerl"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes an engine with room for one level, or for as many as there are Minecrafts."""
    made: list[Backend] = []

    def voxel() -> Backend:
        return VoxelBackend(1, SHAPE, threads=1)

    def minerl() -> Backend:
        standin: Standin = request.getfixturevalue("standin")
        return MineRLBackend(1, SHAPE, settings=MineRLSettings(attach=(standin.port,)))

    def build() -> Backend:
        engines = {"voxel": voxel, "minerl": minerl}
        made.append(engines[request.param]())
        return made[-1]

    yield build
    for backend in made:
        backend.close()


def show(backend: Backend, yaw: float = 0.0, time: int = NOON) -> np.ndarray:
    """Places the room, and gives its first frame."""
    spawn = np.array([[*ROOM.spawn[:3], yaw, 0.0]])
    backend.place(np.zeros(1, np.int64), ROOM.blocks[None], spawn, np.array([time]))
    return seen(backend)


def seen(backend: Backend) -> np.ndarray:
    frames = np.zeros((1, 64, 64, 3), np.uint8)
    backend.frames(frames)
    return frames[0]


def assert_shown(backend: Backend, expected: np.ndarray, frame: np.ndarray | None = None) -> None:
    np.testing.assert_array_equal(seen(backend) if frame is None else frame, expected)


def act(backend: Backend, *actions: int, ticks: int = TICKS) -> np.ndarray:
    """Plays actions, and gives the last position."""
    for action in actions:
        backend.act(np.array([action]), TABLE, ticks)
    assert not backend.faults
    return backend.position[0].copy()


def test_a_body_stands_where_it_is_put(make: Make) -> None:
    backend = make()
    show(backend, yaw=-180.0)
    np.testing.assert_allclose(backend.position[0], ROOM.spawn[:3], atol=1e-9)
    assert (backend.yaw[0], backend.pitch[0], backend.time[0]) == (-180.0, 0.0, NOON)
    assert backend.on_ground[0]
    np.testing.assert_array_equal(backend.blocks[0], ROOM.blocks)
    assert backend.num_envs == 1


def test_a_body_that_is_left_alone_stays(make: Make) -> None:
    backend = make()
    show(backend)
    np.testing.assert_allclose(act(backend, QUARTER, QUARTER), ROOM.spawn[:3], atol=1e-6)


@pytest.mark.parametrize(
    ("action", "axis", "sign"),
    [(FORWARD, 2, 1), (BACK, 2, -1), (STRAFE_LEFT, 0, 1), (STRAFE_RIGHT, 0, -1)],
)
def test_keys_move_a_body_that_looks_south(make: Make, action: int, axis: int, sign: int) -> None:
    backend = make()
    show(backend)
    moved = act(backend, action) - ROOM.spawn[:3]
    assert sign * moved[axis] > 0.3
    assert np.abs(np.delete(moved, axis)).max() < 1e-6


def test_a_turn_is_as_far_as_it_says_and_wraps(make: Make) -> None:
    backend = make()
    show(backend, yaw=165.0)
    act(backend, RIGHT)
    assert backend.yaw[0] == -180.0
    act(backend, LEFT, LEFT, QUARTER, ticks=7)
    assert backend.yaw[0] == -120.0


def test_a_body_that_jumps_comes_down_again(make: Make) -> None:
    backend = make()
    show(backend)
    assert act(backend, JUMP)[1] > 1.3
    np.testing.assert_allclose(act(backend, *[RIGHT] * 4)[1], 1.0, atol=1e-6)


def test_walls_hold(make: Make) -> None:
    backend = make()
    show(backend)
    assert act(backend, *[BACK] * 12)[2] == pytest.approx(1.3, abs=1e-3)


def test_every_engine_goes_where_the_embedded_one_goes(make: Make) -> None:
    walk = [FORWARD, RIGHT, FORWARD, QUARTER, FORWARD, STRAFE_LEFT, LEFT, FORWARD, JUMP, BACK] * 3
    backend, embedded = make(), VoxelBackend(1, SHAPE, threads=1)
    show(backend)
    show(embedded)
    for action in walk:
        where = act(backend, action)
        np.testing.assert_allclose(where, act(embedded, action), atol=1e-3)
        assert backend.yaw[0] == embedded.yaw[0]


def test_what_a_walking_body_carries_on_is_known(make: Make) -> None:
    backend, embedded = make(), VoxelBackend(1, SHAPE, threads=1)
    show(backend)
    show(embedded)
    for action in (FORWARD, FORWARD, LEFT, STRAFE_LEFT, BACK):
        act(backend, action)
        act(embedded, action)
        np.testing.assert_allclose(backend.velocity, embedded.velocity, atol=1e-6)
        assert backend.on_ground[0]


def test_every_engine_shows_what_the_embedded_one_shows(make: Make) -> None:
    backend, embedded = make(), VoxelBackend(1, SHAPE, threads=1)
    for time in (NOON, SUNRISE):
        show(backend, -90.0, time)
        assert_shown(backend, show(embedded, -90.0, time))
        for action in (FORWARD, LEFT, QUARTER, FORWARD, RIGHT):
            act(backend, action)
            act(embedded, action)
            assert_shown(backend, seen(embedded))


def test_a_step_is_a_decision_and_its_frame(make: Make) -> None:
    first, second = make(), VoxelBackend(1, SHAPE, threads=1)
    show(first)
    show(second)
    frames = np.zeros((1, 64, 64, 3), np.uint8)
    first.step(np.array([FORWARD]), TABLE, TICKS, frames)
    act(second, FORWARD)
    assert_shown(first, seen(second), frames[0])


def test_only_the_rows_that_are_named_are_written(make: Make) -> None:
    backend = make()
    show(backend)
    frames = np.full((1, 64, 64, 3), 7, np.uint8)
    backend.frames(frames, np.zeros(0, np.int64))
    assert (frames == 7).all()


def test_a_level_that_is_placed_again_is_as_new(make: Make) -> None:
    backend = make()
    first = show(backend)
    act(backend, FORWARD, LEFT, FORWARD)
    np.testing.assert_array_equal(show(backend), first)
    np.testing.assert_allclose(backend.position[0], ROOM.spawn[:3], atol=1e-9)


def test_blocks_that_change_are_shown_once_they_are_refreshed(make: Make) -> None:
    backend = make()
    before = show(backend)
    backend.blocks[0, 3, 1, 6] = block_id("stone_brick_slab_top")
    backend.blocks[0, 3:6, 2, 4] = block_id("lime_wool")
    backend.blocks[0, 4, 2, 4] = block_id("air")
    backend.refresh(np.zeros(1, np.int64))
    assert not backend.faults
    after = seen(backend)
    assert (after != before).any()
    embedded = VoxelBackend(1, SHAPE, threads=1)
    spawn = np.array([[*ROOM.spawn[:3], 0.0, 0.0]])
    embedded.place(np.zeros(1, np.int64), backend.blocks.copy(), spawn, np.array([NOON]))
    assert_shown(backend, seen(embedded), after)


def test_a_body_is_where_it_is_said_to_be_after_blocks_have_changed(make: Make) -> None:
    backend, embedded = make(), VoxelBackend(1, SHAPE, threads=1)
    for each in (backend, embedded):
        show(each)
        act(each, FORWARD, FORWARD)
    backend.blocks[0, 1, 3, 1] = block_id("lime_wool")
    backend.refresh(np.zeros(1, np.int64))
    if not backend.resumable:
        # It went by the console, which takes a tick for the block and one to see it.
        act(embedded, QUARTER, ticks=2)
    np.testing.assert_allclose(backend.position, embedded.position, atol=1e-6)


def test_ids_name_what_is_seen(make: Make) -> None:
    backend = make()
    show(backend)
    ids = np.zeros((1, 64, 64), np.uint8)
    backend.ids(ids)
    names = {PALETTE[i].name for i in np.unique(ids) if i < len(PALETTE)}
    assert names == {"grass", "cobblestone", "gold_block", "red_wool"}
    assert 255 in ids


def test_bodies_are_copies_and_put_back_where_that_can_be_done(make: Make) -> None:
    backend = make()
    show(backend)
    act(backend, FORWARD)
    kept = backend.bodies()
    there = kept.position.copy()
    act(backend, FORWARD)
    np.testing.assert_array_equal(kept.position, there)
    if backend.resumable:
        backend.restore(kept)
        np.testing.assert_array_equal(backend.position, there)
    else:
        with pytest.raises(FalseBeaconError, match="cannot be put back"):
            backend.restore(kept)
