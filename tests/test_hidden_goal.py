"""HiddenGoal asks for memory: what was seen at the spawn shows nowhere else before the fork."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from minecraft_tasks.backends.base import ActionTable
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.blocks import block_id
from minecraft_tasks.garden import ARM, LOOKOUT, PASSAGE
from minecraft_tasks.lattice import make_lattice
from minecraft_tasks.layout import layout_hash
from minecraft_tasks.levels import generator, level
from minecraft_tasks.navigation import UNREACHABLE, cost_at, cost_to_go, costs
from minecraft_tasks.tasks import task
from minecraft_tasks.world import Pose, World

TASK = task("HiddenGoal")
GOLD = block_id("gold_block")
FORWARD, LEFT, RIGHT = range(3)
SPLITS = [split.name for split in TASK.spec.splits]
COINCIDING = ["train", "heldout", "control"]


def twins(split: str, seed: int) -> tuple[World, World]:
    """A level, and the same one with the gold in its other bay."""
    spec = TASK.spec.split(split)
    one, two = (TASK.build(spec, generator(TASK.spec, spec, seed), side) for side in (False, True))
    return one, two


def gold_seen(world: World, poses: list[Pose]) -> np.ndarray:
    """Pixels of gold from each pose, int64[P]."""
    engine = VoxelBackend(len(poses), world.blocks.shape)
    blocks = np.repeat(world.blocks[None], len(poses), axis=0)
    engine.place(np.arange(len(poses)), blocks, np.array(poses), np.full(len(poses), world.time))
    ids = np.empty((len(poses), 64, 64), np.uint8)
    engine.ids(ids)
    return (ids == GOLD).sum(axis=(1, 2))


def cells(world: World, height: int) -> list[tuple[int, int]]:
    """Blocks x and z where the feet are at a height, by the level's plan."""
    return [(int(x), int(z)) for x, z in np.argwhere(world.layout == height)]


def stands(world: World) -> Iterator[Pose]:
    """All over the passage in every heading, and as far over its edges as a body is held."""
    arms = set(cells(world, ARM))
    for x, z in cells(world, PASSAGE):
        for dx in (-0.29, 0.3, 0.5, 0.7, 1.29):
            for dz in (-0.29, 0.3, 0.5, 0.7, 1.29):
                over = (math.floor(x + dx), math.floor(z + dz))
                if over == (x, z) or over in arms:
                    for yaw in range(-180, 180, 15):
                        yield Pose(x + dx, float(PASSAGE), z + dz, float(yaw))


def bearing(world: World) -> float:
    """Degrees from the first gaze to the gold, positive to the right."""
    x, z = np.argwhere((world.blocks == GOLD).any(axis=1))[0] + 0.5
    way = math.degrees(math.atan2(world.spawn.x - x, z - world.spawn.z))
    return (way - world.spawn.yaw + 180.0) % 360.0 - 180.0


@pytest.mark.parametrize("split", SPLITS)
def test_gold_is_seen_from_the_spawn_unless_its_split_says_otherwise(split: str) -> None:
    for seed in range(12):
        for made in twins(split, seed):
            hidden = split in ("skill", "only/goal")
            assert (gold_seen(made, [made.spawn])[0] < 3) == hidden


@pytest.mark.parametrize("split", ["train", "control", "conflict/goal-side", "only/goal"])
def test_gold_is_seen_from_nowhere_in_the_passage(split: str) -> None:
    for seed in range(2):
        for made in twins(split, seed):
            poses = list(stands(made))
            assert len(poses) > 1000
            assert gold_seen(made, poses).sum() == 0


def test_an_arm_shows_the_gold_to_whoever_has_chosen_it() -> None:
    made, _ = twins("conflict/goal-side", 0)
    end = costs(made, 128).paths["goal"][-1]
    poses = [Pose(*end, float(yaw)) for yaw in range(-180, 180, 15)]
    assert gold_seen(made, poses).max() > 100


@pytest.mark.parametrize("split", ["train", "conflict/goal-side"])
def test_frames_in_the_passage_are_the_same_for_either_side(split: str) -> None:
    for seed in range(2):
        one, two = twins(split, seed)
        poses = list(stands(one))[::7]
        frames = []
        for made in (one, two):
            engine = VoxelBackend(len(poses), made.blocks.shape)
            blocks = np.repeat(made.blocks[None], len(poses), axis=0)
            engine.place(
                np.arange(len(poses)), blocks, np.array(poses), np.full(len(poses), made.time)
            )
            frames.append(np.empty((len(poses), 64, 64, 3), np.uint8))
            engine.frames(frames[-1])
        np.testing.assert_array_equal(*frames)


