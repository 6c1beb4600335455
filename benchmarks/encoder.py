"""The encoder by itself, plain and through `torch.compile`, side by side in one run.

A gradient step's forward and backward pass over 1,024 frames. Needs a C++ compiler. Run as
``python -m benchmarks.encoder``.
"""

from __future__ import annotations

import shutil
import statistics
import time
from typing import Any

import numpy as np
import torch
from gymnasium import spaces

from policies.networks.encoder import FrameEncoder
from policies.networks.space_to_depth import fold
from policies.networks.step import autocast, native_bf16
from policies.runs.config import Precision

FRAMES = 1024


def seconds(encoder: Any, images: torch.Tensor, precision: Precision) -> float:
    """Seconds of one forward and backward pass."""
    start = time.perf_counter()
    with autocast(images.device, precision):
        features = encoder(images)
    features.sum().backward()
    return time.perf_counter() - start


def measure(rounds: int = 9, threads: int = 2) -> dict[str, Any]:
    """Both in turns, in every precision that this processor multiplies natively.

    Args:
        rounds: Passes of each, after two that do not count.
        threads: Of torch.
    """
    torch.set_num_threads(threads)
    encoder = FrameEncoder(spaces.Box(0, 255, (3, 64, 64), np.uint8))
    compiled = torch.compile(encoder)
    frames = torch.randint(0, 256, (FRAMES, 64, 64, 3), dtype=torch.uint8)
    images = fold(frames, encoder.block).permute(0, 3, 1, 2)
    precisions: list[Precision] = ["float32", "bf16"] if native_bf16() else ["float32"]
    results: dict[str, Any] = {}
    for precision in precisions:
        passes = [
            (seconds(encoder, images, precision), seconds(compiled, images, precision))
            for _ in range(rounds + 2)
        ]
        plain, through = (statistics.median(part) for part in zip(*passes[2:], strict=True))
        results[precision] = {"seconds": plain, "compiled": through, "ratio": plain / through}
    return results


def main() -> dict[str, Any]:
    """Measures, prints and returns the figures; empty without a C++ compiler."""
    if shutil.which("g++") is None:
        print("encoder: torch.compile needs a C++ compiler (g++), which is not installed")
        return {}
    measured = measure()
    for precision, result in measured.items():
        print(
            f"encoder, {precision}: {1e3 * result['seconds']:.0f} ms for {FRAMES:,} frames,"
            f" compiled {1e3 * result['compiled']:.0f} ms, {result['ratio']:.2f} x as fast"
        )
    return measured


if __name__ == "__main__":
    main()
