"""A run that was interrupted and resumed equals the one that was not, bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.core.processes import HOST
from minecraft_tasks.tasks import task
from policies.ppo.recurrent_ppo import StockRecurrentPPO
from policies.runs.checkpoints import checkpoint_path, checkpoints
from policies.runs.conflicts import CONFLICTS_FILE, read_conflicts
from policies.runs.record import read_run
from policies.training.checkpoint import restore_checkpoint
from policies.training.setup import make_env, make_model
from policies.training.snapshot import read_snapshot
from policies.training.train import train
from tests.support.resuming import (
    ROLLOUT,
    Killed,
    Watcher,
    assert_same_run,
    interrupted,
    kill,
    small,
    uninterrupted,
)


@pytest.mark.parametrize(
    "changes",
    [
        {"critic": "lstm"},
        {"critic": "shared"},
        {"critic": "memoryless"},
        {"encoder": "frozen"},
        {"encoder": "blind"},
        {"wrappers": "sticky_actions:probability=0.5,grey,frame_stack:n=2"},
        {"wrappers": "action_repeat:repeat=2,resize:size=36"},
        {"final_ent_coef": 0.0},
        {"sampling": "curriculum"},
        {"sampling": "prioritised", "wrappers": "action_repeat:repeat=2"},
        {"sampling": "prioritised", "conflict_fraction": 0.5},
        {"sampling": "regret", "conflict_fraction": 0.5, "withheld": "beacon"},
        {"sampling": "learnability", "conflict_fraction": 0.5, "detour_fraction": 0.5},
    ],
    ids=str,
)
def test_a_killed_run_resumes_to_the_same_bits(changes: dict[str, Any], tmp_path: Path) -> None:
    directory, whole = tmp_path / "run", uninterrupted(tmp_path / "whole", **changes)
    interrupted(directory, 8, **changes)
    newest = checkpoints(directory)[-1]
    assert int(newest.stem) == 7 * ROLLOUT
    before = read_conflicts(directory / CONFLICTS_FILE)
    assert len(before.rows["steps"]), "no episode in which candidates came apart"
    snapshot = read_snapshot(newest)
    assert snapshot is not None
    assert not snapshot.kept
    assert len(snapshot.episodes) > 0
    assert (snapshot.env["elapsed"] > 0).any(), "no episode straddles the checkpoint"
    assert np.abs(snapshot.env["velocity"]).any()
    train(resume=directory, reporter=Watcher())
    assert_same_run(directory, whole)
    sessions = read_run(directory).sessions
    assert [(part.steps, part.until) for part in sessions] == [
        (0, 10 * ROLLOUT),
        (7 * ROLLOUT, 10 * ROLLOUT),
    ]


def test_a_run_killed_again_and_again_and_left_untidy(tmp_path: Path) -> None:
    directory, whole = tmp_path / "run", uninterrupted(tmp_path / "whole")
    interrupted(directory, 1)
    assert not checkpoints(directory)
    for rollouts in (3, 4, 7, 10):
        with pytest.raises(Killed):
            train(resume=directory, reporter=Watcher(rollouts, kill))
    passing = checkpoints(directory)[-1]
    for name in (f".000000777.zip.1-0-{HOST}.tmp", "000000777.safetensors"):
        (directory / "checkpoints" / name).write_bytes(b"half")
    (directory / f".run.json.1-0-{HOST}.tmp").write_text("half")
    older = checkpoint_path(directory, 3)
    older.write_bytes(passing.read_bytes())
    train(resume=directory, reporter=Watcher())
    assert_same_run(directory, whole)
    assert not list(directory.rglob("*.tmp"))


def test_an_extended_run_can_be_interrupted_too(tmp_path: Path) -> None:
    """Its learning rate is, from the resume on, that of a run of the new length."""
    rates = []
    for name in ("whole", "run"):
        directory = tmp_path / name
        train(small(steps=4 * ROLLOUT), out=directory, reporter=Watcher())
        assert len(checkpoints(directory)) == 3
        longer = small(steps=8 * ROLLOUT)
        if name == "run":
            with pytest.raises(Killed):
                train(longer, resume=directory, reporter=Watcher(7, kill))
            newest = StockRecurrentPPO.load(checkpoints(directory)[-1], device="cpu")
            rates = [group["lr"] for group in newest.policy.optimizer.param_groups]
            assert newest.num_timesteps == 6 * ROLLOUT
        train(longer, resume=directory, reporter=Watcher())
    assert_same_run(tmp_path / "run", tmp_path / "whole")
    start, end = longer.learning_rate, longer.final_learning_rate
    assert rates == [pytest.approx(start + (end - start) * 6 / 8)]


def test_a_finished_run_says_so(tmp_path: Path) -> None:
    directory = train(small(steps=100), out=tmp_path / "run", reporter=Watcher())
    record = (directory / "run.json").read_bytes()
    reporter = Watcher()
    train(resume=directory, reporter=reporter)
    assert "already has its 100 steps" in reporter.said
    with pytest.raises(FalseBeaconError, match="larger number with --steps"):
        train(small(steps=101), resume=directory, reporter=Watcher())
    assert (directory / "run.json").read_bytes() == record


def test_an_engine_that_cannot_resume_episodes_keeps_what_sampling_knows(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    interrupted(directory, 8, sampling="regret")
    newest, config = checkpoints(directory)[-1], small(sampling="regret")
    env: Any = make_env(task("BeaconShrine"), config)
    model = make_model(config, env)
    snapshot = restore_checkpoint(newest, model, whole=False)
    assert (model.num_timesteps, snapshot) == (7 * ROLLOUT, None)
    kept, levels = read_snapshot(newest), env.env.unwrapped
    assert kept is not None
    assert levels.sampler.plays.sum() > 8
    for name, values in levels.sampler.state().items():
        np.testing.assert_array_equal(values, kept.env[f"sampler.{name}"])
