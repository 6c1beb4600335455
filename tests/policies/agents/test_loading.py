"""Agents of every origin load, act in batches, and say what is wrong when they cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sb3_contrib
import stable_baselines3
import torch
from gymnasium import Env, spaces
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy

from minecraft_tasks.core.errors import (
    CorruptFileError,
    FalseBeaconError,
    StaleError,
    UnknownNameError,
)
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.base import Agent, Decision, RandomAgent
from policies.agents.loading import load_agent
from policies.networks.encoder import policy_kwargs
from policies.runs.config import make_config
from policies.runs.record import create_run
from policies.training.checkpoint import save_checkpoint

TASK = task("BeaconShrine")
SLOTS = 3


class Blank(Env):
    """Black frames of a given size, and some actions."""

    def __init__(self, side: int = 64, actions: int = 3) -> None:
        self.observation_space = spaces.Box(0, 255, (side, side, 3), np.uint8)
        self.action_space = spaces.Discrete(actions)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[np.ndarray, dict]:
        return np.zeros(self.observation_space.shape or (), np.uint8), {}


@pytest.fixture
def env() -> MinecraftTaskVectorEnv:
    return MinecraftTaskVectorEnv(TASK, seeded_bank(TASK, "train", range(SLOTS)), SLOTS, seed=0)


def recurrent(side: int = 64, actions: int = 3) -> Any:
    return sb3_contrib.RecurrentPPO(
        RecurrentActorCriticPolicy,
        Blank(side, actions),
        policy_kwargs=policy_kwargs(hidden=16),
        seed=0,
        device="cpu",
    )


def random_frames(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (SLOTS, 64, 64, 3), dtype=np.uint8)


def begin(agent: Agent, env: MinecraftTaskVectorEnv) -> Decision:
    observations, _ = env.reset(seed=0)
    agent.start(env)
    return agent.act(observations, np.ones(SLOTS, bool))


def test_random_is_uniform(env: MinecraftTaskVectorEnv) -> None:
    decision = begin(load_agent("random", TASK), env)
    assert decision.log_probs is not None
    np.testing.assert_allclose(np.exp(decision.log_probs), np.full((SLOTS, 3), 1 / 3), rtol=1e-6)
    assert isinstance(load_agent("random", TASK), RandomAgent)


def test_recurrent_agents_act_as_the_stock_policy_predicts(
    env: MinecraftTaskVectorEnv, tmp_path: Path
) -> None:
    model = recurrent()
    with torch.no_grad():
        model.policy.action_net.weight.mul_(100)
    model.save(tmp_path / "model.zip")
    agent = load_agent(f"sb3:{tmp_path / 'model.zip'}", TASK, trust=True)
    agent.start(env)
    state = None
    for index in range(4):
        frames, starts = random_frames(index), np.array([index == 0, index == 2, index == 0])
        decision = agent.act(frames, starts)
        actions, state = model.predict(frames, state, starts, deterministic=True)
        assert decision.log_probs is not None
        assert decision.values is not None
        assert decision.log_probs.dtype == np.float32
        assert (decision.log_probs.argmax(1) == actions).all()
        np.testing.assert_allclose(np.exp(decision.log_probs).sum(1), 1, rtol=1e-5)


def test_states_are_kept_per_slot_and_zeroed_on_starts(
    env: MinecraftTaskVectorEnv, tmp_path: Path
) -> None:
    recurrent().save(tmp_path / "model.zip")
    agent = load_agent(f"sb3:{tmp_path / 'model.zip'}", TASK, trust=True)
    fresh = begin(agent, env).log_probs
    observations, _ = env.reset(seed=0)
    later = agent.act(observations, np.array([True, False, False])).log_probs
    assert fresh is not None
    assert later is not None
    np.testing.assert_allclose(later[0], fresh[0], atol=1e-6)
    assert abs(later[1:] - fresh[1:]).max() > 1e-6


@pytest.mark.parametrize("name", ["PPO", "A2C", "DQN"])
def test_agents_without_memory(name: str, env: MinecraftTaskVectorEnv, tmp_path: Path) -> None:
    settings = {"buffer_size": 10} if name == "DQN" else {}
    model = getattr(stable_baselines3, name)("CnnPolicy", Blank(), device="cpu", **settings)
    model.save(tmp_path / "model.zip")
    agent = load_agent(f"sb3:{tmp_path / 'model.zip'}", TASK, trust=True)
    begin(agent, env)
    frames = random_frames()
    decision = agent.act(frames, np.zeros(SLOTS, bool))
    expected, _ = model.predict(frames, deterministic=True)
    actions = decision.actions if decision.log_probs is None else decision.log_probs.argmax(1)
    assert actions is not None
    assert (actions == expected).all()
    assert (decision.values is None) == (name == "DQN")


def test_other_spaces_are_named(tmp_path: Path) -> None:
    recurrent(side=36).save(tmp_path / "small.zip")
    with pytest.raises(FalseBeaconError, match=r"36.*BeaconShrine shows Box"):
        load_agent(f"sb3:{tmp_path / 'small.zip'}", TASK, trust=True)
    recurrent(actions=5).save(tmp_path / "five.zip")
    with pytest.raises(FalseBeaconError, match=r"Discrete\(5\).*Discrete\(3\)"):
        load_agent(f"sb3:{tmp_path / 'five.zip'}", TASK, trust=True)


def test_files_that_are_missing_or_broken(tmp_path: Path) -> None:
    with pytest.raises(FalseBeaconError, match="does not exist"):
        load_agent(f"sb3:{tmp_path / 'nothing.zip'}", TASK, trust=True)
    (tmp_path / "broken.zip").write_bytes(b"PK not really")
    with pytest.raises(CorruptFileError, match=r"broken\.zip"):
        load_agent(f"sb3:{tmp_path / 'broken.zip'}", TASK, trust=True)
    with pytest.raises(FalseBeaconError, match="no run at"):
        load_agent(str(tmp_path), TASK)
    with pytest.raises(FalseBeaconError, match="write sb3:"):
        load_agent(str(tmp_path / "broken.zip"), TASK)


def test_runs_load_their_newest_sound_checkpoint(
    env: MinecraftTaskVectorEnv, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create_run(tmp_path, make_config(task="BeaconShrine", hidden=16), TASK.spec)
    (tmp_path / "checkpoints").mkdir()
    with pytest.raises(FalseBeaconError, match="no checkpoint"):
        load_agent(str(tmp_path), TASK)
    model = recurrent()
    model.num_timesteps = 100
    save_checkpoint(model, tmp_path)
    (tmp_path / "checkpoints" / "000000200.zip").write_bytes(b"cut short")
    agent = load_agent(str(tmp_path), TASK)
    assert begin(agent, env).log_probs is not None
    assert "000000200.zip is corrupt" in capsys.readouterr().err
    checkpoint = str(tmp_path / "checkpoints" / "000000100.zip")
    assert load_agent(checkpoint, TASK).name == checkpoint
    with pytest.raises(StaleError, match="not of GreenArrowMaze"):
        load_agent(str(tmp_path), task("GreenArrowMaze"))


FOREIGN = """
import numpy as np

