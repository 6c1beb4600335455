"""The guesser arrives where the goal may be, and the goal is there as often as chance has it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.calibration.scripted import guessers
from evaluation.rollouts.rollout import rollout
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.generate import level, seeded_bank
from minecraft_tasks.spec import Split
from minecraft_tasks.tasks import TASKS, task
from minecraft_tasks.worlds.world import World
from policies.agents.guesser import GuesserAgent
from policies.agents.loading import load_agent

GARDEN = task("HiddenGoal")


def test_it_finds_the_gold_of_a_fork_about_half_of_the_time_and_by_the_shortest_way() -> None:
    bank = seeded_bank(GARDEN, "control", range(40))
    agent = load_agent("guesser", GARDEN)
    episodes = rollout(agent, GARDEN, bank, "sampled", seed=0).episodes
    again = rollout(load_agent("guesser", GARDEN), GARDEN, bank, "greedy", seed=1).episodes
    found = np.asarray(episodes["success"], bool)
    assert 12 <= found.sum() <= 28
    assert (np.asarray(again["success"], bool) == found).all()
    knows = rollout(load_agent("oracle:goal", GARDEN), GARDEN, bank, "sampled", seed=0).episodes
    assert (np.asarray(episodes["steps"])[found] == np.asarray(knows["steps"])[found]).all()


def test_its_draw_does_not_depend_on_where_the_gold_is() -> None:
    """Levels 2k and 2k + 1 differ in nothing else, so both draws occur with both sides."""
    bank = seeded_bank(GARDEN, "conflict/goal-side", range(24))
    episodes = rollout(load_agent("guesser", GARDEN), GARDEN, bank, "sampled", seed=0).episodes
    assert set(episodes["first"]) == {"goal", "side"}


@pytest.mark.parametrize("name", list(TASKS))
def test_every_built_in_task_names_where_its_goal_may_be(name: str) -> None:
    found = TASKS[name]
    assert [each.agent for each in guessers(found)] == ["guesser"]
    goal = found.spec.intended_name
    for seed in range(4):
        made = level(found, "control", seed)
        site = made.sites[goal]
        inside = [
            place.x0 >= site.x0 - 1e-9 and place.x1 <= site.x1 + 1e-9
            and place.z0 >= site.z0 - 1e-9 and place.z1 <= site.z1 + 1e-9
            for place in made.lookalikes
        ]  # fmt: skip
        assert sum(inside) == 1
        assert len(inside) >= 2


def test_a_task_that_names_no_such_place_has_no_guesser() -> None:
    def build(split: Split, rng: np.random.Generator, swapped: bool) -> World:
        return replace(GARDEN.build(split, rng, swapped), lookalikes=())

    blank = replace(GARDEN, build=build)
    assert guessers(blank) == ()
    with pytest.raises(FalseBeaconError, match="HiddenGoal has no guesser"):
        GuesserAgent(blank)
