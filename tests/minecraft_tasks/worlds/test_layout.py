from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minecraft_tasks.blocks.palette import AIR, PALETTE, block_id
from minecraft_tasks.core.errors import UnknownNameError
from minecraft_tasks.levels.generate import level
from minecraft_tasks.navigation.cost_to_go import cost_at, cost_to_go
from minecraft_tasks.navigation.lattice import make_lattice
from minecraft_tasks.tasks import task
from minecraft_tasks.worlds import layout, maze
from minecraft_tasks.worlds.meadow import Bay, Room, bays_on, build_shrine
from minecraft_tasks.worlds.world import Pose
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


def test_the_altar_stands_alone_before_pillars_in_the_wall() -> None:
    """So that a body comes to it as to a post, and the way there is as long."""
    shape, bay = (7, 7, 5), Bay(3, 2, 0, 1)
    blocks, post = layout.ground(shape), layout.ground(shape)
    for each in (blocks, post):
        each[:, 1:4, 0] = block_id("cobblestone")
    site = build_shrine(blocks, bay)
    layout.column(post, 3, 2, "red_wool")
    air, wall, pillar = "air", "cobblestone", "stone_bricks"
    assert names(blocks, 1)[0] == [wall, pillar, wall, wall, wall, pillar, wall]
    assert names(blocks, 1)[2] == [air] * 3 + ["gold_block"] + [air] * 3
    assert names(blocks, 5)[0] == [air, *[pillar] * 5, air]
    assert site == layout.cell_site(3, 2)
    heights = [make_lattice(each, start=(3.5, 1.0, 4.5)).height for each in (blocks, post)]
    np.testing.assert_array_equal(heights[0], heights[1])


def test_a_bay_turns_with_its_wall() -> None:
    room = Room(0, 0, 10, 10)
    for wall, cell in {"e": (7, 3), "w": (2, 3), "n": (3, 2), "s": (3, 7)}.items():
        bay = bays_on(room, wall)[0]
        assert bay.at(0, 1) == cell
        assert bay.at(0, -2) not in {(x, z) for x in range(10) for z in range(10)}


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
    assert made.sites["arrow"] == made.sites["corner"] == site
    # From the middle of the corner cell to that of the gap, of which half lies out on the grass.
    assert sorted(np.abs(np.array([x, z]) - centre)) == pytest.approx([0.0, 2.75], abs=0.51)


def test_a_body_comes_to_an_alcove_as_to_a_gap() -> None:
    """Nothing but the hedge behind it tells a blind alcove, so neither is nearer."""
    placed = maze.Maze(1, 1, 2)
    for cell in maze.rim(2):
        costs = []
        for opened in (maze.open_gap, maze.dig_alcove):
            blocks = layout.ground((9, 6, 9))
            maze.build_hedges(blocks, placed, np.random.default_rng(5))
            site = opened(blocks, placed, cell)
            lattice = make_lattice(blocks)
            x, z = placed.middles()[3 - 2 * cell.i - cell.j]
            pose = Pose(float(x), 1.0, float(z), 0.0)
            costs.append(cost_at(lattice.height, cost_to_go(lattice, site), pose))
        assert costs[0] == pytest.approx(costs[1], abs=1e-3)


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
