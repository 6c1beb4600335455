"""What is seen where: in worlds that are drawn as plans, and against the plain DDA loop."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import plain_dda
from minecraft_tasks.backends.voxel import sky
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.backends.voxel.check import check_world
from minecraft_tasks.backends.voxel.scene import BEAM_ID, SKY_ID, SUN_ID, TOP
from minecraft_tasks.backends.voxel.scene import EAST as EAST_FACE
from minecraft_tasks.backends.voxel.scene import NORTH as NORTH_FACE
from minecraft_tasks.blocks import PALETTE, block_id
from minecraft_tasks.errors import FalseBeaconError
from minecraft_tasks.world import NOON, SUNRISE, SUNSET, Pose, World, sun_direction

LETTERS = {
    ".": (),
    "#": ("bricks",) * 3,
    "R": ("red_wool",) * 2,
    "r": ("red_wool",),
    "_": ("stone_brick_slab",),
    "B": ("beacon",),
    "G": ("glowstone",) * 2,
    "T": ("oak_log", "oak_log", "oak_leaves"),
}
SOUTH, WEST, NORTH, EAST = 0.0, 90.0, 180.0, -90.0


def world(plan: str, layers: int = 6) -> np.ndarray:
    """A grass floor with the columns of a plan on it; x runs right, z runs down."""
    rows = plan.split()
    blocks = np.zeros((len(rows[0]), layers, len(rows)), np.uint8)
    blocks[:, 0] = block_id("grass")
    for z, row in enumerate(rows):
        for x, letter in enumerate(row):
            for y, name in enumerate(LETTERS[letter]):
                blocks[x, 1 + y, z] = block_id(name)
    return blocks


def engine(
    blocks: np.ndarray,
    poses: list[tuple[float, float, float, float, float]],
    time: int = NOON,
) -> VoxelBackend:
    """One world seen from several poses."""
    many = len(poses)
    backend = VoxelBackend(many, blocks.shape)
    backend.place(
        np.arange(many), np.stack([blocks] * many), np.array(poses, float), np.full(many, time)
    )
    return backend


def seen(
    blocks: np.ndarray, x: float, z: float, yaw: float, time: int = NOON, pitch: float = 0.0
) -> np.ndarray:
    """Ids uint8[64, 64] seen from the floor."""
    out = np.empty((1, 64, 64), np.uint8)
    engine(blocks, [(x, 1.0, z, yaw, pitch)], time).ids(out)
    return out[0]


OPEN = """
    .......
    .......
    ...R...
    .......
    .......
    .......
    .......
"""


def test_a_block_straight_ahead_fills_the_centre() -> None:
    image = seen(world(OPEN), 3.5, 5.5, NORTH)
    red = image == block_id("red_wool")
    rows, columns = np.nonzero(red)
    assert red[28:36, 28:36].all()
    # The face stands at a depth of 2.5: 1 wide, from 1 below to 0.38 above the eye's 1.62.
    scale = 32 / math.tan(math.radians(35)) / 2.5
    assert columns.max() - columns.min() + 1 == pytest.approx(scale, abs=1)
    assert rows.min() == pytest.approx(32 - 0.38 * scale, abs=1)
    assert rows.max() == pytest.approx(32 + 1.62 * scale, abs=1)
    assert set(np.unique(image)) == {block_id("grass"), block_id("red_wool"), SKY_ID}


@pytest.mark.parametrize("yaw", [SOUTH, WEST, EAST])
def test_it_is_not_behind_nor_beside(yaw: float) -> None:
    assert block_id("red_wool") not in seen(world(OPEN), 3.5, 5.5, yaw)


def test_left_is_left() -> None:
    columns = np.nonzero(seen(world(OPEN), 4.5, 5.5, NORTH) == block_id("red_wool"))[1]
    assert columns.max() < 32


def test_faces_are_shaded_as_minecrafts() -> None:
    backend = engine(world(OPEN), [(0, 0, 0, 0, 0)])
    atlas, red = backend.look.atlas.astype(float), block_id("red_wool")
    full = atlas[red, TOP].mean()
    assert atlas[red, NORTH_FACE].mean() / full == pytest.approx(0.8, abs=0.01)
    assert atlas[red, EAST_FACE].mean() / full == pytest.approx(0.6, abs=0.01)
    north = backend.draw(0, (3.5, 1, 0.5), SOUTH, 0, 64, 64)[32, 32]
    east = backend.draw(0, (5.5, 1, 2.5), WEST, 0, 64, 64)[32, 32]
    assert any(
        (north == texel).all() for texel in backend.look.atlas[red, NORTH_FACE].reshape(-1, 3)
    )
    assert any((east == texel).all() for texel in backend.look.atlas[red, EAST_FACE].reshape(-1, 3))


def test_glowstone_has_no_shade() -> None:
    atlas = engine(world(OPEN), [(0, 0, 0, 0, 0)]).look.atlas[block_id("glowstone")]
    assert (atlas == atlas[:1]).all()


def test_grass_is_green_at_its_upper_edge() -> None:
    blocks = world("... ... ...")
    blocks[1, 1, 0] = block_id("grass")
    image = engine(blocks, [(0, 0, 0, 0, 0)]).draw(0, (1.5, 1, 2.5), NORTH, 0, 64, 64)
    hem, earth = image[53, 32].astype(int), image[62, 32].astype(int)
    assert hem[1] > hem[0]
    assert earth[0] > earth[1]


def test_a_slab_is_half_as_high() -> None:
    plan = "... {} ... ... ..."
    slab = seen(world(plan.format("._.")), 1.5, 4.5, NORTH) == block_id("stone_brick_slab")
    cube = seen(world(plan.format(".r.")), 1.5, 4.5, NORTH) == block_id("red_wool")
    assert cube[:, 32].sum() > slab[:, 32].sum() > 0
    behind = seen(world("..r ._. ... ..."), 2.2, 3.5, 170.0)
    assert block_id("red_wool") in behind, "seen over the slab"


WALLED = """
    ###########
    #....B....#
    ###########
    #.........#
    #.........#
    #.........#
    #.........#
    #.........#
    ###########
