"""One step of a recurrent policy for a batch of environments, without gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import torch
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from torch import nn

from policies.runs.config import Precision

State = tuple[torch.Tensor, torch.Tensor]
"""Hidden and cell state of an LSTM, each [layers, B, H]."""


class States(NamedTuple):
    """Recurrent states of the actor and of the critic, as sb3-contrib's `RNNStates`."""

    pi: State
    vf: State

    def map(self, change: Callable[[torch.Tensor], torch.Tensor]) -> States:
        """The states after a change of each of the four tensors."""
        return States(*((change(hidden), change(cell)) for hidden, cell in self))

    def of(self, envs: torch.Tensor) -> States:
        """States of the environments int64[E], or bool[B]."""
        return self.map(lambda part: part[:, envs])

    def replaced(self, envs: torch.Tensor, new: States) -> States:
        """These states, with those of environments int64[E] replaced."""
        after = iter((*new.pi, *new.vf))
        return self.map(lambda part: part.index_copy(1, envs, next(after)))


def native_bf16() -> bool:
    """Whether the processor multiplies bfloat16 itself; elsewhere it is emulated and slow."""
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def resolved(precision: Precision | Literal["auto"]) -> Precision:
    """The precision that ``auto`` stands for on this machine."""
    if precision != "auto":
        return precision
    return "bf16" if native_bf16() else "float32"


def autocast(device: torch.device, precision: Precision) -> torch.autocast:
    """The context in which networks of that precision run."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16")


def zero_states(policy: RecurrentActorCriticPolicy, count: int) -> States:
    """States of `count` environments before their first step; actor and critic never alias."""
    lstm = policy.lstm_actor
    shape = (lstm.num_layers, count, lstm.hidden_size)

    def zeros() -> State:
        return torch.zeros(shape, device=policy.device), torch.zeros(shape, device=policy.device)

    return States(zeros(), zeros())


def read_heads(
    policy: RecurrentActorCriticPolicy, latent_pi: torch.Tensor, latent_vf: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Log-probabilities [B, A] and values [B], in float32 at every precision."""
    with torch.autocast(latent_pi.device.type, enabled=False):
        latent_pi = policy.mlp_extractor.forward_actor(latent_pi.float())
        latent_vf = policy.mlp_extractor.forward_critic(latent_vf.float())
        log_probs = policy.action_net(latent_pi).log_softmax(-1)
        return log_probs, policy.value_net(latent_vf).flatten()


def _advance(lstm: nn.LSTM, features: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
    output, (hidden, cell) = lstm(features.unsqueeze(0), state)
    return output[0], (hidden.float(), cell.float())


def encode(
    policy: RecurrentActorCriticPolicy, frames: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Features of uint8[B, C, H, W] frames for the actor and for the critic, each [B, F]."""
    if policy.share_features_extractor and not policy.normalize_images:
        features = policy.features_extractor(frames)
        return features, features
    features = policy.extract_features(frames)
    return features if isinstance(features, tuple) else (features, features)


@torch.no_grad()
def step(
    policy: RecurrentActorCriticPolicy,
    frames: torch.Tensor,
    states: States,
    starts: torch.Tensor,
    precision: Precision = "float32",
) -> tuple[torch.Tensor, torch.Tensor, States]:
    """Runs the policy on one frame of each environment.

    Args:
        policy: Any recurrent policy over discrete actions.
        frames: uint8[N, C, H, W].
        states: Before this frame.
        starts: bool[N], first frame of an episode: the state is zeroed before use.
        precision: Of the encoder and the memory; states and heads stay float32.

    Returns:
        Log-probabilities float32[N, A], values float32[N], states after this frame.
    """
    keep = (~starts).view(1, -1, 1)
    before = states.map(lambda part: part * keep)
    with autocast(frames.device, precision):
        for_actor, for_critic = encode(policy, frames)
        latent_pi, after_pi = _advance(policy.lstm_actor, for_actor, before.pi)
        if policy.lstm_critic is not None:
            latent_vf, after_vf = _advance(policy.lstm_critic, for_critic, before.vf)
        else:
            critic: Any = policy.critic
            latent_vf = latent_pi if policy.shared_lstm else critic(for_critic)
            after_vf = after_pi
    log_probs, values = read_heads(policy, latent_pi, latent_vf)
    return log_probs, values, States(after_pi, after_vf)
