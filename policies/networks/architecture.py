"""Architectures of the policy: the memory between the CNN and the heads."""

from __future__ import annotations

from typing import Any

import torch
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from torch import nn

from policies.networks.memory import CausalTransformer, FrameStack, Memory, Memoryless
from policies.runs.config import Architecture

MEMORIES: dict[str, type[Memoryless | FrameStack | CausalTransformer]] = {
    "cnn": Memoryless,
    "frame-stack": FrameStack,
    "transformer": CausalTransformer,
}


class MemoryPolicy(RecurrentActorCriticPolicy):
    """sb3-contrib's recurrent policy with another memory in place of its LSTMs.

    `lstm_actor` and `lstm_critic` keep their names, so that code for the stock policy works here.

    Args:
        architecture: A key of `MEMORIES`.
        args, kwargs: The stock class's; `lstm_hidden_size` is the width that the heads read.
    """

    def __init__(self, *args: Any, architecture: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lstm_actor: Any = self._memory(architecture)
        if self.lstm_critic is not None:
            self.lstm_critic: Any = self._memory(architecture)
        self.lstm_hidden_state_shape = (1, 1, self.lstm_actor.hidden_size)
        make: Any = self.optimizer_class
        rate = self.optimizer.param_groups[0]["lr"]
        self.optimizer = make(self.parameters(), lr=rate, **self.optimizer_kwargs)

    def _memory(self, architecture: str) -> Memory:
        return MEMORIES[architecture](self.features_dim, self.lstm_output_dim)


def remember(policy: RecurrentActorCriticPolicy, span: int) -> None:
    """Sets the biases of LSTM gates to forget over some `span` decisions; other memories stay.

    Chrono initialisation (Tallec and Ollivier 2018): forget gates log U(1, span - 1), input gates
    less that, with a span of 2 or more. Numbers are drawn from torch's generator.
    """
    for memory in (policy.lstm_actor, policy.lstm_critic):
        if isinstance(memory, nn.LSTM):
            width, biases = memory.hidden_size, dict(memory.named_parameters())
            forget = (1 + (span - 2) * torch.rand(width)).log()
            with torch.no_grad():
                biases["bias_hh_l0"][: 2 * width] = 0
                biases["bias_ih_l0"][: 2 * width] = torch.cat([-forget, forget])


def policy_class(architecture: Architecture) -> type[RecurrentActorCriticPolicy]:
    """The stock class itself for the CNN-LSTM."""
    return RecurrentActorCriticPolicy if architecture == "cnn-lstm" else MemoryPolicy
