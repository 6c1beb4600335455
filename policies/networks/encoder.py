"""A small CNN over single frames, for the policies of `architecture`."""

from __future__ import annotations

from typing import Any

import torch
from gymnasium import spaces
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import nn
from torch.nn import functional

from policies.networks.space_to_depth import fold, fold_filters
from policies.runs.config import Architecture, Critic, Encoder
from wrappers.observations import BLANK


class FrameEncoder(BaseFeaturesExtractor):
    """Convolutions 16 (8x8, stride 4), 32 (4x4, stride 2), 32 (3x3), then a linear layer.

    It takes pixels from 0 to 255, so the policy that owns it must not normalise images:
    the division by 255 is folded into the first layer's weights, and frames go in as bytes.
    Every byte is exact in bfloat16. The two convolutions with a stride run over folded images,
    which takes a sixth off the time of a gradient step through the encoder.

    Args:
        observation_space: Box uint8[3, 64, 64], as `VecTransposeImage` makes it.
        features_dim: Features per frame.
        encoder: ``frozen`` keeps the weights as they are at initialisation; ``blind`` reads `BLANK`
            instead of its input. The policy's zip stores the setting.

    Attributes:
        block: Block size of folded input; unfolded frames are folded here.
    """

    block = 4

    def __init__(
        self, observation_space: spaces.Box, features_dim: int = 256, encoder: Encoder = "learnt"
    ) -> None:
        super().__init__(observation_space, features_dim)
        self.blind = encoder == "blind"
        channels, height, width = observation_space.shape
        self.conv1 = nn.Conv2d(channels, 16, 8, stride=4)
        self.conv2 = nn.Conv2d(16, 32, 4, stride=2)
        self.conv3 = nn.Conv2d(32, 32, 3)
        with torch.no_grad():
            pixels = self._convolve(self._folded(torch.zeros(1, channels, height, width)))
        self.linear = nn.Linear(pixels.flatten(1).shape[1], features_dim)
        self.requires_grad_(encoder != "frozen")

    def _folded(self, observations: torch.Tensor) -> torch.Tensor:
        """Folds frames to [B, H, W, C], without rows that the second convolution never reads."""
        folded = observations.permute(0, 2, 3, 1)
        if observations.shape[1] == self.conv1.in_channels:
            folded = fold(folded, self.block)
        # Its stride is 2: an odd last row or column of the first one's output is left over.
        rows, columns = ((side - 1) // 2 * 2 + 1 for side in folded.shape[1:3])
        return folded[:, :rows, :columns]

    def _convolve(self, folded: torch.Tensor) -> torch.Tensor:
        """Runs the convolutions over folded frames [B, H, W, C]; the result has channels first."""
        filters = fold_filters(self.conv1.weight * (1.0 / 255.0), self.block)
        frames = folded.permute(0, 3, 1, 2)
        hidden = functional.relu(functional.conv2d(frames, filters, self.conv1.bias))
        filters = fold_filters(self.conv2.weight, 2)
        frames = fold(hidden.permute(0, 2, 3, 1), 2).permute(0, 3, 1, 2)
        hidden = functional.relu(functional.conv2d(frames, filters, self.conv2.bias))
        return functional.relu(self.conv3(hidden))

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """Features of frames.

        Args:
            observations: uint8 or float [B, C, H, W], 0 to 255, channels last in memory
                for speed; or folded, [B, 16 * C, H / 4, W / 4].

        Returns:
            [B, features_dim], non-negative.
        """
        device, dtype = observations.device.type, self.conv1.weight.dtype
        if torch.is_autocast_enabled(device):
            dtype = torch.get_autocast_dtype(device)
        if self.blind:
            observations = torch.full_like(observations, BLANK)
        hidden = self._convolve(self._folded(observations).to(dtype).contiguous())
        return functional.relu(self.linear(hidden.flatten(1)))


def policy_kwargs(
    critic: Critic = "lstm",
    hidden: int = 256,
    architecture: Architecture = "cnn-lstm",
    encoder: Encoder = "learnt",
) -> dict[str, Any]:
    """Arguments of `policy_class(architecture)`; see `TrainingConfig`.

    A shared critic passes no gradient into the actor's memory.
    """
    other: dict[str, Any] = {} if architecture == "cnn-lstm" else {"architecture": architecture}
    if encoder != "learnt":
        other["features_extractor_kwargs"] = {"encoder": encoder}
    return other | {
        "net_arch": {"pi": [], "vf": []},
        "features_extractor_class": FrameEncoder,
        "normalize_images": False,
        "lstm_hidden_size": hidden,
        "shared_lstm": critic == "shared",
        "enable_critic_lstm": critic == "lstm",
        "optimizer_kwargs": {"eps": 1e-5, "fused": True},
    }
