from __future__ import annotations

import math

import numpy as np
import pytest

from minecraft_tasks.actions import NAVIGATION, Action, navigation
from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError
from minecraft_tasks.infos import played
from minecraft_tasks.levels.generate import level, seeded_bank
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.navigation.cost_to_go import UNREACHABLE, cost_at, cost_to_go
from minecraft_tasks.navigation.lattice import make_lattice
from minecraft_tasks.navigation.pursuit import costs
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks import TASKS
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.oracles import OracleAgent
from tests.support.plans import world

AHEAD = """
    ...........
    ...........
    ...........
    ...@.......
    ...........
    ...........
    ...........
    ...........
    ...........
    ...R.......
    ...........
"""
BEHIND_A_WALL = """
    ...........
    ...........
    ...........
    ...@.......
    ...........
    ########...
    ...........
    ...........
    ...........
    ...R.......
    ...........
"""
WALLED_IN = """
    ...........
    .#######...
    .#.....#...
    .#.@...#...
    .#.....#...
    .#######...
    ...........
    ...........
    ...........
    ...R.......
    ...........
"""


def fewest(plan: str, yaw: float = 0.0) -> float:
    return costs(world(plan, yaw), 100).optimal["post"]


def test_walking_straight_costs_its_distance() -> None:
    # The site begins 0.6 blocks before the post: 4.9 blocks from the spawn, at 0.8634 a decision.
    assert fewest(AHEAD) == pytest.approx(4.9 / 0.8634, abs=0.6)


def test_a_turn_costs_a_decision_for_every_15_degrees() -> None:
    assert fewest(AHEAD, 180.0) - fewest(AHEAD) == pytest.approx(12, abs=1.1)
    assert fewest(AHEAD, 90.0) == pytest.approx(fewest(AHEAD, -90.0), abs=0.2)


def test_a_turn_costs_a_decision_for_every_angle_that_a_task_turns_by() -> None:
    ahead, back = (
        costs(world(AHEAD, yaw), 100, headings=4).optimal["post"] for yaw in (0.0, 180.0)
    )
    assert ahead == pytest.approx(fewest(AHEAD), abs=0.1)
    assert back - ahead == pytest.approx(2, abs=0.1)


def test_longer_decisions_are_fewer_decisions() -> None:
    longer = costs(world(AHEAD), 100, ticks=7)
    assert longer.optimal["post"] == len(longer.paths["post"]) == math.ceil(4.9 / (0.8634 * 7 / 4))


def test_only_forward_and_equal_turns_are_planned_for() -> None:
    plain = TASKS["BeaconShrine"].spec.model_dump()

    def headings(*actions: Action) -> int:
        return TaskSpec.model_validate(plain | {"actions": actions}).headings

    assert headings(*NAVIGATION) == 24
    assert headings(*navigation(90.0)) == 4
    jump = Action(name="jump", jump=True)
    for actions in ((*NAVIGATION, jump), NAVIGATION[:2], navigation(50.0), ()):
        with pytest.raises(FalseBeaconError, match="cannot be planned for"):
            headings(*actions)


def test_a_wall_is_walked_around() -> None:
    around = costs(world(BEHIND_A_WALL), 100)
    assert around.optimal["post"] > fewest(AHEAD) + 8
    assert (around.paths["post"][:, 0] > 7.9).any()


def test_what_is_walled_in_reaches_nothing() -> None:
    made = world(WALLED_IN)
    lattice = make_lattice(made.blocks)
    assert (
        cost_at(lattice.height, cost_to_go(lattice, made.sites["post"]), made.spawn) >= UNREACHABLE
    )
    assert len(costs(made, 50).paths["post"]) == 50


@pytest.mark.parametrize("name", list(TASKS))
def test_leaving_out_what_is_out_of_reach_changes_no_cost(name: str) -> None:
    """Tops of walls go, and nothing that can be walked to; every cost stays what it is."""
    spec = TASKS[name].spec
    split = next(split.name for split in spec.splits if split.kind == "conflict")
    made = level(TASKS[name], split, 0)
    whole = make_lattice(made.blocks, spec.ticks, spec.headings)
    near = make_lattice(made.blocks, spec.ticks, spec.headings, made.spawn[:3])
    kept = ~np.isnan(near.height)
    assert 0 < kept.sum() < (~np.isnan(whole.height)).sum()
    for site in made.sites.values():
        np.testing.assert_array_equal(cost_to_go(near, site)[kept], cost_to_go(whole, site)[kept])


def test_a_dais_is_climbed_by_its_steps() -> None:
    made = world(
        """
        .........
        .........
        .........
        ....@....
        .........
        .........
        ...___...
        ..._G_...
        .........
        """
    )
    path = costs(made, 60).paths["altar"]
    assert len(path) < 12
    assert path[-1, 1] == pytest.approx(2.0)
    without = world(
        """
        .........
        .........
        .........
        ....@....
        .........
        .........
        .........
        ....G....
        .........
        """
    )
    assert costs(without, 60).optimal["altar"] >= UNREACHABLE


@pytest.mark.parametrize("name", list(TASKS))
def test_oracles_follow_the_cost_to_go(name: str) -> None:
    """docs/method.md: within 1.1 of the fewest decisions at the median, 1.3 at the 95th %."""
    task = TASKS[name]
    splits = [split.name for split in task.spec.splits if split.levels]
    bank = locked_bank(task, splits, limit=1)
    for index, candidate in enumerate(task.spec.candidate_names):
        env = MinecraftTaskVectorEnv(task, bank, 16, order="sequential")
        taken = play(env, OracleAgent(task, candidate))[:, index]
        present = ~np.isnan(bank.optimal[:, index])
        assert (taken[present] > 0).all(), candidate
        assert (taken[~present] < 0).all()
        ratio = taken[present] / bank.optimal[present, index]
        assert np.median(ratio) <= 1.1, candidate
        assert np.quantile(ratio, 0.95) <= 1.3, candidate


def play(env: MinecraftTaskVectorEnv, agent: OracleAgent) -> np.ndarray:
    """Decision of each first touch, int64[L, C], of one episode per level."""
    agent.start(env)
    frames, _ = env.reset()
    starts = np.ones(env.num_envs, bool)
    touched = np.full((len(env.bank), len(env.task.spec.candidates)), -1)
    while not env.exhausted:
        actions = agent.act(frames, starts).actions
        assert actions is not None
        frames, _, terminated, truncated, info = env.step(actions)
        starts = terminated | truncated
        info = played(info)
        touched[info["level"][starts]] = info["first_touch"][starts]
    return touched


def test_an_oracle_refuses_what_it_cannot_pursue() -> None:
    with pytest.raises(UnknownNameError, match="altar"):
        OracleAgent(TASKS["BeaconShrine"], "alter")
    agent = OracleAgent(TASKS["BeaconShrine"], "altar")
    with pytest.raises(FalseBeaconError, match="start"):
        agent.act(np.zeros((1, 64, 64, 3), np.uint8), np.ones(1, bool))


def test_locked_costs_are_the_present_costs() -> None:
    for task in TASKS.values():
        bank = locked_bank(task, ["heldout"], limit=2)
        for row, seed in enumerate(bank.seeds):
            made = seeded_bank(task, "heldout", [int(seed)])
            np.testing.assert_array_equal(made.blocks[0], bank.blocks[row])
        made = level(task, "heldout", int(bank.seeds[0]))
        found = costs(made, 256, task.spec.ticks, task.spec.headings).optimal
        expected = [math.ceil(found[name]) for name in task.spec.candidate_names]
        assert bank.optimal[0].tolist() == expected
