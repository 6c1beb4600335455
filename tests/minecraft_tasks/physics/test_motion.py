"""Walking, sliding, stepping and jumping as Minecraft does, in worlds that fit on a line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minecraft_tasks.actions import NAVIGATION, Action, ActionTable
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.blocks.palette import AIR, PALETTE, block_id
from minecraft_tasks.physics.collision import BODY_HEIGHT, HALF_WIDTH, shapes
from minecraft_tasks.physics.motion import Body, decide, replay, standing, tick

FLOOR = [(x, 0, z) for x in range(-2, 12) for z in range(-2, 30)]
FORWARD, STILL = {"forward": True}, {}


def corridor(plan: str) -> np.ndarray:
    """A corridor along z, 3 wide: each letter is what stands on the floor there.

    ``.`` nothing, ``_`` a slab, ``#`` a block, ``H`` two blocks, ``-`` a block at head height.
    """
    blocks = np.zeros((3, 6, len(plan)), np.uint8)
    blocks[:, 0] = block_id("grass")
    for z, letter in enumerate(plan):
        if letter == "_":
            blocks[:, 1, z] = block_id("stone_brick_slab")
        if letter in "#H":
            blocks[:, 1, z] = block_id("bricks")
        if letter in "H-":
            blocks[:, 2, z] = block_id("bricks")
    return blocks


def walk(plan: str, ticks: int, jump: bool = False) -> Body:
    """Where one comes to who walks south from the second cell of a corridor."""
    blocks, body = corridor(plan), standing(1.5, 1.0, 1.5)
    for _ in range(ticks):
        body = tick(blocks, shapes(), body, 1, 0, jump, 0.0)
    return body


def test_walking_reaches_minecrafts_speed() -> None:
    path = replay(np.array(FLOOR), (0.5, 1.0, 0.5), [FORWARD] * 60)
    assert np.diff(path[-10:, 2]) == pytest.approx(0.2159, abs=5e-5)
    assert np.all(path[:, :2] == (0.5, 1.0))


def test_walking_obliquely_is_no_faster() -> None:
    keys = [{"forward": True, "left": True}] * 60
    steps = np.diff(replay(np.array(FLOOR), (0.5, 1.0, 0.5), keys)[-10:], axis=0)
    assert np.hypot(steps[:, 0], steps[:, 2]) == pytest.approx(0.2203, abs=5e-5)
    assert (steps[:, 0] > 0).all(), "left of south is east"


@pytest.mark.parametrize(("yaw", "x", "z"), [(0, 0, 1), (90, -1, 0), (180, 0, -1), (-90, 1, 0)])
def test_yaw_turns_the_walk(yaw: float, x: int, z: int) -> None:
    solid = [(a, 0, b) for a in range(-9, 10) for b in range(-9, 10)]
    keys = [{"forward": True, "yaw": yaw}] * 20
    last = replay(np.array(solid), (0.5, 1.0, 0.5), keys)[-1]
    assert (np.round(last[[0, 2]] - 0.5) == np.round(4.0 * np.array([x, z]))).all()


def test_coasting_stops_by_friction() -> None:
    path = replay(np.array(FLOOR), (0.5, 1.0, 0.5), [FORWARD] * 40 + [STILL] * 20)
    coast = np.diff(path[39:50, 2])
    assert coast[1:4] / coast[:3] == pytest.approx(0.6 * 0.91)
    assert path[-1, 2] == path[-2, 2], "velocities below 0.003 are dropped"


def test_sliding_along_a_wall_keeps_the_motion_along_it() -> None:
    wall = [(2, y, z) for y in (1, 2) for z in range(-2, 30)]
    path = replay(np.array(FLOOR + wall), (1.5, 1.0, 0.5), [{"forward": True, "yaw": -45.0}] * 40)
    assert path[-1, 0] == pytest.approx(2 - HALF_WIDTH)
    assert np.diff(path[-5:, 2]) == pytest.approx(0.2159 * np.sqrt(0.5), abs=1e-3)


def test_a_slab_is_stepped_onto_and_off() -> None:
    assert walk("...___________", 30).y == 1.5
    body = walk("...__.........", 45)
    assert body.y == 1.0
    assert body.z > 8.0


def test_a_full_block_is_not_stepped_onto() -> None:
    body = walk("...#....", 60)
    assert (body.y, body.z) == (1.0, pytest.approx(3 - HALF_WIDTH))


def test_a_full_block_is_jumped_onto() -> None:
    assert walk("...#########", 30, jump=True).y >= 2.0
    assert walk("...H########", 60, jump=True).z == pytest.approx(3 - HALF_WIDTH)


def test_no_step_under_a_lintel() -> None:
    # A slab under a block at head height leaves 0.5 less room than the body needs.
    blocks = corridor("..._....")
    blocks[:, 3, 3] = block_id("bricks")
    body = standing(1.5, 1.0, 1.5)
    for _ in range(40):
        body = tick(blocks, shapes(), body, 1, 0, False, 0.0)
    assert (body.y, body.z) == (1.0, pytest.approx(3 - HALF_WIDTH))


def test_jump_height_and_rhythm() -> None:
    path = replay(np.array(FLOOR), (0.5, 1.0, 0.5), [{"jump": True}] * 40, on_ground=True)
    assert path[:, 1].max() == pytest.approx(2.2522, abs=1e-3)
    starts = np.flatnonzero((path[1:, 1] > 1.0) & (path[:-1, 1] == 1.0))
    assert np.diff(starts).tolist() == [12, 12]


def test_a_jump_is_stopped_by_the_edge_of_a_low_ceiling() -> None:
    """As prismarine-physics has it; Minecraft up to 1.13 cancels the jump and walks on under."""
    ceiling = [(x, 3, z) for x in range(-2, 12) for z in range(10, 30)]
    solid, keys = np.array(FLOOR + ceiling), [FORWARD] * 20
    walked = replay(solid, (0.5, 1.0, 0.0), keys)[-1, 2]
    start = (0.5, 1.0, 10 - HALF_WIDTH - 0.1 - walked)
    path = replay(solid, start, [*keys, {"forward": True, "jump": True}])
    assert path[-1, 1:] == pytest.approx((1.42, 10 - HALF_WIDTH))


def test_falling_lands_on_the_floor() -> None:
    path = replay(np.array(FLOOR), (0.5, 6.0, 0.5), [STILL] * 40)
    assert path[0, 1] == 6.0
    assert path[1, 1] == pytest.approx(6.0 - 0.08 * 0.98)
    assert (path[-5:, 1] == 1.0).all()


def test_nothing_is_left_through_the_sides_or_the_bottom() -> None:
    blocks = np.full((3, 3, 3), AIR, np.uint8)
    body = standing(1.5, 0.0, 1.5)
    for yaw in np.linspace(0.0, 720.0, 200):
        body = tick(blocks, shapes(), body, 1, 0, True, yaw)
        assert HALF_WIDTH - 1e-9 <= min(body.x, body.z) <= max(body.x, body.z) <= 2.7 + 1e-9
        assert body.y >= 0.0


def test_a_decision_spreads_its_turn_and_ends_on_it() -> None:
    blocks = corridor("........")
    body, yaw = decide(blocks, shapes(), standing(1.5, 1, 3.5), 170.0, 1, 0, False, 15.0, 4)
    by_tick = standing(1.5, 1, 3.5)
    for turned in (173.75, 177.5, 181.25, 185.0):
        by_tick = tick(blocks, shapes(), by_tick, 1, 0, False, turned)
    assert body == by_tick
    assert yaw == -175.0


def inside(blocks: np.ndarray, body: Body) -> float:
    """How deep a body reaches into any block, in blocks."""
    low = np.array([body.x - HALF_WIDTH, body.y, body.z - HALF_WIDTH])
    high = np.array([body.x + HALF_WIDTH, body.y + BODY_HEIGHT, body.z + HALF_WIDTH])
    deepest = 0.0
    for cell in np.argwhere(blocks):
        for box in PALETTE[blocks[tuple(cell)]].collision:
            overlap = np.minimum(high, cell + box[3:]) - np.maximum(low, cell + box[:3])
            deepest = max(deepest, overlap.min())
    return deepest


KEYS = st.tuples(st.integers(-1, 1), st.integers(-1, 1), st.booleans(), st.floats(-180, 180))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(KEYS, min_size=5, max_size=25))
def test_never_inside_a_block(seed: int, keys: list[tuple[int, int, bool, float]]) -> None:
    rng = np.random.default_rng(seed)
    blocks = np.zeros((5, 6, 5), np.uint8)
    blocks[:, 0] = block_id("grass")
    kinds = [AIR, block_id("stone_brick_slab"), block_id("bricks")]
    blocks[:, 1:5] = rng.choice(kinds, (5, 4, 5), p=[0.7, 0.15, 0.15])
    blocks[2, 1:4, 2] = AIR
    body = standing(2.5, 1.0, 2.5)
    for forward, strafe, jump, yaw in keys:
        for _ in range(4):
            body = tick(blocks, shapes(), body, forward, strafe, jump, yaw)
            assert inside(blocks, body) < 1e-6


def test_many_bodies_move_as_one_does() -> None:
    """The compiled loop over environments, on one and on more threads, against `decide`."""
    rng = np.random.default_rng(0)
    table = ActionTable.of((*NAVIGATION, Action(name="leap", forward=1, strafe=1, jump=True)))
    plan = corridor("......_..#....")
    engine = VoxelBackend(16, plan.shape)
    spawn = np.array([[1.5, 1.0, rng.uniform(1, 5), 15.0 * rng.integers(24), 0.0]] * 16)
    engine.place(np.arange(16), np.stack([plan] * 16), spawn, np.zeros(16, np.int64))
    bodies = [standing(*row[:3]) for row in spawn]
    yaws = engine.yaw.copy()
    for _ in range(10):
        actions = rng.integers(0, 4, 16)
        engine.act(actions, table, ticks=4)
        for i, a in enumerate(actions):
            keys = table.forward[a], table.strafe[a], table.jump[a], table.turn[a]
            bodies[i], yaws[i] = decide(plan, shapes(), bodies[i], yaws[i], *keys, 4)
    assert engine.position.tolist() == [[b.x, b.y, b.z] for b in bodies]
    assert engine.velocity.tolist() == [[b.vx, b.vy, b.vz] for b in bodies]
    assert engine.yaw.tolist() == yaws.tolist()
