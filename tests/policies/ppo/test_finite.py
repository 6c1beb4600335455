"""NaN stops training before it reaches a checkpoint, and leaves what it came from."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.locked import locked_bank, training_bank
from minecraft_tasks.tasks import task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.ppo.finite import NotFiniteError, require_sound, write_dump
from policies.ppo.recurrent_ppo import RecurrentPPO
from policies.runs.checkpoints import checkpoints
from policies.runs.config import make_config
from policies.training import train as training
from policies.training.heldout import measure_success
from policies.training.reporters import LineReporter
from policies.training.setup import make_env, make_model
from policies.training.train import train
from wrappers.sb3 import SB3VecEnv

TASK = task("BeaconShrine")
ROLLOUT = 4 * 8
CONFIG = make_config(
    task="BeaconShrine",
    steps=6 * ROLLOUT,
    num_envs=4,
    n_steps=8,
    epochs=1,
    minibatches=2,
    hidden=16,
    layouts=4,
    heldout_levels=0,
    checkpoints=2,
    first_checkpoint=ROLLOUT,
    save_seconds=1e-6,
    threads=1,
    precision="float32",
)
MINIBATCH = {
    "frames": (16, 3, 64, 64),
    "starts": (8, 2),
    "states.pi.0": (1, 2, 16),
    "states.vf.1": (1, 2, 16),
    "actions": (16,),
    "old_log_probs": (16,),
    "advantages": (16,),
    "returns": (16,),
}


def model_that_played() -> RecurrentPPO:
    """After one rollout and update, in the middle of its episodes."""
    model = make_model(CONFIG, make_env(TASK, CONFIG))
    return model.learn(ROLLOUT)


def spoil(weights: torch.Tensor, value: float = float("nan")) -> None:
    with torch.no_grad():
        weights.view(-1)[0] = value


def quiet() -> LineReporter:
    return LineReporter(io.StringIO())


@pytest.mark.parametrize(
    ("part", "value", "what"),
    [
        ("action_net.bias", np.nan, "log-probabilities"),
        ("action_net.bias", np.inf, "log-probabilities"),
        ("lstm_actor.weight_hh_l0", np.nan, "log-probabilities"),
        ("value_net.bias", -np.inf, "values"),
    ],
)
def test_no_action_is_taken_from_what_is_no_number(part: str, value: float, what: str) -> None:
    model = model_that_played()
    elapsed = model.adapter.state()["elapsed"]
    spoil(model.policy.get_parameter(part), value)
    with pytest.raises(NotFiniteError, match=what) as caught:
        model.learn(ROLLOUT, reset_num_timesteps=False)
    np.testing.assert_array_equal(model.adapter.state()["elapsed"], elapsed)
    assert caught.value.batch["frames"].shape == (4, 3, 64, 64)
    with pytest.raises(NotFiniteError, match=re.escape(part)):
        require_sound(model)


def test_a_model_whose_answers_overflow_is_not_sound() -> None:
    """Every weight is a number; what comes out is none."""
    model = model_that_played()
    require_sound(model)
    with torch.no_grad():
        model.policy.features_extractor.conv1.weight.fill_(1e20)  # pyright: ignore
        model.policy.features_extractor.conv2.weight.fill_(-1e20)  # pyright: ignore
        model.policy.features_extractor.conv2.weight[::2] *= -1  # pyright: ignore
    with pytest.raises(NotFiniteError, match="the policy's"):
        require_sound(model)


def test_held_out_levels_are_not_played_by_what_is_no_number() -> None:
    model = model_that_played()
    spoil(model.policy.action_net.bias)
    with pytest.raises(NotFiniteError, match="held-out"):
        measure_success(model.policy, TASK, locked_bank(TASK, ["heldout"], 2), "float32")


def test_a_bad_gradient_stops_before_the_step(tmp_path: Path) -> None:
    model = model_that_played()
    model.policy.value_net.weight.register_hook(lambda gradient: gradient * np.inf)
    before = {name: part.clone() for name, part in model.policy.state_dict().items()}
    with pytest.raises(NotFiniteError, match="gradient") as caught:
        model.train()
    after = model.policy.state_dict()
    assert all(torch.equal(after[name], part) for name, part in before.items())
    path = write_dump(tmp_path, caught.value, model.num_timesteps)
    assert path == tmp_path / "nan-000000032.npz"
    with np.load(path, allow_pickle=False) as dump:
        assert MINIBATCH.items() <= {name: dump[name].shape for name in dump}.items()
        assert dump["frames"].dtype == np.uint8
        assert str(dump["what"]) == "the gradient's norm"
        storage = model.rollout_buffer
        frames = storage.plain(storage.gather_images(torch.arange(storage.num_envs)))
        assert (dump["frames"][0] == frames.numpy()).reshape(len(frames), -1).all(1).any()


def test_a_bad_loss_stops_before_the_step() -> None:
    model = model_that_played()
    model.rollout_buffer.returns[:] = torch.inf
    before = [part.clone() for part in model.policy.parameters()]
    with pytest.raises(NotFiniteError, match="losses") as caught:
        model.train()
    assert torch.isinf(caught.value.batch["returns"]).all()
    assert all(map(torch.equal, before, model.policy.parameters()))


class Faulty(MinecraftTaskVectorEnv):
    """Pays what is no number after so many decisions."""

    left = 20

    def step(self, actions: np.ndarray) -> Any:
        frames, rewards, *rest = super().step(actions)
        self.left -= 1
        return frames, rewards if self.left else rewards * np.float32(np.nan), *rest


def test_a_run_stops_with_its_last_good_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(task: Any, config: Any) -> SB3VecEnv:
        return SB3VecEnv(Faulty(task, training_bank(task, config.layouts), config.num_envs))

    directory = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(training, "make_env", faulty)
        with pytest.raises(FalseBeaconError) as caught:
            train(CONFIG, out=directory, reporter=quiet())
    (dump,) = directory.glob("nan-*.npz")
    last = checkpoints(directory)[-1]
    assert int(last.stem) == 2 * ROLLOUT
    for word in ("rewards", str(dump), str(last), f"falsebeacon train --resume {directory}"):
        assert word in str(caught.value)
    with np.load(dump, allow_pickle=False) as arrays:
        assert np.isnan(arrays["rewards"]).all()
        assert arrays["actions"].shape == (4,)
        assert arrays["frames"].dtype == np.uint8
    train(resume=directory, reporter=quiet())
    whole = train(CONFIG, out=tmp_path / "whole", reporter=quiet())
    weights = [checkpoints(run)[-1].with_suffix(".safetensors") for run in (directory, whole)]
    assert weights[0].read_bytes() == weights[1].read_bytes()


@pytest.mark.parametrize("minibatches", [1, 2])
def test_weights_that_blow_up_become_no_checkpoint(minibatches: int, tmp_path: Path) -> None:
    """A learning rate without measure: with one minibatch the first loss is still a number."""
    config = CONFIG.model_copy(
        update={"learning_rate": 1e25, "final_learning_rate": 1e25, "minibatches": minibatches}
    )
    directory = tmp_path / "run"
    with pytest.raises(FalseBeaconError, match="No checkpoint was saved") as caught:
        train(config, out=directory, reporter=quiet())
    assert "--learning-rate" in str(caught.value)
    assert list(directory.glob("nan-*.npz"))
    assert not (directory / "checkpoints").exists()
