"""Our RecurrentPPO computes what the stock class computes, and shares its checkpoints."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from stable_baselines3.common.vec_env import DummyVecEnv

from minecraft_tasks.core.errors import FalseBeaconError
from policies.networks.architecture import policy_class
from policies.networks.encoder import policy_kwargs
from policies.networks.space_to_depth import unfold
from policies.networks.step import step, zero_states
from policies.ppo.recurrent_ppo import RecurrentPPO, StockRecurrentPPO
from policies.ppo.sequences import cut, evaluate_sequences, spans
from wrappers.sb3 import SB3VecEnv

ENVS, STEPS = 6, 20
ARCHITECTURES = ("cnn-lstm", "cnn", "frame-stack", "transformer")
KINDS = [
    *(("cnn-lstm", critic) for critic in ("lstm", "shared", "memoryless")),
    *((architecture, "lstm") for architecture in ARCHITECTURES[1:]),
    ("transformer", "shared"),
    ("frame-stack", "memoryless"),
]
"""Architectures and what their critics read."""


class ScriptedEnv(VectorEnv):
    """Random frames; episodes of 7 to 15 decisions that end by turns in a goal and a time limit.

    What happens does not depend on the actions, so that two learners see the same.
    """

    def __init__(self, num_envs: int = ENVS) -> None:
        self.num_envs = num_envs
        self.metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}
        self.single_observation_space = spaces.Box(0, 255, (64, 64, 3), np.uint8)
        self.single_action_space = spaces.Discrete(3)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)

    def _frames(self) -> np.ndarray:
        return self.rng.integers(0, 256, (self.num_envs, 64, 64, 3), dtype=np.uint8)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[np.ndarray, dict]:
        self.rng = np.random.default_rng(3)
        self.age = np.arange(self.num_envs) % 5
        self.episode = np.arange(self.num_envs)
        return self._frames(), {}

    def step(self, actions: np.ndarray) -> tuple[Any, Any, Any, Any, dict]:
        self.age += 1
        done = self.age >= 7 + (self.episode * 5) % 9
        goal = self.episode % 2 == 0
        rewards = self.rng.normal(size=self.num_envs).astype(np.float32)
        info = {"final_obs": self._frames()}
        self.age[done] = 0
        self.episode += done
        return self._frames(), rewards, done & goal, done & ~goal, info


def make(
    cls: type[StockRecurrentPPO],
    architecture: Any = "cnn-lstm",
    critic: Any = "lstm",
    more: Any = None,
    **kwargs: Any,
) -> Any:
    hidden = 256 if architecture == "cnn-lstm" else 64
    model = cls(
        policy_class(architecture),
        SB3VecEnv(ScriptedEnv()),
        n_steps=STEPS,
        batch_size=STEPS * ENVS,
        n_epochs=1,
        seed=0,
        device="cpu",
        policy_kwargs=policy_kwargs(critic, hidden, architecture) | (more or {}),
        **kwargs,
    )
    # Heads start near zero; spread them, so that differences would show.
    with torch.no_grad():
        model.policy.action_net.weight.mul_(50)
    return model


def collect(model: Any, rollouts: int = 2) -> None:
    """Plays rollouts without updates; from the second on, states are carried over."""
    model.train = lambda: None
    model.learn(rollouts * STEPS * ENVS)
    del model.train


@pytest.mark.parametrize(("architecture", "critic"), KINDS)
def test_rollouts_equal_stock(architecture: str, critic: str) -> None:
    ours = make(RecurrentPPO, architecture, critic)
    stock = make(StockRecurrentPPO, architecture, critic)
    collect(ours)
    collect(stock)
    mine, theirs = ours.rollout_buffer, stock.rollout_buffer
    frames = unfold(mine.frames[:STEPS].flatten(0, 1), mine.block).permute(0, 3, 1, 2)
    frames = frames.unflatten(0, (STEPS, ENVS)).numpy()
    assert (frames == theirs.observations).all()
    assert (mine.starts[:STEPS].numpy() == theirs.episode_starts.astype(bool)).all()
    assert mine.starts[1:STEPS].any()
    for name in ("rewards", "advantages", "returns"):
        np.testing.assert_allclose(getattr(mine, name), getattr(theirs, name), atol=2e-5)
    np.testing.assert_allclose(mine.values[:STEPS], theirs.values, atol=2e-5)
    for kind, state in (("pi", mine.states.pi), ("vf", mine.states.vf)):
        for name, part in zip(("hidden", "cell"), state, strict=True):
            stored = getattr(theirs, f"{name}_states_{kind}")[0]
            np.testing.assert_allclose(part.numpy(), stored, atol=2e-5)


def test_time_limits_add_the_value_of_the_final_frame() -> None:
    """Against a plain loop over environments, as the stock class writes it."""
    model = make(RecurrentPPO)
    env, policy = ScriptedEnv(), model.policy
    collect(model, rollouts=1)
    frames, _ = env.reset()
    states, starts = zero_states(policy, ENVS), torch.ones(ENVS, dtype=torch.bool)
    truncations = 0
    for index in range(STEPS):
        images = torch.from_numpy(frames).permute(0, 3, 1, 2)
        _, _, states = step(policy, images, states, starts)
        frames, rewards, terminated, truncated, info = env.step(np.zeros(ENVS, np.int64))
        for slot in np.flatnonzero(truncated):
            final = torch.from_numpy(info["final_obs"][slot : slot + 1]).permute(0, 3, 1, 2)
            state = tuple(part[:, slot : slot + 1] for part in states.vf)
            value = policy.predict_values(final, state, torch.zeros(1)).item()
            rewards[slot] += model.gamma * value
            truncations += 1
        starts = torch.from_numpy(terminated | truncated)
        np.testing.assert_allclose(model.rollout_buffer.rewards[index], rewards, atol=1e-5)
    assert truncations >= 3


def copy_rollout(ours: Any, stock: Any) -> None:
    """Makes both hold the same actions and log-probabilities; the rest is equal already."""
    storage, buffer = ours.rollout_buffer, stock.rollout_buffer
    buffer.actions[:] = storage.actions.numpy()[..., None]
    # As if the policy had moved since, so that ratios are not all one.
    storage.log_probs += 0.3 * torch.randn_like(storage.log_probs)
    buffer.log_probs[:] = storage.log_probs.numpy()


@pytest.mark.parametrize(("architecture", "critic"), KINDS)
def test_losses_and_gradients_equal_stock(
    architecture: str, critic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One step of plain gradient descent moves every weight the same way.

    The stock class begins a pass at a random step, and cuts the gradient through time there; it
    is made to begin where an environment does.
    """
    monkeypatch.setattr(np.random, "randint", lambda bound: STEPS)
    common: dict[str, Any] = {
        "learning_rate": 1.0,
        "max_grad_norm": 1e9,
        "ent_coef": 0.1,
        "clip_range_vf": 0.5,
        "more": {"optimizer_class": torch.optim.SGD, "optimizer_kwargs": {}},
    }
    ours = make(RecurrentPPO, architecture, critic, **common)
    stock = make(StockRecurrentPPO, architecture, critic, **common)
    collect(ours)
    collect(stock)
    copy_rollout(ours, stock)
    before = {name: part.clone() for name, part in ours.policy.state_dict().items()}
    ours.train()
    stock.train()
    for name in ("policy_gradient_loss", "value_loss", "entropy_loss", "approx_kl", "loss"):
        mine = ours.logger.name_to_value[f"train/{name}"]
        assert mine == pytest.approx(stock.logger.name_to_value[f"train/{name}"], abs=2e-5)
    moved = 0
    for name, part in stock.policy.state_dict().items():
        gradient = before[name] - part
        difference = (ours.policy.state_dict()[name] - part).abs().max()
        assert difference < 1e-5, name
        moved += bool(gradient.abs().max() > 1e-3)
    assert moved >= 10


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("call", [0, 3, 20, 10_000])
def test_sequences_equal_stepping_through_time(call: int, architecture: str) -> None:
    """Cut sequences give what a step-by-step run with resets gives, however they are divided."""
    model = make(RecurrentPPO, architecture)
    collect(model)
    storage, policy = model.rollout_buffer, model.policy
    batch = model.minibatch(torch.tensor([4, 1, 5]))
    with torch.no_grad():
        values, log_probs, _ = evaluate_sequences(
            policy, batch.frames, batch.actions, batch.states, cut(batch.starts, call)
        )
    torch.testing.assert_close(values, batch.old_values, atol=2e-5, rtol=0)
    torch.testing.assert_close(log_probs, batch.old_log_probs, atol=2e-5, rtol=0)
    remembered = torch.cat(storage.states.pi)
    assert remembered.any() or not remembered.numel()


