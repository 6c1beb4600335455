"""Stacks put around environments, one level at a time or many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.wrappers import RepeatAction, StickyAction

from wrappers.actions import ActionRepeat, StickyActions
from wrappers.observations import (
    Blind,
    FrameStack,
    Grey,
    Observer,
    Resize,
    SingleObservations,
    VectorObservations,
)
from wrappers.stack import Stack

OBSERVERS: dict[str, Callable[..., Observer]] = {
    "blind": Blind,
    "grey": Grey,
    "resize": Resize,
    "frame_stack": FrameStack,
}
"""Wrappers of observations; called with the space of one slot, and the spec's arguments."""

_VECTOR: dict[str, Callable[..., VectorEnv]] = {
    "action_repeat": ActionRepeat,
    "sticky_actions": StickyActions,
}
_SINGLE: dict[str, Callable[..., gymnasium.Env]] = {
    "action_repeat": lambda env, repeat: RepeatAction(env, repeat),
    "sticky_actions": lambda env, probability: StickyAction(env, probability),
}


def autoreset_mode(stack: Stack) -> AutoresetMode:
    """How the environment inside a stack must take its next levels; outside, in the same step."""
    repeats = any(spec.name == "action_repeat" for spec in stack)
    return AutoresetMode.DISABLED if repeats else AutoresetMode.SAME_STEP


def observers(stack: Stack, space: spaces.Box) -> list[Observer]:
    """The wrappers of observations in a stack, in order.

    Args:
        stack: With others among them or not.
        space: Of one slot's frames, as the environment shows them.
    """
    made: list[Observer] = []
    for spec in stack:
        if spec.name in OBSERVERS:
            made.append(OBSERVERS[spec.name](space, **_arguments(spec)))
            space = made[-1].space
    return made


def wrap(env: VectorEnv, stack: Stack) -> VectorEnv:
    """A batched environment in a stack.

    Args:
        env: Made with `autoreset_mode` of the stack.
        stack: From the environment outwards.
    """
    for spec in stack:
        if spec.name in OBSERVERS:
            observer = OBSERVERS[spec.name](env.single_observation_space, **_arguments(spec))
            env = VectorObservations(env, observer)
        else:
            env = _VECTOR[spec.name](env, **_arguments(spec))
    return env


def wrap_single(env: gymnasium.Env, stack: Stack) -> gymnasium.Env:
    """A single environment in a stack."""
    for spec in stack:
        if spec.name in OBSERVERS:
            observer = OBSERVERS[spec.name](env.observation_space, **_arguments(spec))
            env = SingleObservations(env, observer)
        else:
            env = _SINGLE[spec.name](env, **_arguments(spec))
    return env


def _arguments(spec: Any) -> dict[str, Any]:
    return spec.model_dump(exclude={"name"})
