"""The searcher finds what it looks for, and knows no more than it has seen."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.measures.capability import spl
from evaluation.rollouts.rollout import rollout
from minecraft_tasks.core.errors import UnknownNameError
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.tasks import TASKS, task
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.loading import load_agent
from policies.agents.searcher import SearcherAgent, _look

MAZE = task("GreenArrowMaze")


@pytest.mark.parametrize("of", TASKS.values(), ids=TASKS)
def test_it_finds_every_candidate_at_no_less_than_the_fewest_decisions(of: Task) -> None:
    for name in of.spec.candidate_names:
        bank = locked_bank(of, ["control", "skill"], 4)
        found = rollout(load_agent(f"searcher:{name}", of), of, bank, "sampled", seed=0).episodes
        lengths = spl(found, of.spec.candidate(name))
        assert (lengths > 0.1).all()
        taken = found.touches[:, of.spec.candidate(name)]
        assert np.median(taken / found.optimal[:, of.spec.candidate(name)]) > 0.95


def test_its_way_through_a_maze_costs_more_than_that_of_an_oracle() -> None:
    bank, lengths = locked_bank(MAZE, ["control"], 16), {}
    for agent in ("searcher:end", "oracle:end"):
        found = rollout(load_agent(agent, MAZE), MAZE, bank, "sampled", seed=0).episodes
        lengths[agent] = spl(found, 0).mean()
    assert lengths["searcher:end"] + 0.03 < lengths["oracle:end"]


def test_rays_stop_at_what_is_opaque_and_at_the_edge_of_the_field_of_view() -> None:
    opaque, known = np.zeros((9, 9), bool), np.zeros((9, 9), bool)
    opaque[:, 6] = True
    _look(opaque, known, 4.5, 2.5, 0.0)
    assert known[4, 2:7].all()
    assert not known[:, 7:].any()
    assert not known[:, :2].any()
    # 35 degrees to either side: 2.4 blocks at a distance of 3.5.
    assert known[2:7, 6].all()
    assert not known[0, 6]
    assert not known[8, 6]


def test_a_new_episode_begins_with_an_empty_map() -> None:
    bank = locked_bank(MAZE, ["control"], 2)
    env, agent = MinecraftTaskVectorEnv(MAZE, bank, 1), SearcherAgent(MAZE, "end")
    frames, _ = env.reset(options={"levels": np.array([0])})
    agent.start(env)
    starts = np.ones(1, bool)
    for _ in range(40):
        actions = agent.act(frames, starts).actions
        assert actions is not None
        frames, *_ = env.step(actions)
        starts[:] = False
    seen = int(agent._known.sum())
    frames, _ = env.reset(options={"levels": np.array([1])})
    agent.act(frames, np.ones(1, bool))
    assert 0 < agent._known.sum() < seen


def test_a_candidate_must_exist() -> None:
    with pytest.raises(UnknownNameError, match="'arrow'"):
        load_agent("searcher:arow", MAZE)
