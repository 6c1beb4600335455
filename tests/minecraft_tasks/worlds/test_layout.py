from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minecraft_tasks.blocks.palette import AIR, PALETTE, block_id
from minecraft_tasks.core.errors import UnknownNameError
from minecraft_tasks.levels.generate import level
from minecraft_tasks.tasks import task
from minecraft_tasks.worlds import layout, maze
from minecraft_tasks.worlds.meadow import Bay, Room, bays_on, build_shrine
from tests.support.plans import draw


def reachable(east: np.ndarray, south: np.ndarray) -> int:
    size = east.shape[1]
    found, queue = {(0, 0)}, [(0, 0)]
    while queue:
        i, j = queue.pop()
        steps = []
        if i + 1 < size and east[i, j]:
            steps.append((i + 1, j))
        if i > 0 and east[i - 1, j]:
            steps.append((i - 1, j))
        if j + 1 < size and south[i, j]:
            steps.append((i, j + 1))
        if j > 0 and south[i, j - 1]:
            steps.append((i, j - 1))
        queue += [cell for cell in steps if cell not in found]
        found.update(steps)
    return len(found)


@settings(max_examples=30, deadline=None)
@given(size=st.integers(2, 8), seed=st.integers(0, 2**32))
def test_a_spanning_tree_joins_every_cell_by_one_way(size: int, seed: int) -> None:
    east, south = layout.spanning_tree(size, np.random.default_rng(seed))
    assert east.sum() + south.sum() == size * size - 1
    assert reachable(east, south) == size * size


def test_spanning_trees_of_a_3x3_grid_are_the_192_there_are() -> None:
    rng = np.random.default_rng(0)
    trees = {
        (east.tobytes(), south.tobytes())
        for east, south in (layout.spanning_tree(3, rng) for _ in range(4000))
    }
    assert len(trees) == 192


@settings(max_examples=50, deadline=None)
@given(
    cells=st.lists(st.integers(0, 1), min_size=20, max_size=20),
    turns=st.integers(0, 3),
    mirrored=st.booleans(),
)
def test_the_layout_hash_is_shared_by_rotations_and_mirror_images(
    cells: list[int], turns: int, mirrored: bool
) -> None:
    plan = np.array(cells, np.uint8).reshape(4, 5)
    image = np.rot90(plan.T if mirrored else plan, turns)
    assert layout.layout_hash(plan) == layout.layout_hash(image)
    changed = plan.copy()
    changed[0, 0] ^= 1
    if sorted(changed.ravel()) != sorted(plan.ravel()):
        assert layout.layout_hash(plan) != layout.layout_hash(changed)


def test_a_wall_encloses_its_room() -> None:
    blocks = layout.ground((6, 5, 5))
    layout.ring(blocks, 2, 2, 4, 3, 2, "cobblestone")
    plan = (blocks[:, 1] == block_id("cobblestone")).T.astype(int)
    assert plan.tolist() == [
        [0, 0, 0, 0, 0, 0],
        [0, 1, 1, 1, 1, 0],
        [0, 1, 0, 0, 1, 0],
        [0, 1, 1, 1, 1, 0],
        [0, 0, 0, 0, 0, 0],
    ]
    assert (blocks[:, 3:] == AIR).all()


def names(blocks: np.ndarray, y: int) -> list[list[str]]:
    return [[PALETTE[block].name for block in row] for row in blocks[:, y].T]


def test_the_altar_stands_between_pillars_with_steps_before_it() -> None:
    blocks = layout.ground((5, 6, 3))
    site = build_shrine(blocks, Bay(2, 1, 0, 1))
    air, slab, gold, pillar = "air", "stone_brick_slab", "gold_block", "stone_bricks"
    assert names(blocks, 1) == [
        [air] * 5,
        [pillar, slab, gold, slab, pillar],
        [air, slab, slab, slab, air],
    ]
    assert names(blocks, 4)[1] == [pillar] * 5
    assert site == (1.7, 1.9, 0.7, 3.3, 4.0, 2.3)


def test_a_bay_turns_with_its_wall() -> None:
    room = Room(0, 0, 10, 10)
    for wall, cell in {"e": (7, 3), "w": (2, 3), "n": (3, 2), "s": (3, 7)}.items():
        bay = bays_on(room, wall)[0]
        assert bay.at(0, 1) == cell
        assert bay.at(0, -2) not in {(x, z) for x in range(10) for z in range(10)}


def test_a_heading_is_fair_if_both_targets_take_as_much_turning() -> None:
    rng = np.random.default_rng(0)
    targets = np.array([[-5.0, 0.0], [5.0, 0.0]])
    yaws = {layout.fair_yaw(0.0, 0.0, targets, rng) % 180.0 for _ in range(300)}
    assert yaws == {0.0, 15.0, 165.0}


def test_the_gap_of_a_maze_leads_out() -> None:
    made = level(task("GreenArrowMaze"), "heldout", 0)
    plan = draw(made).splitlines()
    site = made.sites["end"]
    x, z = (site.x0 + site.x1) / 2, (site.z0 + site.z1) / 2
    assert plan[int(z)][int(x)] == "."
    assert sum(row.count("@") for row in plan) == 1
    size = round((sum("o" in row for row in plan) - 1) / maze.PITCH)
    corner = maze.sunward_corner(size, made.time)
    centre = 13 + (np.array(corner) - (size - 1) / 2) * maze.PITCH
    assert made.sites["arrow"] == made.sites["corner"]
    assert made.sites["corner"].x0 + 1 == pytest.approx(centre[0], abs=0.51)
    assert made.sites["corner"].z0 + 1 == pytest.approx(centre[1], abs=0.51)


def test_distances_in_a_maze_go_around_the_hedges() -> None:
    hedges = np.array(
        [
            [1, 1, 1, 1, 1, 1, 1],
            [1, 0, 0, 1, 0, 0, 1],
            [1, 0, 0, 1, 0, 0, 1],
            [1, 0, 0, 1, 0, 0, 1],
            [1, 0, 0, 0, 0, 0, 1],
            [1, 0, 0, 0, 0, 0, 1],
            [1, 1, 1, 1, 1, 1, 1],
        ],
        bool,
    ).T
    start = maze.RimCell(0, 0, 0, -1)
    assert maze.distances(hedges, 2, start).tolist() == [[0, 1], [3, 2]]


def test_an_unknown_block_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="gold_block"):
        block_id("goldblock")