def test_cut_places_every_step_once() -> None:
    rng = torch.Generator().manual_seed(0)
    starts = torch.rand(32, 9, generator=rng) < 0.15
    sequences = cut(starts, call=20)
    rows = sum(steps * count for steps, count in sequences.blocks)
    assert len(set(sequences.place.tolist())) == starts.numel() <= rows
    assert len(sequences.env) == starts[1:].sum() + 9
    assert sequences.carried.sum() == (~starts[0]).sum()


@pytest.mark.parametrize("call", [0, 1, 4, 9, 1000])
def test_time_is_divided_at_the_least_cost(call: int) -> None:
    """Against every way to divide it."""
    reaching = [9, 7, 7, 4, 3, 3, 1, 1]

    def cost(parts: Sequence[int]) -> int:
        first = itertools.accumulate(parts[:-1], initial=0)
        rows = [part * reaching[begin] for part, begin in zip(parts, first, strict=True)]
        return call * len(parts) + sum(rows)

    ways = []
    for count in range(len(reaching)):
        for ends in itertools.combinations(range(1, len(reaching)), count):
            marks = (0, *ends, len(reaching))
            ways.append([b - a for a, b in itertools.pairwise(marks)])
    found = spans(reaching, call)
    assert sum(found) == len(reaching)
    assert cost(found) == min(map(cost, ways))
    assert (len(found) == 1) == (call == 1000)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_bf16_stays_near_float32(architecture: str) -> None:
    model = make(RecurrentPPO, architecture)
    collect(model)
    batch = model.minibatch(torch.arange(ENVS))
    exact = model.losses(batch, 0.2, None)
    model.precision = "bf16"
    rounded = model.losses(batch, 0.2, None)
    assert rounded.loss.dtype == torch.float32
    assert rounded.value == pytest.approx(exact.value.item(), rel=0.05)
    assert 0 < abs(rounded.loss.item() - exact.loss.item()) < 0.05