class Forward:
    def act(self, observations, starts):
        return np.zeros(len(observations), int)

class Wordy:
    def act(self, observations, starts):
        return ["forward"] * len(observations)

def make(spec): return Forward()
def wordy(spec): return Wordy()
def useless(spec): return 3
def failing(spec): raise ValueError("no weights here")
"""


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "foreign_agents.py").write_text(FOREIGN)
    (tmp_path / "spoiled_agents.py").write_text("import numpy as np\nnp.nothing_there\n")
    monkeypatch.chdir(tmp_path)
    return "foreign_agents"


def test_foreign_agents(foreign: str, env: MinecraftTaskVectorEnv) -> None:
    decision = begin(load_agent(f"{foreign}:make", TASK), env)
    assert decision.actions is not None
    assert (decision.actions == 0).all()
    with pytest.raises(FalseBeaconError, match="whole numbers"):
        begin(load_agent(f"{foreign}:wordy", TASK), env)
    with pytest.raises(FalseBeaconError, match="no method act"):
        load_agent(f"{foreign}:useless", TASK)
    with pytest.raises(FalseBeaconError, match="no weights here"):
        load_agent(f"{foreign}:failing", TASK)
    with pytest.raises(UnknownNameError, match="nobody"):
        load_agent(f"{foreign}:nobody", TASK)
    with pytest.raises(FalseBeaconError, match="nothing_there"):
        load_agent("spoiled_agents:make", TASK)


@pytest.mark.parametrize("text", ["randon", "no_such_module:make", "oracle:unicorn", "runs/none"])
def test_unknown_names(text: str) -> None:
    with pytest.raises(UnknownNameError, match=text.rpartition(":")[2].split("/")[-1]):
        load_agent(text, TASK)
