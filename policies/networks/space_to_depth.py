"""Space to depth: blocks of pixels become the channels of one pixel.

A convolution with a stride equals one of stride 1 over the folded image with the folded filter: the
same sums of the same products, in an order that is faster on processors.
"""

from __future__ import annotations

import torch


def fold(images: torch.Tensor, size: int) -> torch.Tensor:
    """Folds blocks of size x size pixels.

    Args:
        images: [B, H, W, C]; rows and columns beyond a multiple of `size` are left out.
        size: Of a block; 1 returns the images.

    Returns:
        [B, H // size, W // size, size * size * C], a block's pixels row by row.
    """
    if size == 1:
        return images
    batch, height, width, channels = images.shape
    rows, columns = height // size, width // size
    inside = images[:, : rows * size, : columns * size].contiguous()
    blocks = inside.view(batch, rows, size, columns, size * channels)
    if images.dtype == torch.uint8 and size * channels % 4 == 0:
        # Moving four bytes at once is as fast as moving one.
        words = blocks.view(torch.int32).transpose(2, 3).contiguous()
        return words.view(torch.uint8).view(batch, rows, columns, -1)
    return blocks.transpose(2, 3).reshape(batch, rows, columns, -1)


def unfold(folded: torch.Tensor, size: int) -> torch.Tensor:
    """Restores images [B, H, W, C] from the result of `fold`."""
    batch, rows, columns, depth = folded.shape
    channels = depth // size**2
    blocks = folded.reshape(batch, rows, columns, size, size, channels).transpose(2, 3)
    return blocks.reshape(batch, rows * size, columns * size, channels)


def fold_filters(filters: torch.Tensor, size: int) -> torch.Tensor:
    """Filters for a folded image.

    Args:
        filters: [O, C, K, K], K a multiple of `size`, applied with stride `size`.
        size: Of a block.

    Returns:
        [O, size * size * C, K // size, K // size], applied with stride 1.
    """
    count, channels, height, width = filters.shape
    rows, columns = height // size, width // size
    blocks = filters.reshape(count, channels, rows, size, columns, size)
    return blocks.permute(0, 3, 5, 1, 2, 4).reshape(count, -1, rows, columns)
