"""The network: a small CNN over single frames, for the policies of `architecture`."""

from __future__ import annotations

from typing import Any, Literal

import torch
from gymnasium import spaces
from sb3_contrib.common.recurrent.policies import RecurrentActorCriticPolicy
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import nn
from torch.nn import functional

from policies.architecture import Architecture

Critic = Literal["lstm", "shared", "memoryless"]
Policy = RecurrentActorCriticPolicy


class FrameEncoder(BaseFeaturesExtractor):
    """Convolutions 16 (8x8, stride 4), 32 (4x4, stride 2), 32 (3x3), then a linear layer.

    It takes pixels from 0 to 255, so the policy that owns it must not normalise images:
    the division by 255 is folded into the first layer's weights, and frames go in as bytes.
    Every byte is exact in bfloat16.

    Args:
        observation_space: Box uint8[3, 64, 64], as `VecTransposeImage` makes it.
        features_dim: Features per frame.
    """

    def __init__(self, observation_space: spaces.Box, features_dim: int = 256) -> None:
        super().__init__(observation_space, features_dim)
        channels, height, width = observation_space.shape
        self.conv1 = nn.Conv2d(channels, 16, 8, stride=4)
        self.conv2 = nn.Conv2d(16, 32, 4, stride=2)
        self.conv3 = nn.Conv2d(32, 32, 3)
        with torch.no_grad():
            pixels = self._convolve(torch.zeros(1, channels, height, width))
        self.linear = nn.Linear(pixels.flatten(1).shape[1], features_dim)

    def _convolve(self, frames: torch.Tensor) -> torch.Tensor:
        weight = self.conv1.weight * (1.0 / 255.0)
        hidden = functional.conv2d(frames, weight, self.conv1.bias, self.conv1.stride)
        hidden = self.conv2(functional.relu(hidden))
        return functional.relu(self.conv3(functional.relu(hidden)))

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """Features of frames.

        Args:
            observations: uint8 or float [B, C, H, W], 0 to 255, channels last in memory
                for speed.

        Returns:
            [B, features_dim], non-negative.
        """
        device = observations.device.type
        dtype = self.conv1.weight.dtype
        if torch.is_autocast_enabled(device):
            dtype = torch.get_autocast_dtype(device)
        hidden = self._convolve(observations.to(dtype))
        return functional.relu(self.linear(hidden.flatten(1)))


def policy_kwargs(
    critic: Critic = "lstm", hidden: int = 256, architecture: Architecture = "cnn-lstm"
) -> dict[str, Any]:
    """Arguments that make the class of `policy_class(architecture)` use `FrameEncoder`.

    Args:
        critic: What the value reads: an LSTM (or what stands for it) of its own, the actor's
            (without a gradient into it), or the current frame's features.
        hidden: Width of the LSTM, or of what stands for it.
        architecture: The class's.
    """
    other = {} if architecture == "cnn-lstm" else {"architecture": architecture}
    return other | {
        "net_arch": {"pi": [], "vf": []},
        "features_extractor_class": FrameEncoder,
        "normalize_images": False,
        "lstm_hidden_size": hidden,
        "shared_lstm": critic == "shared",
        "enable_critic_lstm": critic == "lstm",
        "optimizer_kwargs": {"eps": 1e-5, "fused": True},
    }
