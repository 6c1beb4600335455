"""Recurrent PPO with the mathematics of sb3-contrib's class at a lower cost.

Stock RecurrentPPO (sb3-contrib) pads frames before the CNN, steps its LSTM through time in
Python wherever an episode starts inside a minibatch, keeps every step's recurrent state, and
cuts minibatches at one random point. Here the CNN sees real frames only, one LSTM call serves a
block of steps, states are kept at the start of a rollout only, and a minibatch is a random set of
whole environments. Checkpoints load in either class.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from sb3_contrib import RecurrentPPO as StockRecurrentPPO
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.utils import explained_variance
from stable_baselines3.common.vec_env import VecEnv, VecEnvWrapper
from torch.nn.utils import clip_grad_norm_

from minecraft_tasks.core.errors import FalseBeaconError
from policies.networks.step import States, autocast, step, zero_states
from policies.ppo.finite import require_finite
from policies.ppo.sequences import cut, evaluate_sequences
from policies.ppo.storage import RolloutStorage
from policies.runs.config import Precision
from wrappers.sb3 import SB3VecEnv


class Minibatch(NamedTuple):
    """Input of a gradient step: M = T * E steps of E whole environments, in order (t, env)."""

    frames: torch.Tensor
    starts: torch.Tensor
    states: States
    actions: torch.Tensor
    old_log_probs: torch.Tensor
    old_values: torch.Tensor
    advantages: torch.Tensor
    returns: torch.Tensor


class Losses(NamedTuple):
    """Scalars of one minibatch."""

    loss: torch.Tensor
    policy: torch.Tensor
    value: torch.Tensor
    entropy: torch.Tensor
    kl: torch.Tensor
    clip_fraction: torch.Tensor


class RecurrentPPO(StockRecurrentPPO):
    """sb3-contrib's RecurrentPPO for image observations from an `SB3VecEnv`.

    Args:
        precision: ``bf16`` runs the CNN and LSTM under autocast; weights, heads and losses
            stay float32.
        final_ent_coef: Weight of the entropy bonus at the end, to which it falls linearly from
            `ent_coef`; by default it stays.
        kwargs: The stock class's. `batch_size` is rounded to whole environments.
    """

    rollout_buffer: RolloutStorage  # pyright: ignore[reportIncompatibleVariableOverride]
    policy: RecurrentActorCriticPolicy  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(
        self,
        policy: Any,
        env: Any,
        *,
        precision: Precision = "float32",
        final_ent_coef: float | None = None,
        **kwargs: Any,
    ) -> None:
        self.precision: Precision = precision
        self.final_ent_coef = final_ent_coef
        super().__init__(policy, env, **kwargs)

    def _setup_model(self) -> None:
        super()._setup_model()
        channels, height, width = self.observation_space.shape or (0, 0, 0)
        self.rollout_buffer = RolloutStorage(
            self.n_steps,
            self.n_envs,
            (height, width, channels),
            torch.device(self.device),
            block=getattr(self.policy.features_extractor, "block", 1),
        )
        self._last_lstm_states = zero_states(self.policy, self.n_envs)

    def _excluded_save_params(self) -> list[str]:
        unsaved = ["_last_obs", "_last_episode_starts", "_last_original_obs", "ep_info_buffer"]
        return super()._excluded_save_params() + unsaved

    @property
    def adapter(self) -> SB3VecEnv:
        """The environments that it trains on, without Stable-Baselines3's wrappers."""
        inner = self.env
        while isinstance(inner, VecEnvWrapper):
            inner = inner.venv
        if not isinstance(inner, SB3VecEnv):
            raise FalseBeaconError(
                f"this RecurrentPPO trains on wrappers.sb3.SB3VecEnv, not {type(inner).__name__}:"
                " wrap the batched environment in it, or use sb3_contrib.RecurrentPPO."
            )
        return inner

    def collect_rollouts(
        self, env: VecEnv, callback: BaseCallback, rollout_buffer: Any, n_rollout_steps: int
    ) -> bool:
        """Plays T steps in every environment and stores them; False if the callback stops it."""
        storage, adapter = self.rollout_buffer, self.adapter
        assert self._last_obs is not None
        self.policy.set_training_mode(False)
        frames = torch.as_tensor(self._last_obs).permute(0, 2, 3, 1)
        starts = torch.as_tensor(self._last_episode_starts)
        storage.begin(frames, starts, self._last_lstm_states)
        callback.on_rollout_start()
        # One context around the whole rollout, so that weights are converted once.
        with torch.no_grad(), autocast(storage.frames.device, self.precision):
            for index in range(n_rollout_steps):
                dones = self._play(storage, adapter, index)
                self.num_timesteps += env.num_envs
                callback.update_locals(locals())
                if not callback.on_step():
                    return False
            self._bootstrap(storage)
        storage.finish(self.gamma, self.gae_lambda)
        callback.update_locals(locals())
        callback.on_rollout_end()
        return True

    def _play(self, storage: RolloutStorage, adapter: SB3VecEnv, index: int) -> np.ndarray:
        before, starts = self._last_lstm_states, storage.starts[index]
        log_probs, values, states = step(
            self.policy, storage.images(index), before, starts, self.precision
        )

        def inputs(**more: Any) -> dict[str, Any]:
            frames = storage.plain(storage.images(index))
            own = {"frames": frames, "starts": starts, "states": before}
            return own | {"log_probs": log_probs, "values": values} | more

        require_finite("the policy's log-probabilities", log_probs, inputs)
        require_finite("the policy's values", values, inputs)
        noise = torch.empty_like(log_probs).exponential_()
        actions = (log_probs - noise.log()).argmax(-1)
        frames, rewards, dones = adapter.advance(actions.cpu().numpy())
        require_finite("the rewards", rewards, partial(inputs, actions=actions, rewards=rewards))
        storage.actions[index] = actions
        storage.values[index] = values
        storage.log_probs[index] = log_probs.gather(1, actions.unsqueeze(1)).squeeze(1)
        storage.rewards[index] = torch.as_tensor(rewards)
        storage.starts[index + 1] = torch.as_tensor(dones)
        storage.put(index + 1, torch.as_tensor(frames))
        if adapter.truncated.any():
            storage.cut_off(index, adapter.truncated, adapter.last_info["final_obs"], states.vf)
        self._last_lstm_states = states
        self._last_obs = frames.transpose(0, 3, 1, 2)
        self._last_episode_starts = dones
        assert self.ep_info_buffer is not None
        for env in np.flatnonzero(dones):
            episode = {"r": float(adapter.returns[env]), "l": int(adapter.lengths[env])}
            self.ep_info_buffer.append(episode)
        return dones

    def _bootstrap(self, storage: RolloutStorage) -> None:
        """Adds the values after time limits and after the last step."""
        frames, states = storage.images(storage.steps), self._last_lstm_states
        _, storage.values[-1], _ = step(
            self.policy, frames, states, storage.starts[-1], self.precision
        )
        batch = storage.cut_offs()
        if batch is not None:
            steps, envs, frames, state = batch
            going_on = torch.zeros(len(envs), dtype=torch.bool, device=frames.device)
            _, missed, _ = step(self.policy, frames, States(state, state), going_on, self.precision)
            storage.rewards[steps, envs] += self.gamma * missed

    def minibatch(self, envs: torch.Tensor) -> Minibatch:
        """All steps of the environments int64[E]."""
        storage = self.rollout_buffer

        def flat(values: torch.Tensor) -> torch.Tensor:
            return values[: storage.steps, envs].flatten(0, 1)

        return Minibatch(
            frames=storage.gather_images(envs),
            starts=storage.starts[: storage.steps, envs],
            states=storage.states.of(envs),
            actions=flat(storage.actions),
            old_log_probs=flat(storage.log_probs),
            old_values=flat(storage.values),
            advantages=flat(storage.advantages),
            returns=flat(storage.returns),
        )

    @property
    def entropy_weight(self) -> float:
        """Weight of the entropy bonus at this point of training."""
        if self.final_ent_coef is None:
            return self.ent_coef
        left = self._current_progress_remaining
        return self.final_ent_coef + left * (self.ent_coef - self.final_ent_coef)

    def losses(self, batch: Minibatch, clip: float, clip_vf: float | None) -> Losses:
        """PPO's clipped losses on one minibatch (Schulman et al. 2017), as the stock class's."""
        with autocast(batch.frames.device, self.precision):
            values, log_probs, entropies = evaluate_sequences(
                self.policy, batch.frames, batch.actions, batch.states, cut(batch.starts)
            )
        advantages = batch.advantages
        # One number has no deviation.
        if self.normalize_advantage and len(advantages) > 1:
            advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        log_ratio = log_probs - batch.old_log_probs
        ratio = log_ratio.exp()
        clipped = advantages * ratio.clamp(1 - clip, 1 + clip)
        policy_loss = -torch.min(advantages * ratio, clipped).mean()
        if clip_vf is not None:
            values = batch.old_values + (values - batch.old_values).clamp(-clip_vf, clip_vf)
        value_loss = (batch.returns - values).square().mean()
        entropy_loss = -entropies.mean()
        return Losses(
            loss=policy_loss + self.entropy_weight * entropy_loss + self.vf_coef * value_loss,
            policy=policy_loss.detach(),
            value=value_loss.detach(),
            entropy=entropy_loss.detach(),
            kl=(ratio.detach() - 1 - log_ratio.detach()).mean(),
            clip_fraction=((ratio.detach() - 1).abs() > clip).float().mean(),
        )

    def train(self) -> None:
        """Makes several passes over the rollout, in minibatches of whole environments.

        Raises:
            NotFiniteError: If a loss or gradient is not finite; the weights are those after the
                last complete gradient step.
        """
        self.policy.set_training_mode(True)
        self._update_learning_rate(self.policy.optimizer)
        clip = self.clip_range(self._current_progress_remaining)  # pyright: ignore
        clip_vf = None
        if self.clip_range_vf is not None:
            clip_vf = self.clip_range_vf(self._current_progress_remaining)  # pyright: ignore
        share = max(1, (self.batch_size or self.n_steps * self.n_envs) // self.n_steps)
        history: list[np.ndarray] = []
        for _ in range(self.n_epochs):
            order = torch.randperm(self.n_envs).to(self.device)
            self._n_updates += 1
            if not all(self._improve(envs, clip, clip_vf, history) for envs in order.split(share)):
                break
        self._log_training(np.mean(history, axis=0), clip)

    def _improve(
        self, envs: torch.Tensor, clip: float, clip_vf: float | None, history: list[np.ndarray]
    ) -> bool:
        """Makes one gradient step; False if the policy has moved too far."""
        batch = self.minibatch(envs)

        def inputs() -> dict[str, Any]:
            return batch._replace(frames=self.rollout_buffer.plain(batch.frames))._asdict()

        losses = self.losses(batch, clip, clip_vf)
        numbers = torch.stack([part.detach() for part in losses]).cpu().numpy()
        require_finite("the losses", numbers, inputs)
        history.append(numbers)
        if self.target_kl is not None and losses.kl > 1.5 * self.target_kl:
            return False
        self.policy.optimizer.zero_grad()
        losses.loss.backward()
        norm = clip_grad_norm_(self.policy.parameters(), self.max_grad_norm)
        require_finite("the gradient's norm", norm, inputs)
        self.policy.optimizer.step()
        return True

    def _log_training(self, means: np.ndarray, clip: float) -> None:
        storage = self.rollout_buffer
        values = storage.values[:-1].flatten().cpu().numpy()
        explained = explained_variance(values, storage.returns.flatten().cpu().numpy())
        names = ("loss", "policy_gradient_loss", "value_loss", "entropy_loss", "approx_kl")
        for name, value in zip((*names, "clip_fraction"), means, strict=True):
            self.logger.record(f"train/{name}", float(value))
        self.logger.record("train/explained_variance", explained)
        self.logger.record("train/n_updates", self._n_updates, exclude="tensorboard")
        self.logger.record("train/clip_range", clip)
