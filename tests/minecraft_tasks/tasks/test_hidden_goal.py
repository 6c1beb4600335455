"""HiddenGoal asks for memory: what was seen at the spawn shows nowhere else before the fork."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from minecraft_tasks.actions import ActionTable
from minecraft_tasks.backends.base import Bodies
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.blocks.palette import block_id
from minecraft_tasks.levels.generate import generator, level
from minecraft_tasks.navigation.cost_to_go import UNREACHABLE, cost_at, cost_to_go
from minecraft_tasks.navigation.lattice import Lattice, make_lattice
from minecraft_tasks.navigation.pursuit import Costs, costs
from minecraft_tasks.tasks import task
from minecraft_tasks.worlds.garden import ARM, LOOKOUT, PASSAGE
from minecraft_tasks.worlds.layout import layout_hash
from minecraft_tasks.worlds.world import Pose, World

TASK = task("HiddenGoal")
GOLD = block_id("gold_block")
FORWARD = 0
TABLE = ActionTable.of(TASK.spec.actions)
NOON = np.array([6000])
YAWS = (-180.0, -90.0, 0.0, 90.0)
SPLITS = [split.name for split in TASK.spec.splits]
COINCIDING = ["train", "heldout", "control"]


def twins(split: str, seed: int) -> tuple[World, World]:
    """A level, and the same one with the gold in its other bay."""
    spec = TASK.spec.split(split)
    one, two = (TASK.build(spec, generator(TASK.spec, spec, seed), side) for side in (False, True))
    return one, two


def lattice_of(world: World) -> Lattice:
    return make_lattice(world.blocks, TASK.spec.ticks, TASK.spec.headings)


def fewest(world: World, limit: int = 64) -> Costs:
    return costs(world, limit, TASK.spec.ticks, TASK.spec.headings)


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
        for dx in (-0.29, 0.3, 0.4, 0.5, 0.6, 0.7, 1.29):
            for dz in (-0.29, 0.3, 0.4, 0.5, 0.6, 0.7, 1.29):
                over = (math.floor(x + dx), math.floor(z + dz))
                if over == (x, z) or over in arms:
                    for yaw in YAWS:
                        yield Pose(x + dx, float(PASSAGE), z + dz, yaw)


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
            seen = gold_seen(made, [made.spawn])[0]
            assert seen == 0 if hidden else seen > 100


def test_gold_is_still_seen_at_the_edge_of_the_look_out() -> None:
    for seed in range(6):
        for made in twins("train", seed):
            engine = VoxelBackend(1, made.blocks.shape)
            engine.place(np.zeros(1, np.int64), made.blocks[None], np.array([made.spawn]), NOON)
            engine.act(np.array([FORWARD]), TABLE, TASK.spec.ticks)
            assert engine.position[0, 1] == LOOKOUT
            ids = np.empty((1, 64, 64), np.uint8)
            engine.ids(ids)
            assert (ids == GOLD).sum() > 100


@pytest.mark.parametrize("split", ["train", "control", "conflict/goal-side", "only/goal"])
def test_gold_is_seen_from_nowhere_in_the_passage(split: str) -> None:
    for seed in range(2):
        for made in twins(split, seed):
            poses = list(stands(made))
            assert len(poses) > 400
            assert gold_seen(made, poses).sum() == 0


def test_an_arm_shows_the_gold_to_whoever_has_chosen_it() -> None:
    made, _ = twins("conflict/goal-side", 0)
    end = fewest(made).paths["goal"][-1]
    poses = [Pose(*end, yaw) for yaw in YAWS]
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


def beside(cell: tuple[int, int]) -> set[tuple[int, int]]:
    x, z = cell
    return {(x - 1, z), (x + 1, z), (x, z - 1), (x, z + 1)}


def fork_of(world: World) -> tuple[tuple[int, int], tuple[int, int]]:
    """The fork, and the cell before it."""
    arms, passage = set(cells(world, ARM)), cells(world, PASSAGE)
    fork = next(cell for cell in passage if len(beside(cell) & arms) == 2)
    return fork, next(cell for cell in passage if cell in beside(fork))


def taken(bodies: Bodies, which: np.ndarray) -> Bodies:
    return Bodies(*[values[which] for values in bodies])


def entries(world: World, cell: tuple[int, int]) -> Bodies:
    """Every state in which a body can come to a cell for the first time, whatever it did before.

    Goes through all that three actions lead to; a state that was met is not gone on from.
    """
    room, actions = 600, len(TASK.spec.actions)
    engine = VoxelBackend(room, world.blocks.shape)
    blocks, spawns = np.repeat(world.blocks[None], room, 0), np.tile(world.spawn, (room, 1))
    engine.place(np.arange(room), blocks, spawns, np.repeat(NOON, room))
    spare = engine.bodies()
    frontier, met, found = taken(spare, np.arange(1)), set(), []
    while len(frontier.yaw):
        count = len(frontier.yaw) * actions
        engine.restore(
            Bodies(
                *[
                    np.concatenate([np.repeat(new, actions, 0), old[count:]])
                    for new, old in zip(frontier, spare, strict=True)
                ]
            )
        )
        engine.act(np.arange(room) % actions, TABLE, TASK.spec.ticks)
        after, going_on = taken(engine.bodies(), np.arange(count)), []
        for n in range(count):
            place = after.position[n]
            state = (*place, *after.velocity[n], after.yaw[n], after.on_ground[n])
            key = tuple(np.round(np.array(state, np.float64), 6) + 0.0)
            if key in met:
                continue
            met.add(key)
            if (math.floor(place[0]), math.floor(place[2])) == cell:
                found.append(taken(after, np.array([n])))
            else:
                going_on.append(n)
        frontier = taken(after, np.array(going_on, np.int64))
    return Bodies(*[np.concatenate(values) for values in zip(*found, strict=True)])


@pytest.mark.parametrize(
    ("name", "size", "poses"), [("train", 1, 2), ("train", 2, 4), ("heldout", 1, 2)]
)
def test_the_last_leg_is_entered_in_few_poses_and_its_end_reached_in_one(
    name: str, size: int, poses: int
) -> None:
    """Of all that could be done since the gold was seen, next to nothing is left to see.

    Poses differ, by 0.4 blocks at most, by which walls were touched last: those in front by whoever
    goes on, those behind by whoever turns back.
    """
    split = TASK.spec.split(name).model_copy(update={"size": (size, size)})
    for seed in range(4):
        made = TASK.build(split, generator(TASK.spec, split, seed), False)
        fork, (x, z) = fork_of(made)
        step = (fork[0] - x, fork[1] - z)
        while made.layout[x - step[0], z - step[1]] == PASSAGE:
            x, z = x - step[0], z - step[1]
        found = entries(made, (x + step[0], z + step[1]))
        assert len(found.yaw) == poses
        apart = np.ptp(found.position, axis=0)
        along = 0 if step[0] else 2
        assert apart[along] == pytest.approx(0.4)
        assert apart[[1, 2 - along]].max() < 1e-6
        engine = VoxelBackend(poses, made.blocks.shape)
        blocks, spawns = np.stack([made.blocks] * poses), np.tile(made.spawn, (poses, 1))
        engine.place(np.arange(poses), blocks, spawns, NOON.repeat(poses))
        engine.restore(found)
        for _ in range(6):
            engine.act(np.full(poses, FORWARD), TABLE, TASK.spec.ticks)
        here = engine.bodies()
        assert (math.floor(here.position[0, 0]), math.floor(here.position[0, 2])) == fork
        assert np.ptp(here.position, axis=0).max() < 1e-6
        assert np.ptp(here.yaw) == 0


@pytest.mark.parametrize("split", ["train", "heldout", "control", "conflict/goal-side"])
def test_the_wrong_arm_is_never_left(split: str) -> None:
    for seed in range(3):
        made, twin = twins(split, seed)
        lattice = lattice_of(made)
        cost = cost_to_go(lattice, made.sites["goal"])
        wrong = fewest(twin).paths["goal"][-1]
        assert cost_at(lattice.height, cost, made.spawn) < UNREACHABLE
        for yaw in YAWS:
            assert cost_at(lattice.height, cost, Pose(*wrong, yaw)) >= UNREACHABLE


def test_nobody_climbs_back_to_the_look_out() -> None:
    made, _ = twins("train", 1)
    x, z = cells(made, LOOKOUT)[0]
    site = made.sites["goal"]._replace(
        x0=x, y0=LOOKOUT - 0.1, z0=z, x1=x + 1, y1=LOOKOUT + 0.1, z1=z + 1
    )
    lattice = lattice_of(made)
    cost = cost_to_go(lattice, site)
    for a, b in cells(made, PASSAGE):
        assert cost_at(lattice.height, cost, Pose(a + 0.5, PASSAGE, b + 0.5, 0.0)) >= UNREACHABLE


def test_both_sides_are_as_frequent_and_tell_nothing_of_the_rest() -> None:
    left = []
    for seed in range(200):
        made, twin = twins("train", seed)
        assert layout_hash(made.layout) == layout_hash(twin.layout)
        assert made.spawn == twin.spawn
        assert ((made.blocks != twin.blocks).any(axis=1)).sum() == 4
        left.append(bearing(made) < bearing(twin))
    assert 70 <= sum(left) <= 130


def entered_against_the_gaze(world: World) -> bool:
    """Whether the last step to the fork goes back to where the first gaze comes from."""
    fork, before = fork_of(world)
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
