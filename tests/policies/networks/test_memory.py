"""Each memory sees the frames that it says it sees, and no other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from stable_baselines3.common.torch_layers import FlattenExtractor

from minecraft_tasks.core.errors import FalseBeaconError
from policies.networks.architecture import MEMORIES, policy_class
from policies.networks.encoder import policy_kwargs
from policies.networks.memory import SPAN, STACK, CausalTransformer, FrameStack, Memory
from policies.networks.step import State, step, zero_states
from policies.ppo.recurrent_ppo import RecurrentPPO
from wrappers.sb3 import SB3VecEnv

FEATURES, WIDTH, BATCH, STEPS = 12, 16, 3, 150
SEEN = {"cnn": 1, "frame-stack": STACK, "transformer": SPAN}
"""Frames that each architecture sees, the current one among them."""

each = pytest.mark.parametrize("architecture", sorted(MEMORIES))


def make(architecture: str) -> Memory:
    torch.manual_seed(1)
    memory = MEMORIES[architecture](FEATURES, WIDTH)
    with torch.no_grad():
        for part in memory.parameters():
            # Away from what is zero or one at the start, so that everything counts.
            part.add_(0.3 * torch.randn_like(part))
    return memory


def fresh(memory: Memory, batch: int = BATCH) -> State:
    zeros = torch.zeros(memory.num_layers, batch, memory.hidden_size)
    return zeros, zeros.clone()


def frames(steps: int = STEPS, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(steps, BATCH, FEATURES, generator=generator)


@each
def test_gradients_reach_exactly_the_frames_seen(architecture: str) -> None:
    memory, inputs = make(architecture), frames().requires_grad_()
    outputs, _ = memory(inputs, fresh(memory))
    for moment in (0, 2, 63, 64, 100, STEPS - 1):
        (gradient,) = torch.autograd.grad(outputs[moment, 1].sum(), inputs, retain_graph=True)
        reached = gradient.abs().sum(-1).nonzero().tolist()
        first = max(0, moment - SEEN[architecture] + 1)
        assert reached == [[index, 1] for index in range(first, moment + 1)]


@each
def test_a_changed_frame_is_noticed_as_long_as_it_is_in_the_window(architecture: str) -> None:
    memory, inputs = make(architecture), frames()
    changed = inputs.clone()
    changed[20] += 1.0
    with torch.no_grad():
        before, _ = memory(inputs, fresh(memory))
        after, _ = memory(changed, fresh(memory))
    noticed = (before != after).any(-1).any(-1).nonzero().flatten().tolist()
    assert noticed == list(range(20, 20 + SEEN[architecture]))


@each
@pytest.mark.parametrize("lengths", [[1] * STEPS, [16, 1, 70, 63], [40, 110]])
def test_steps_equal_one_call(architecture: str, lengths: list[int]) -> None:
    memory, inputs = make(architecture), frames()
    with torch.no_grad():
        expected, last = memory(inputs, fresh(memory))
        state, parts = fresh(memory), []
        for part in inputs.split(lengths):
            outputs, state = memory(part, state)
            parts.append(outputs)
    torch.testing.assert_close(torch.cat(parts), expected, atol=1e-5, rtol=0)
    torch.testing.assert_close(state, last, atol=1e-5, rtol=0)


@each
def test_a_zeroed_state_is_a_fresh_start(architecture: str) -> None:
    memory = make(architecture)
    with torch.no_grad():
        _, state = memory(frames(90), fresh(memory))
        later, _ = memory(frames(5, seed=1), state)
        again, _ = memory(frames(5, seed=1), (state[0] * 0.0, state[1] * 0.0))
        first, _ = memory(frames(5, seed=1), fresh(memory))
    assert torch.equal(again, first)
    assert torch.equal(later, first) == (architecture == "cnn")


@each
def test_environments_do_not_mix(architecture: str) -> None:
    memory, inputs = make(architecture), frames(80)
    with torch.no_grad():
        together, _ = memory(inputs, fresh(memory))
        alone, _ = memory(inputs[:, 2:], fresh(memory, 1))
    torch.testing.assert_close(together[:, 2:], alone, atol=1e-5, rtol=0)


def test_slots_that_are_not_filled_have_no_influence() -> None:
    """Whatever lies in them, as long as their flag is zero."""
    memory = make("transformer")
    assert isinstance(memory, CausalTransformer)
    inputs = frames(20, seed=1)
    with torch.no_grad():
        _, state = memory(frames(10), fresh(memory))
        slots = torch.cat(state, dim=2).view(BATCH, SPAN - 1, memory.slot)
        assert slots[..., -1].sum(1).tolist() == [10.0] * BATCH
        slots[:, :-10, :-1] = 100 * torch.randn(BATCH, SPAN - 11, memory.slot - 1)
        h, c = slots.view(1, BATCH, -1).split(memory.hidden_size, dim=2)
        expected, _ = memory(inputs, state)
        littered, _ = memory(inputs, (h, c))
    assert torch.equal(littered, expected)


def test_attention_is_softmax_of_queries_and_keys() -> None:
    """Against keys and values that are made, one head and one frame at a time."""
    memory, inputs = make("transformer"), frames(70)
    assert isinstance(memory, CausalTransformer)
    with torch.no_grad():
        outputs, _ = memory(inputs, fresh(memory))
        embedded = memory.embed(inputs[:, 0])
        normal = memory.before(embedded)
        slots = torch.nn.functional.layer_norm(memory.remember(normal), (memory.slot - 1,))
        slots = torch.cat([slots, torch.ones(70, 1)], dim=1)
        for now in (0, 5, 69):
            window = slots[max(0, now - SPAN + 1) : now + 1]
            query = memory.query(normal[now]).view(memory.heads, memory.head)
            parts = []
            for head in range(memory.heads):
                keys = window @ memory.key[head].T
                scores = keys @ query[head] / memory.head**0.5
                scores += memory.age_bias[head, : len(window)].flip(0)
                parts.append(scores.softmax(0) @ window @ memory.value[head])
            hidden = embedded[now] + memory.attended(torch.cat(parts))
            expected = memory.after(hidden + memory.mlp(memory.between(hidden)))
            torch.testing.assert_close(outputs[now, 0], expected, atol=1e-5, rtol=0)


def test_widths_that_do_not_divide_are_refused() -> None:
    with pytest.raises(FalseBeaconError, match=r"width 20 .* multiple of 8 for --hidden"):
        CausalTransformer(FEATURES, 20)
    with pytest.raises(FalseBeaconError, match="3 frames of 7 numbers"):
        FrameStack(7, WIDTH)


class Recall(VectorEnv):
    """The first frame shows the answer; it is asked for so many frames later.

    Frames in between are blank and the last is white; the reward is 1 for the right answer to
    the last and 0 for a wrong one, so that guessing earns a half.

    Args:
        delay: Frames between the one that shows and the one that asks.
    """

    def __init__(self, delay: int, num_envs: int = 64) -> None:
        self.delay, self.num_envs = delay, num_envs
        self.metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}
        self.single_observation_space = spaces.Box(0, 255, (4, 4, 3), np.uint8)
        self.single_action_space = spaces.Discrete(2)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.rng = np.random.default_rng(0)

    def _frames(self) -> np.ndarray:
        frames = np.zeros((self.num_envs, 4, 4, 3), np.uint8)
        if self.age == 0:
            frames[np.arange(self.num_envs), :, :, self.answer] = 255
        elif self.age == self.delay:
            frames[:] = 255
        return frames

    def _begin(self) -> np.ndarray:
        self.age, self.answer = 0, self.rng.integers(0, 2, self.num_envs)
        return self._frames()

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[np.ndarray, dict]:
        return self._begin(), {}

    def step(self, actions: np.ndarray) -> tuple[Any, Any, Any, Any, dict]:
        asked = self.age == self.delay
        rewards = asked * (actions == self.answer).astype(np.float32)
        done = np.full(self.num_envs, asked)
        self.age += 1
        frames = self._begin() if asked else self._frames()
        return frames, rewards, done, np.zeros_like(done), {"final_obs": frames}


def share_recalled(
    architecture: Any, delay: int, updates: int, learning_rate: float, seed: int = 0
) -> float:
    """Trains on rollouts that cut episodes anywhere, then answers greedily in fresh ones."""
    model = RecurrentPPO(
        policy_class(architecture),
        SB3VecEnv(Recall(delay)),
        n_steps=16,
        batch_size=16 * 32,
        n_epochs=4,
        learning_rate=learning_rate,
        gamma=0.9,
        seed=seed,
        device="cpu",
        policy_kwargs=policy_kwargs("lstm", 32, architecture)
        | {"features_extractor_class": FlattenExtractor, "normalize_images": True},
    )
    model.learn(updates * model.n_steps * model.n_envs)
    env = Recall(delay, num_envs=512)
    observations, _ = env.reset()
    states, starts = zero_states(model.policy, 512), torch.ones(512, dtype=torch.bool)
    rewards = np.zeros(512)
    for _ in range(delay + 1):
        images = torch.from_numpy(observations).permute(0, 3, 1, 2)
        log_probs, _, states = step(model.policy, images, states, starts)
        observations, rewards, *_ = env.step(log_probs.argmax(1).numpy())
        starts = torch.zeros_like(starts)
    return float(rewards.mean())


@pytest.mark.parametrize(
    ("architecture", "delay", "updates", "learning_rate", "recalls"),
    [
        ("cnn-lstm", 8, 30, 3e-3, True),
        ("cnn", 1, 30, 3e-3, False),
        ("frame-stack", STACK - 1, 30, 3e-3, True),
        ("frame-stack", STACK, 30, 3e-3, False),
        ("transformer", 8, 40, 1e-3, True),
    ],
)
def test_what_was_shown_is_recalled_within_the_window(
    architecture: str, delay: int, updates: int, learning_rate: float, recalls: bool
) -> None:
    share = share_recalled(architecture, delay, updates, learning_rate)
    assert share > 0.95 if recalls else 0.4 < share < 0.6