@pytest.mark.parametrize(
    ("saver", "loader"), [(RecurrentPPO, StockRecurrentPPO), (StockRecurrentPPO, RecurrentPPO)]
)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_checkpoints_load_in_either_class(
    saver: Any, loader: Any, architecture: str, tmp_path: Path
) -> None:
    model = make(saver, architecture)
    model.learn(STEPS * ENVS)
    model.save(tmp_path / "model.zip")
    loaded = loader.load(tmp_path / "model.zip", env=SB3VecEnv(ScriptedEnv()), device="cpu")
    frames = np.random.default_rng(0).integers(0, 256, (4, 64, 64, 3), dtype=np.uint8)
    state = other = None
    for start in (True, False, False, True):
        flags = np.full(4, start)
        actions, state = model.predict(frames, state, flags, deterministic=True)
        same, other = loaded.predict(frames, other, flags, deterministic=True)
        assert (actions == same).all()
        assert state is not None
        assert other is not None
        np.testing.assert_array_equal(state[0], other[0])
    steps = loaded.num_timesteps
    loaded.learn(STEPS * ENVS, reset_num_timesteps=False)
    assert loaded.num_timesteps == steps + STEPS * ENVS


def test_other_environments_are_refused() -> None:
    import gymnasium

    class Image(gymnasium.Env):
        observation_space = spaces.Box(0, 255, (64, 64, 3), np.uint8)
        action_space = spaces.Discrete(3)

        def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
            return np.zeros((64, 64, 3), np.uint8), {}

    model = RecurrentPPO(
        RecurrentActorCriticPolicy, DummyVecEnv([Image]), policy_kwargs=policy_kwargs()
    )
    with pytest.raises(FalseBeaconError, match="DummyVecEnv"):
        model.learn(10)


def test_a_minibatch_of_one_step_has_a_loss() -> None:
    model = make(RecurrentPPO)
    collect(model)
    batch = model.minibatch(torch.tensor([2]))
    single = batch._replace(
        starts=batch.starts[:1],
        **{
            name: getattr(batch, name)[:1]
            for name in batch._fields
            if name not in ("starts", "states")
        },
    )
    assert torch.isfinite(model.losses(single, 0.2, None).loss)
