"""The agents of docs/agents.md are judged as the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
import stable_baselines3
import torch
from gymnasium import spaces
from torch import nn

from evaluation.records.episodes import read_episodes, read_steps
from falsebeacon.main import main

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "agents.md").read_text()
MOST_LINES = 20
"""Of a factory with its imports and its class, without blank lines."""

CLEANRL = """
import numpy as np
import torch
from torch import nn
from torch.distributions.categorical import Categorical


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.network = nn.Sequential(
            nn.Conv2d(3, 4, 8, stride=8), nn.ReLU(), nn.Flatten(), nn.Linear(256, 16), nn.ReLU()
        )
        self.actor = nn.Linear(16, 3)
        self.critic = nn.Linear(16, 1)

    def get_value(self, x):
        return self.critic(self.network(x / 255.0))

    def get_action_and_value(self, x, action=None):
        hidden = self.network(x / 255.0)
        probs = Categorical(logits=self.actor(hidden))
        if action is None:
            action = probs.sample()
        return action, probs.log_prob(action), probs.entropy(), self.critic(hidden)
"""
"""An agent as CleanRL's PPO for images has it, but smaller."""


def block(name: str) -> str:
    """The code that the page puts into a file of that name."""
    found = re.search(rf"`{name}`.*?```python\n(.*?)```", PAGE, re.DOTALL)
    assert found, f"{name} stands on the page no more"
    return found[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's own folder, with the files of the page in it."""
    for name in ("mine.py", "mine_torch.py", "mine_sb3.py"):
        (tmp_path / name).write_text(block(name))
    (tmp_path / "ppo.py").write_text(CLEANRL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def judged(agent: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What two episodes of an agent left."""
    words = ["evaluate", "BeaconShrine", "--agent", agent, "--out", "out", "--splits", "heldout"]
    assert main([*words, "--levels", "2", "--modes", "sampled"]) == 0
    episodes = read_episodes(Path("out/episodes.parquet"))
    steps = read_steps(Path("out/steps.parquet"))
    assert episodes["valid"].all(), episodes["reason"]
    assert (episodes["steps"] > 0).all()
    return dict(episodes.columns), {k: v[steps["t"] >= 0] for k, v in steps.columns.items()}


@pytest.mark.parametrize("name", ["mine.py", "mine_torch.py", "mine_sb3.py"])
def test_a_factory_is_short(name: str) -> None:
    assert len([line for line in block(name).splitlines() if line.strip()]) < MOST_LINES


def test_the_first_example(folder: Path) -> None:
    _, steps = judged("mine:make")
    assert set(steps["action"]) == {0}


def test_a_policy_in_the_manner_of_cleanrl(folder: Path) -> None:
    space: dict[str, Any] = {}
    exec(CLEANRL, space)
    torch.manual_seed(0)
    agent: nn.Module = space["Agent"]()
    torch.save(agent.state_dict(), folder / "ppo.pt")
    _, steps = judged("mine_torch:make")
    probabilities = np.exp(np.stack([steps[f"logp_{action}"] for action in range(3)]))
    np.testing.assert_allclose(probabilities.sum(axis=0), 1, rtol=1e-5)
    assert np.ptp(probabilities) > 0
    assert np.isfinite(steps["value"]).all()


class Grey(gymnasium.Env):
    """Frames of one channel."""

    observation_space = spaces.Box(0, 255, (64, 64, 1), np.uint8)
    action_space = spaces.Discrete(3)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[np.ndarray, dict]:
        return np.zeros((64, 64, 1), np.uint8), {}


def test_a_zip_that_was_trained_on_grey_frames(folder: Path) -> None:
    stable_baselines3.PPO("CnnPolicy", Grey(), device="cpu", seed=0).save(folder / "model.zip")
    _, steps = judged("mine_sb3:make")
    assert set(steps["action"]) <= {0, 1, 2}
