"""Success of a policy on held-out levels, measured without an effect on its training."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy

from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.draws import IDLE
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.networks.step import step, zero_states
from policies.ppo.finite import require_finite
from policies.runs.config import Precision
from wrappers.apply import autoreset_mode, wrap
from wrappers.stack import Stack


def measure_success(
    policy: RecurrentActorCriticPolicy,
    task: Task,
    bank: LevelBank,
    precision: Precision,
    num_envs: int = 64,
    reward: str = "",
    stack: Stack | None = None,
) -> float:
    """Share of the bank's levels on which sampled actions reach the rewarded candidate.

    Every level is played once. Actions are drawn from a separate generator, so that training draws
    the same numbers with and without the measurement.

    Raises:
        NotFiniteError: If the policy's log-probabilities are not finite.
    """
    stack = stack or Stack()
    mode = autoreset_mode(stack)
    levels = MinecraftTaskVectorEnv(
        task, bank, min(num_envs, len(bank)), "sequential", reward=reward, autoreset_mode=mode
    )
    env = wrap(levels, stack)
    generator = torch.Generator().manual_seed(0)
    policy.set_training_mode(False)
    observations, _ = env.reset(seed=0)
    states, starts = zero_states(policy, env.num_envs), np.ones(env.num_envs, bool)
    slots, actions, reached = np.arange(env.num_envs), np.zeros(env.num_envs, np.int64), 0
    while not levels.exhausted:
        going_on = levels.level[slots] != IDLE
        slots, states = slots[going_on], states.of(torch.as_tensor(going_on, device=policy.device))
        frames = torch.as_tensor(observations[slots]).permute(0, 3, 1, 2).to(policy.device)
        flags = torch.as_tensor(starts[slots], device=policy.device)
        log_probs, _, states = step(policy, frames, states, flags, precision)
        batch = {"frames": observations[slots], "starts": starts[slots], "log_probs": log_probs}
        what = "the policy's log-probabilities on held-out levels"
        require_finite(what, log_probs, partial(dict, batch))
        drawn = torch.multinomial(log_probs.exp().cpu(), 1, generator=generator)[:, 0]
        actions[slots] = drawn.numpy()
        observations, _, terminated, truncated, _ = env.step(actions)
        reached += int(np.count_nonzero(terminated))
        starts = terminated | truncated
    return reached / len(bank)
