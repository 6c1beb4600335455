"""Labelled frames that the policy's encoder needs to learn each candidate's direction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from evaluation.ease.poses import SECTORS, Views
from evaluation.ease.probes import tensor, untrained
from evaluation.ease.settings import DetectorSettings

BATCH = 64
LEARNING_RATE = 7e-4
"""`TrainingConfig`'s at the start."""


def train_detector(
    frames: torch.Tensor, labels: torch.Tensor, seed: int, epochs: int, fewest: int
) -> nn.Module:
    """The encoder with a linear layer on it, trained from scratch by Adam.

    Frames are uint8[N, 3, 64, 64], labels int64[N] from 0 to 3; `fewest` bounds gradient steps.
    """
    encoder = untrained(seed)
    model = nn.Sequential(encoder, nn.Linear(encoder.features_dim, len(SECTORS)))
    optimizer = torch.optim.Adam(model.parameters(), LEARNING_RATE, fused=True)
    shuffle = torch.Generator().manual_seed(seed)
    batches = max(fewest, epochs * len(frames) // BATCH)
    passes = -(-batches * BATCH // len(frames))
    order = torch.cat([torch.randperm(len(frames), generator=shuffle) for _ in range(passes)])
    for rows in order[: batches * BATCH].split(BATCH):
        loss = functional.cross_entropy(model(frames[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def accuracy(model: nn.Module, views: Views, candidate: int) -> float:
    """Share of frames in which a detector names the direction of a candidate."""
    with torch.no_grad():
        guessed = [model(part).argmax(1) for part in tensor(views.frames).split(512)]
    return float((torch.cat(guessed).numpy() == views.sectors[:, candidate]).mean())


def crossing(sizes: Sequence[float], values: Sequence[float], threshold: float) -> float | None:
    """The size at which a curve first reaches a threshold; None where it never does.

    The curve is linear in the logarithm of its sizes, which rise from above 0.
    """
    at = next((index for index, value in enumerate(values) if value >= threshold), None)
    if at is None:
        return None
    if at == 0:
        return float(sizes[0])
    part = (threshold - values[at - 1]) / (values[at] - values[at - 1])
    return float(np.exp(np.interp(part, [0, 1], np.log(sizes[at - 1 : at + 1]))))


def samples_to(
    fitted: Views, test: Views, candidate: int, settings: DetectorSettings, seed: int
) -> list[float | None]:
    """Labelled frames until held-out accuracy reaches each threshold; None where it never does.

    A new detector is trained on each number of frames until one reaches the largest threshold.
    The seed sets the draw of frames from `fitted`, weights and batches; `test` has other levels.
    """
    drawn = np.random.default_rng(seed).permutation(len(fitted.frames))
    sizes, values = settings.sizes, list[float]()
    for size in sizes:
        rows = drawn[:size]
        frames = tensor(np.ascontiguousarray(fitted.frames[rows]))
        labels = torch.as_tensor(fitted.sectors[rows, candidate])
        model = train_detector(frames, labels, seed, settings.epochs, settings.fewest)
        values.append(accuracy(model, test, candidate))
        if values[-1] >= max(settings.thresholds):
            break
    return [crossing(sizes[: len(values)], values, threshold) for threshold in settings.thresholds]