@pytest.mark.parametrize("split", COINCIDING)
def test_whoever_slides_along_the_walls_loses_place_and_heading(split: str) -> None:
    """From every heading that leads away from the spawn, forward ends in one and the same pose."""
    headings = 15.0 * np.arange(1, 6)
    table = ActionTable.of(TASK.spec.actions)
    for seed in range(4):
        made, twin = twins(split, seed)
        # The first gaze is turned 15 degrees to the way out, off the middle of the two bays.
        way_out = -math.copysign(1.0, bearing(made) + bearing(twin))
        ahead = made.spawn.yaw - 15.0 * way_out
        count = len(headings)
        engine = VoxelBackend(count, made.blocks.shape)
        spawns = np.array([made.spawn._replace(yaw=ahead + way_out * turn) for turn in headings])
        blocks = np.repeat(made.blocks[None], count, axis=0)
        engine.place(np.arange(count), blocks, spawns, np.full(count, made.time))
        for _ in range(40):
            engine.act(np.full(count, FORWARD), table, TASK.spec.ticks)
        assert (engine.position == engine.position[0]).all()
        assert engine.position[0, 1] == PASSAGE
        assert np.abs(engine.position[0, [0, 2]] - np.array(made.spawn)[[0, 2]]).min() > 1.0
        onward = LEFT if way_out > 0 else RIGHT
        for _ in range(6):
            engine.act(np.full(count, onward), table, TASK.spec.ticks)
            assert (engine.position == engine.position[0]).all()


@pytest.mark.parametrize("split", ["train", "heldout", "control", "conflict/goal-side"])
def test_the_wrong_arm_is_never_left(split: str) -> None:
    for seed in range(3):
        made, twin = twins(split, seed)
        lattice = make_lattice(made.blocks)
        cost = cost_to_go(lattice, made.sites["goal"])
        wrong = costs(twin, TASK.spec.split(split).time_limit).paths["goal"][-1]
        assert cost_at(lattice, cost, made.spawn) < UNREACHABLE
        for yaw in range(-180, 180, 15):
            assert cost_at(lattice, cost, Pose(*wrong, float(yaw))) >= UNREACHABLE


def test_nobody_climbs_back_to_the_look_out() -> None:
    made, _ = twins("train", 1)
    x, z = cells(made, LOOKOUT)[0]
    site = made.sites["goal"]._replace(x0=x, y0=2.9, z0=z, x1=x + 1, y1=3.1, z1=z + 1)
    lattice = make_lattice(made.blocks)
    cost = cost_to_go(lattice, site)
    for a, b in cells(made, PASSAGE):
        assert cost_at(lattice, cost, Pose(a + 0.5, PASSAGE, b + 0.5, 0.0)) >= UNREACHABLE


def test_both_sides_are_as_frequent_and_tell_nothing_of_the_rest() -> None:
    left = []
    for seed in range(200):
        made, twin = twins("train", seed)
        assert layout_hash(made.layout) == layout_hash(twin.layout)
        assert made.spawn == twin.spawn
        assert ((made.blocks != twin.blocks).any(axis=1)).sum() == 12
        left.append(bearing(made) < bearing(twin))
    assert 70 <= sum(left) <= 130


def entered_against_the_gaze(world: World) -> bool:
    """Whether the last step to the fork goes back to where the first gaze comes from."""
    arms, passage = set(cells(world, ARM)), cells(world, PASSAGE)

    def beside(cell: tuple[int, int]) -> set[tuple[int, int]]:
        x, z = cell
        return {(x - 1, z), (x + 1, z), (x, z - 1), (x, z + 1)}

    fork = next(cell for cell in passage if len(beside(cell) & arms) == 2)
    before = next(cell for cell in passage if cell in beside(fork))
    gaze = math.radians(world.spawn.yaw)
    dx, dz = fork[0] - before[0], fork[1] - before[1]
    return dz * math.cos(gaze) - dx * math.sin(gaze) < 0


def test_where_candidates_part_the_fork_is_entered_from_behind() -> None:
    for seed in range(6):
        one, two = (level(TASK, "conflict/goal-side", 2 * seed + k) for k in range(2))
        assert one.sites["goal"] == two.sites["side"]
        assert entered_against_the_gaze(one)
        assert entered_against_the_gaze(level(TASK, "factorial", seed))
        for split in COINCIDING:
            made = level(TASK, split, seed)
            assert made.sites["goal"] == made.sites["side"]
            assert not entered_against_the_gaze(made)
