"""Accuracy of linear probes of each candidate's direction in frames (Alain & Bengio 2016).

The probe is multinomial logistic regression, fitted by L-BFGS to the quarter of the circle in which
a candidate lies. Its features are the pixels, shrunk to 16 x 16, or what the policy's encoder makes
of the frame before any training. Its penalty is chosen on levels of their own, and its accuracy is
measured on others again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np
import torch
from gymnasium import spaces
from scipy.optimize import minimize
from scipy.special import log_softmax
from stable_baselines3.common.policies import ActorCriticPolicy

from evaluation.ease.poses import POSE_FRAME_SIDE, SECTORS, Views
from evaluation.ease.table import Reading, over_levels
from policies.networks.encoder import FrameEncoder

PENALTIES = (0.001, 0.01, 0.1)
"""Weights of half the squared weights, next to the mean log-likelihood of standardised features."""

SHRUNK = 16
ITERATIONS = 150

Features = Callable[[np.ndarray], np.ndarray]
"""Frames uint8[N, 64, 64, 3] -> float32[N, F]."""


class ProbeSplit(NamedTuple):
    """Views of disjoint levels: to fit on, to choose the penalty on, to test on."""

    fit: Views
    choose: Views
    test: Views


def pixels(frames: np.ndarray) -> np.ndarray:
    """Every channel of frames shrunk to 16 x 16 by the mean over areas: float32[N, 768]."""
    small = [cv2.resize(frame, (SHRUNK, SHRUNK), interpolation=cv2.INTER_AREA) for frame in frames]
    return np.stack(small).reshape(len(frames), -1).astype(np.float32)


def untrained(seed: int) -> FrameEncoder:
    """The policy's encoder before training: orthogonal weights, as in SB3."""
    torch.manual_seed(seed)
    encoder = FrameEncoder(spaces.Box(0, 255, (3, POSE_FRAME_SIDE, POSE_FRAME_SIDE), np.uint8))
    encoder.apply(partial(ActorCriticPolicy.init_weights, gain=2**0.5))
    return encoder


def tensor(frames: np.ndarray) -> torch.Tensor:
    """Frames as the encoder takes them: uint8[N, 3, 64, 64], channels last in memory."""
    return torch.as_tensor(frames).permute(0, 3, 1, 2)


def random_features(seed: int) -> Features:
    """Features of a fixed, untrained encoder: float32[N, 256]."""
    encoder = untrained(seed)

    def features(frames: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            parts = np.array_split(frames, len(frames) // 512 + 1)
            return torch.cat([encoder(tensor(part)) for part in parts]).numpy()

    return features


def _fit(features: np.ndarray, labels: np.ndarray, penalty: float) -> np.ndarray:
    """Weights float64[F, K] of multinomial logistic regression for labels int64[N] below K.

    The last of the features float[N, F] is 1 and carries no penalty.
    """
    kinds = len(SECTORS)
    wanted = np.eye(kinds, dtype=features.dtype)[labels]
    shape = (features.shape[1], kinds)

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(shape).astype(features.dtype)
        log_shares = log_softmax(features @ weights, axis=1)
        slope = features.T @ (np.exp(log_shares) - wanted) / len(features)
        slope[:-1] += penalty * weights[:-1]
        value = -float((wanted * log_shares).sum()) / len(features)
        value += penalty / 2 * float((weights[:-1] ** 2).sum())
        return value, slope.astype(np.float64).ravel()

    start = np.zeros(shape).ravel()
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS})
    return found.x.reshape(shape)


def hits(split: ProbeSplit, prepared: Sequence[np.ndarray], candidate: int) -> np.ndarray:
    """1 where the probe for one candidate is right on the test levels, else 0: float64[N].

    `prepared` has the standardised features of the three parts, with a last column of ones.
    """
    best, least = None, -1.0
    for penalty in PENALTIES:
        weights = _fit(prepared[0], split.fit.sectors[:, candidate], penalty)
        guessed = (prepared[1] @ weights).argmax(axis=1)
        accuracy = float((guessed == split.choose.sectors[:, candidate]).mean())
        if accuracy > least:
            best, least = weights, accuracy
    assert best is not None
    return ((prepared[2] @ best).argmax(axis=1) == split.test.sectors[:, candidate]).astype(float)


def chance(split: ProbeSplit, candidate: int) -> np.ndarray:
    """1 where the most frequent direction of the fitted levels is right on the test levels."""
    usual = np.bincount(split.fit.sectors[:, candidate]).argmax()
    return (split.test.sectors[:, candidate] == usual).astype(float)


def standardised(split: ProbeSplit, features: Features) -> list[np.ndarray]:
    """Features of the three parts, of mean 0 and deviation 1 over the first, and a column of 1."""
    raw = [features(part.frames) for part in split]
    mean, deviation = raw[0].mean(axis=0), raw[0].std(axis=0)
    deviation[deviation < 1e-6] = 1.0
    parts = [(part - mean) / deviation for part in raw]
    return [np.column_stack([part, np.ones(len(part), np.float32)]) for part in parts]


def decodability(
    split: ProbeSplit, kinds: Sequence[Features], candidates: Sequence[str]
) -> dict[str, Reading]:
    """Accuracy above chance on the test levels, as the mean over kinds of features."""
    prepared = [standardised(split, features) for features in kinds]
    found = {}
    for index, name in enumerate(candidates):
        each = np.stack([hits(split, parts, index) for parts in prepared])
        above = split.test.by_level((each - chance(split, index)).T)
        reading = over_levels(above.mean(axis=1))
        seeds = tuple(above.mean(axis=0).tolist()) if len(kinds) > 1 else ()
        found[name] = reading.model_copy(update={"seeds": seeds})
    return found
