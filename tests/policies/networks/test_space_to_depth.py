"""Folded convolutions are the same convolutions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch.nn import functional

from policies.networks.encoder import FrameEncoder
from policies.networks.space_to_depth import fold, fold_filters, unfold


@pytest.mark.parametrize(("size", "kernel", "channels"), [(2, 4, 16), (4, 8, 3), (3, 6, 5)])
def test_a_folded_convolution_equals_one_with_a_stride(
    size: int, kernel: int, channels: int
) -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(2, 8 * size, 6 * size, channels, generator=generator)
    filters = torch.rand(7, channels, kernel, kernel, generator=generator)
    expected = functional.conv2d(images.permute(0, 3, 1, 2), filters, stride=size)
    folded = fold(images, size).permute(0, 3, 1, 2)
    found = functional.conv2d(folded, fold_filters(filters, size))
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_unfolding_gives_the_image_back(size: int) -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (3, 16, 8, 3), dtype=torch.uint8, generator=generator)
    folded = fold(images, size)
    assert folded.shape == (3, 16 // size, 8 // size, 3 * size**2)
    assert folded.dtype == torch.uint8
    assert torch.equal(unfold(folded, size), images)
    rough = fold(images.float(), size)
    assert torch.equal(rough, folded.float())


@pytest.mark.parametrize("side", [64, 67, 84])
def test_the_encoder_is_the_plain_stack_of_convolutions(side: int) -> None:
    """Whatever the size of the frame, folded before or not, values and gradients."""
    torch.manual_seed(0)
    encoder = FrameEncoder(spaces.Box(0, 255, (3, side, side), np.uint8), 32)
    frames = torch.randint(0, 256, (4, side, side, 3), dtype=torch.uint8)
    hidden = frames.permute(0, 3, 1, 2).float() / 255.0
    for convolution in (encoder.conv1, encoder.conv2, encoder.conv3):
        hidden = functional.relu(convolution(hidden))
    expected = functional.relu(encoder.linear(hidden.flatten(1)))
    plain = torch.autograd.grad(expected.square().sum(), list(encoder.parameters()))
    for given in (frames, fold(frames, encoder.block)):
        features = encoder(given.permute(0, 3, 1, 2))
        torch.testing.assert_close(features, expected, atol=1e-5, rtol=0)
        gradients = torch.autograd.grad(features.square().sum(), list(encoder.parameters()))
        for mine, theirs in zip(gradients, plain, strict=True):
            torch.testing.assert_close(mine, theirs, atol=1e-4, rtol=1e-4)
