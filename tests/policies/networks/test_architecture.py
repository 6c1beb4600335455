"""Runs of every architecture: trained, resumed, loaded by the stock class, and judged alike."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.generate import seeded_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.loading import load_agent
from policies.ppo.recurrent_ppo import StockRecurrentPPO
from policies.runs.checkpoints import newest_checkpoint
from policies.runs.config import Architecture, TrainingConfig, make_config
from policies.runs.progress import read_rows
from policies.runs.record import read_run
from policies.training.reporters import LineReporter
from policies.training.train import train

TASK = task("BeaconShrine")


def small(architecture: str, **changes: Any) -> TrainingConfig:
    settings: dict[str, Any] = {
        "task": TASK.spec.name,
        "architecture": architecture,
        "steps": 64,
        "num_envs": 4,
        "n_steps": 8,
        "epochs": 1,
        "minibatches": 2,
        "hidden": 16,
        "layouts": 4,
        "heldout_levels": 0,
        "threads": 1,
        "precision": "float32",
    }
    return make_config(**settings | changes)


def quiet() -> LineReporter:
    return LineReporter(io.StringIO(), seconds=0.0)


@pytest.mark.parametrize("architecture", get_args(Architecture))
def test_a_run_is_trained_resumed_and_judged(architecture: str, tmp_path: Path) -> None:
    directory = train(small(architecture), out=tmp_path / "run", reporter=quiet())
    train(small(architecture, steps=96), resume=directory, reporter=quiet())
    assert read_run(directory).config.architecture == architecture
    assert read_rows(directory / "progress.csv")[-1].steps == 96

    stock: Any = StockRecurrentPPO.load(newest_checkpoint(directory), device="cpu")
    env = MinecraftTaskVectorEnv(TASK, seeded_bank(TASK, "train", range(3)), 3)
    agent = load_agent(str(directory), TASK)
    agent.start(env)
    observations, _ = env.reset(seed=0)
    starts, state = np.ones(3, bool), None
    for index in range(12):
        decision = agent.act(observations, starts)
        actions, state = stock.predict(observations, state, starts, deterministic=True)
        assert decision.log_probs is not None
        assert (decision.log_probs.argmax(1) == actions).all()
        observations, _, terminated, truncated, _ = env.step(np.full(3, index % 3))
        starts = terminated | truncated | (np.arange(3) == index - 5)


def test_another_architecture_cannot_resume_a_run(tmp_path: Path) -> None:
    directory = train(small("cnn"), out=tmp_path / "run", reporter=quiet())
    with pytest.raises(FalseBeaconError, match="these differ: architecture"):
        train(small("transformer", steps=96), resume=directory, reporter=quiet())


def test_an_unknown_architecture_is_named() -> None:
    with pytest.raises(FalseBeaconError, match=r"architecture = 'rnn'.*'frame-stack'"):
        small("rnn")


def test_gates_of_an_lstm_remember_over_the_span(tmp_path: Path) -> None:
    """Without input, units forget at rates from at once to one over the span."""
    span, own = 64, []
    for changes in ({"memory_span": span}, {}):
        run = train(small("cnn-lstm", hidden=256, **changes), out=tmp_path / str(len(changes)))
        lstm: Any = StockRecurrentPPO.load(newest_checkpoint(run)).policy.lstm_actor
        cell, left = torch.ones(1, 1, 256), []
        nothing = torch.zeros(1, 1, lstm.input_size)
        with torch.no_grad():
            for _ in range(span // 2):
                _, (_, cell) = lstm(nothing, (torch.zeros(1, 1, 256), cell))
                left.append(cell.flatten())
        own.append(torch.stack(left))
    remembering, stock = own
    assert (stock[4] > 0.2).float().mean() < 0.05
    assert (remembering[4] > 0.2).float().mean() > 0.8
    assert (remembering[-1] > 0.2).float().mean() > 0.4
    assert (remembering[-1] > 1 - 1 / 4).float().mean() < 0.05