"""


def test_a_beam_shows_over_a_wall() -> None:
    image = seen(world(WALLED), 5.5, 7.5, NORTH)
    assert block_id("beacon") not in image
    rows, columns = np.nonzero(image == BEAM_ID)
    assert rows.min() == 0, "it reaches the sky, higher than the array"
    assert 30 < columns.mean() < 33
    assert (image[rows.max() + 1, 30:33] == block_id("bricks")).all()


def test_nothing_is_below_a_beam_but_its_beacon() -> None:
    image = seen(world("... .B. ... ... ..."), 1.5, 4.5, NORTH)
    column = image[:, 32]
    last = np.flatnonzero(column == BEAM_ID).max()
    assert column[last + 1] == block_id("beacon")


@pytest.mark.parametrize(("time", "yaw"), [(SUNRISE, EAST), (SUNSET, WEST)])
def test_the_sun_stands_where_its_time_says(time: int, yaw: float) -> None:
    rows, columns = np.nonzero(seen(world(OPEN), 3.5, 3.5, yaw, time) == SUN_ID)
    x, y, _ = sun_direction(time)
    height = 32 - y / abs(x) * 32 / math.tan(math.radians(35))
    assert rows.mean() + 0.5 == pytest.approx(height, abs=1)
    assert columns.mean() + 0.5 == pytest.approx(32, abs=0.5)
    assert SUN_ID not in seen(world(OPEN), 3.5, 3.5, -yaw, time)


def test_a_wall_hides_the_sun() -> None:
    plan = "...... ....#. ....#. ....#. ......"
    assert SUN_ID not in seen(world(plan), 3.4, 2.5, EAST, SUNRISE)


def test_the_sky_is_palest_at_the_horizon() -> None:
    image = engine(world("."), [(-3.0, 1.0, 0.5, WEST, 0.0)])
    out = np.empty((1, 64, 64, 3), np.uint8)
    image.frames(out)
    blueness = out[0, :, 32, 2].astype(int) - out[0, :, 32, 0]
    assert (np.diff(blueness[:32]) <= 0).all()
    assert tuple(out[0, 40, 32]) == sky.HORIZON


def random_world(rng: np.random.Generator, shape: tuple[int, int, int]) -> np.ndarray:
    """Blocks of every kind, scattered, most of them low."""
    blocks = rng.integers(1, len(PALETTE), shape).astype(np.uint8)
    density = np.linspace(0.6, 0.05, shape[1])[None, :, None] * rng.uniform(0.2, 1.0)
    blocks[rng.random(shape) > density] = 0
    return blocks


def random_poses(
    rng: np.random.Generator, shape: tuple[int, int, int], count: int, pitched: bool
) -> list[tuple[float, float, float, float, float]]:
    """Feet inside and outside of a world, any yaw, and any pitch or none."""
    low, high = (-3.0, -4.0, -3.0), np.add(shape, (3.0, 3.0, 3.0))
    feet = rng.uniform(low, high, (count, 3))
    pitch = rng.uniform(-90, 90, count) if pitched else np.zeros(count)
    return np.column_stack([feet, rng.uniform(-180, 180, count), pitch]).tolist()


def both(backend: VoxelBackend, size: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """The same frames from the engine and from the plain loop."""
    ours = np.empty((backend.num_envs, size, size, 3), np.uint8)
    plain = np.empty_like(ours)
    backend.frames(ours)
    plain_dda.render(backend, plain)
    return ours, plain


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([SUNRISE, NOON, SUNSET]))
def test_the_same_picture_as_the_plain_loop(seed: int, pitched: bool, time: int) -> None:
    """At least 99.9 % of the pixels, and those that differ touch an edge of the picture."""
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(1, 12)), int(rng.integers(1, 9)), int(rng.integers(1, 12)))
    poses = random_poses(rng, shape, 8, pitched)
    ours, plain = both(engine(random_world(rng, shape), poses, time))
    differs = (ours != plain).any(axis=-1)
    assert differs.mean() <= 1e-3
    for frame, row, column in np.argwhere(differs):
        around = plain[frame, max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        assert (around != plain[frame, row, column]).any()


@pytest.mark.parametrize("layers", [1, 63, 64])
def test_the_tallest_worlds_are_drawn_whole(layers: int) -> None:
    rng = np.random.default_rng(layers)
    shape = (6, layers, 6)
    blocks = random_world(rng, shape)
    blocks[:, -1] = block_id("bricks")
    ours, plain = both(engine(blocks, random_poses(rng, shape, 32, False)))
    assert (ours != plain).any(axis=-1).mean() <= 1e-3


def test_larger_pictures_show_the_same_scene() -> None:
    backend = engine(world(WALLED), [(5.5, 1, 4.5, NORTH, 0)], SUNRISE)
    small = backend.draw(0, (5.5, 1, 4.5), 150.0, 0, 64, 64)
    large = backend.draw(0, (5.5, 1, 4.5), 150.0, 0, 192, 192)
    assert (small == large[1::3, 1::3]).all()
    wide = backend.draw(0, (5.5, 1, 4.5), 150.0, 0, 64, 96)
    assert (small == wide[:, 16:80]).all()


def test_both_renderers_draw_the_same_at_pitch_zero() -> None:
    backend = engine(world(WALLED), [(5.5, 1, 4.5, NORTH, 0)], SUNRISE)
    level = backend.draw(0, (5.5, 1, 4.5), 163.0, 0.0, 64, 64)
    tilted = backend.draw(0, (5.5, 1, 4.5), 163.0, 1e-9, 64, 64)
    assert (level != tilted).any(axis=-1).mean() <= 1e-3


@pytest.mark.parametrize("feet", [(math.nan, 1, 1), (math.inf, 1, 1), (1e300, 1, 1)])
@pytest.mark.parametrize("pitch", [0.0, 15.0])
def test_a_pose_out_of_this_world_sees_only_sky(feet: tuple[float, ...], pitch: float) -> None:
    backend = engine(world(OPEN), [(0, 0, 0, 0, 0)])
    image = backend.draw(0, feet, -90.0, pitch, 32, 32)
    assert (image[..., 2] == 255).sum() + (image[..., 2] > 244).sum() >= image[..., 2].size


CHILD = """
import numpy as np
from tests.test_raycast import extremes
print(extremes())
"""


def extremes() -> str:
    """Digest of frames from the oddest poses: on planes, in corners, in blocks, far away."""
    rng = np.random.default_rng(5)
    blocks = random_world(rng, (5, 7, 6))
    places = [-1e12, -1.0, -0.0, 0.0, 1e-12, 2.0, 2.5, 5.0 - 1e-12, 5.0, 6.0, 7.0, 1e12]
    poses = [
        (rng.choice(places), rng.choice(places) - 1.62, rng.choice(places), yaw, pitch)
        for yaw in (0.0, 45.0, 90.0, -90.0, 180.0, 30.0, 1e-9, 359.999)
        for pitch in (0.0, 0.0, 0.0, 90.0, -90.0, 45.0, 1e-9)
        for _ in range(4)
    ]
    backend = engine(blocks, poses, SUNRISE)
    frames = np.empty((len(poses), 16, 16, 3), np.uint8)
    backend.frames(frames)
    return hashlib.sha256(frames.tobytes()).hexdigest()


def child(**extra: str) -> str:
    environment = {**os.environ, **extra}
    done = subprocess.run(
        [sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_another_process_with_one_thread_draws_the_same_bytes() -> None:
    assert child(NUMBA_NUM_THREADS="1") == extremes()


def test_no_read_out_of_bounds(tmp_path) -> None:
    """numba's bounds check raises IndexError where a pose would read beside an array."""
    assert child(NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path)) == extremes()


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
        VoxelBackend(1, (3, 65, 3))
