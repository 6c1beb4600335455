"""What every kind of agent does that `load_agent` takes."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import stable_baselines3
from gymnasium import Env, spaces

from evaluation.records.episodes import Records
from evaluation.rollouts.rollout import rollout
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.base import Agent, Decision
from policies.agents.loading import load_agent
from policies.runs.agent_names import AgentOrigin, origin_of
from policies.runs.checkpoints import newest_checkpoint
from policies.runs.config import make_config
from policies.training.reporters import LineReporter
from policies.training.train import train

TASK = task("BeaconShrine")
LEVELS = 2
WRAPPERS = "action_repeat:repeat=2,sticky_actions:probability=0.5,grey,frame_stack:n=2"
MODULE = """
import numpy as np

class Turning:
    def act(self, observations, starts):
        return observations.reshape(len(observations), -1).sum(axis=1, dtype=int) % 3

def make(spec):
    return Turning()
"""


class Shown(Env):
    """Has the spaces of a task, for models that are only saved."""

    observation_space = spaces.Box(0, 255, (64, 64, 3), np.uint8)
    action_space = spaces.Discrete(3)


def run(directory: Path, wrappers: str = "") -> Path:
    config = make_config(
        task="BeaconShrine", steps=32, num_envs=4, n_steps=8, epochs=1, minibatches=2, hidden=16,
        layouts=4, heldout_levels=0, checkpoints=1, first_checkpoint=32, threads=1,
        precision="float32", wrappers=wrappers,
    )  # fmt: skip
    return train(config, out=directory, reporter=LineReporter(io.StringIO(), seconds=0.0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Holds a run, one in wrappers, models of Stable-Baselines3, and a module with a factory."""
    made = tmp_path_factory.mktemp("agents")
    run(made / "plain")
    run(made / "wrapped", WRAPPERS)
    stable_baselines3.PPO("CnnPolicy", Shown(), device="cpu", seed=0).save(made / "ppo.zip")
    stable_baselines3.DQN("CnnPolicy", Shown(), device="cpu", seed=0, buffer_size=1).save(
        made / "dqn.zip"
    )
    (made / "contract_foreign.py").write_text(MODULE)
    sys.path.insert(0, str(made))
    yield made
    sys.path.remove(str(made))


KINDS = {
    "run": "{0}/plain",
    "run in wrappers": "{0}/wrapped",
    "sb3 actor-critic": "sb3:{0}/ppo.zip",
    "sb3 greedy": "sb3:{0}/dqn.zip",
    "oracle": "oracle:beacon",
    "noisy oracle": "oracle:altar,noise=0.3",
    "searching oracle": "oracle:beacon,search=turn",
    "device": "device:wall:right",
    "nearest": "device:nearest",
    "device:random": "device:random",
    "random": "random",
    "factory": "contract_foreign:make",
    "blind": "blind:{0}/plain",
    "memoryless": "memoryless:{0}/plain",
    "both": "blind:memoryless:{0}/wrapped",
    "blind oracle": "blind:oracle:beacon",
}


@pytest.fixture(params=KINDS.values(), ids=KINDS)
def name(request: pytest.FixtureRequest, folder: Path) -> str:
    return request.param.format(folder)


@pytest.fixture(scope="module")
def bank() -> LevelBank:
    """Levels whose episodes are short."""
    bank = seeded_bank(TASK, "heldout", range(LEVELS))
    return replace(bank, time_limits=np.full(LEVELS, 24))


def decisions(agent: Agent, bank: LevelBank, count: int = 12) -> list[Decision]:
    """What an agent answers at the start of some episodes, while others act for it."""
    env = MinecraftTaskVectorEnv(TASK, bank, LEVELS)
    frames, _ = env.reset(options={"levels": range(LEVELS)})
    agent.start(env)
    starts, answers = np.ones(LEVELS, bool), []
    for index in range(count):
        answers.append(agent.act(frames, starts))
        frames, _, terminated, truncated, _ = env.step(np.full(LEVELS, index % 3))
        starts = terminated | truncated
    return answers


def same(left: Decision, right: Decision) -> None:
    for field in ("log_probs", "actions", "values"):
        one, other = getattr(left, field), getattr(right, field)
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_array_equal(one, other)


def test_decisions_have_the_shapes_that_are_promised(name: str, bank: LevelBank) -> None:
    agent = load_agent(name, TASK, trust=True)
    assert agent.name == name
    for decision in decisions(agent, bank):
        assert decision.log_probs is not None or decision.actions is not None
        if decision.log_probs is not None:
            assert decision.log_probs.shape == (LEVELS, 3)
            np.testing.assert_allclose(np.exp(decision.log_probs).sum(axis=1), 1, rtol=1e-5)
        if decision.actions is not None:
            assert decision.actions.shape == (LEVELS,)
            assert decision.actions.dtype.kind == "i"
            assert ((decision.actions >= 0) & (decision.actions < 3)).all()
        if decision.values is not None:
            assert decision.values.shape == (LEVELS,)


def test_an_agent_that_is_started_again_forgets_everything(name: str, bank: LevelBank) -> None:
    agent = load_agent(name, TASK, trust=True)
    first, again = decisions(agent, bank), decisions(agent, bank)
    for one, other in zip(first, again, strict=True):
        same(one, other)


def played(name: str, bank: LevelBank, num_envs: int) -> Records:
    return rollout(
        load_agent(name, TASK, trust=True), TASK, bank, "sampled", seed=0, num_envs=num_envs
    )


def test_an_episode_is_the_same_whichever_are_played_beside_it(name: str, bank: LevelBank) -> None:
    together, alone = played(name, bank, LEVELS), played(name, bank, 1)
    assert together.episodes["valid"].all()
    for table, other in ((together.episodes, alone.episodes), (together.steps, alone.steps)):
        for column in ("episode", "steps", "success", "t", "action", "x", "z", "yaw"):
            if column in table.columns:
                np.testing.assert_array_equal(table[column], other[column], err_msg=column)


def test_its_origin_is_told(name: str, folder: Path) -> None:
    origin = origin_of(load_agent(name, TASK, trust=True))
    if name.startswith("sb3:"):
        assert origin == AgentOrigin(checkpoint=name.removeprefix("sb3:"))
    elif str(folder) in name:
        run_directory = Path(origin.run or "")
        assert name.endswith(str(run_directory))
        assert origin.checkpoint == str(newest_checkpoint(run_directory))
        assert origin.steps == 32
    else:
        assert (origin.run, origin.checkpoint, origin.steps) == (None, None, None)
    assert origin.ablations == tuple(
        part for part in name.split(":") if part in ("blind", "memoryless")
    )


def test_what_repeats_in_training_repeats_when_it_is_judged(folder: Path, bank: LevelBank) -> None:
    """A run, its checkpoint, and the same zip elsewhere, without the run."""
    checkpoint = newest_checkpoint(folder / "wrapped")
    copied = folder / "copied.zip"
    copied.write_bytes(checkpoint.read_bytes())
    taken = {}
    for name in (str(folder / "wrapped"), str(checkpoint), f"sb3:{copied}"):
        steps = played(name, bank, LEVELS).steps
        taken[name] = steps["action"]
        for episode in range(LEVELS):
            chosen = steps["action"][(steps["episode"] == episode) & (steps["t"] >= 0)]
            even = chosen[: len(chosen) // 2 * 2].reshape(-1, 2)
            assert (even[:, 0] == even[:, 1]).all()
            assert len(set(chosen.tolist())) > 1
    first, *others = taken.values()
    for other in others:
        np.testing.assert_array_equal(first, other)
