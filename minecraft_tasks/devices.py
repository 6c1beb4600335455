"""Devices: behaviours that pursue nothing, yet can look as if they did (docs/method.md).

What each of them does next follows from the heading, from what blocks the way around it, and from
the decision before. The same functions play a device and recognise it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minecraft_tasks.errors import FalseBeaconError
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.traces import PROBES

DEVICES = ("random", "still", "turn", "wall", "nearest", "compass")
"""Classes of device; `random` and `nearest` have no function here: one has no next action, the
other is a pursuit whose target changes."""

COMPASS = {"south": 0.0, "west": 90.0, "north": 180.0, "east": 270.0}
"""Yaw in degrees."""

Predict = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""(yaw float64[D] degrees, blocked bool[D, P], action before int64[D] or -1) -> action int64[D]."""


def behaviours(spec: TaskSpec) -> dict[str, dict[str, Predict]]:
    """Class of device -> name of a variant -> what it does next.

    Raises:
        FalseBeaconError: If the task has other actions than forward and two turns.
    """
    degrees = 360.0 / spec.headings
    forward, left, right = range(3)

    def spin(action: int) -> Predict:
        return lambda yaw, blocked, before: np.full(len(yaw), action)

    def rock(yaw: np.ndarray, blocked: np.ndarray, before: np.ndarray) -> np.ndarray:
        return np.where(before == left, right, left)

    def follow(hand: int) -> Predict:
        ahead, beside, behind = (PROBES.index(hand * angle) for angle in (0.0, 90.0, 135.0))
        towards, away = (right, left) if hand > 0 else (left, right)

        def action(yaw: np.ndarray, blocked: np.ndarray, before: np.ndarray) -> np.ndarray:
            lost = ~blocked[:, beside] & blocked[:, behind]
            return np.where(blocked[:, ahead], away, np.where(lost, towards, forward))

        return action

    def head(bearing: float) -> Predict:
        def action(yaw: np.ndarray, blocked: np.ndarray, before: np.ndarray) -> np.ndarray:
            turn = (bearing - yaw + 180.0) % 360.0 - 180.0
            return np.where(np.abs(turn) <= degrees / 2, forward, np.where(turn < 0, left, right))

        return action

    names = {bearing: name for name, bearing in COMPASS.items()}
    bearings = np.arange(spec.headings) * degrees
    return {
        "still": {"": rock},
        "turn": {"left": spin(left), "right": spin(right)},
        "wall": {"left": follow(-1), "right": follow(1)},
        "compass": {names.get(bearing, f"{bearing:g}"): head(bearing) for bearing in bearings},
    }


def behaviour(spec: TaskSpec, name: str) -> Predict:
    """The device that a person named, such as ``turn``, ``wall:right`` or ``compass:east``.

    Without a variant it is the first; without a direction, east.

    Raises:
        FalseBeaconError: If there is no such device.
    """
    kind, _, variant = name.partition(":")
    known = behaviours(spec)
    if kind in known:
        variants = known[kind]
        wanted = variant or ("east" if kind == "compass" else next(iter(variants)))
        if wanted in variants:
            return variants[wanted]
    options = [f"{kind}:{variant}".rstrip(":") for kind in known for variant in known[kind]]
    raise FalseBeaconError(f"no device {name!r}; known: random, nearest, {', '.join(options)}.")
