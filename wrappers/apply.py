"""Puts stacks of wrappers around environments, one level at a time or many."""

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

_OBSERVERS: dict[str, Callable[..., Observer]] = {
    "blind": Blind,
    "grey": Grey,
    "resize": Resize,
    "frame_stack": FrameStack,
}
_VECTOR: dict[str, Callable[..., VectorEnv]] = {
    "action_repeat": ActionRepeat,
    "sticky_actions": StickyActions,
}
_SINGLE: dict[str, Callable[..., gymnasium.Env]] = {
    "action_repeat": lambda env, repeat: RepeatAction(env, repeat),
    "sticky_actions": lambda env, probability: StickyAction(env, probability),
}


def autoreset_mode(stack: Stack) -> AutoresetMode:
    """Mode in which to make the environment of a stack; outside, the stack resets in the step."""
    return AutoresetMode.DISABLED if stack.repeat > 1 else AutoresetMode.SAME_STEP


def observers(stack: Stack, space: spaces.Space) -> list[Observer]:
    """The wrappers of observations in a stack, in order; `space` is that of one slot's frames."""
    made: list[Observer] = []
    for spec in stack:
        if spec.name in _OBSERVERS:
            made.append(_OBSERVERS[spec.name](space, **_arguments(spec)))
            space = made[-1].space
    return made


def seen_space(stack: Stack, space: spaces.Box) -> spaces.Box:
    """Space of one slot's frames behind a stack."""
    return [space, *(observer.space for observer in observers(stack, space))][-1]


def wrap(env: VectorEnv, stack: Stack) -> VectorEnv:
    """Puts a stack around a batched environment that was made with its `autoreset_mode`."""
    for spec in stack:
        if spec.name in _VECTOR:
            env = _VECTOR[spec.name](env, **_arguments(spec))
        else:
            (observer,) = observers(Stack((spec,)), env.single_observation_space)
            env = VectorObservations(env, observer)
    return env


def wrap_single(env: gymnasium.Env, stack: Stack) -> gymnasium.Env:
    """Puts a stack around a single environment."""
    for spec in stack:
        if spec.name in _SINGLE:
            env = _SINGLE[spec.name](env, **_arguments(spec))
        else:
            (observer,) = observers(Stack((spec,)), env.observation_space)
            env = SingleObservations(env, observer)
    return env


def _arguments(spec: Any) -> dict[str, Any]:
    return spec.model_dump(exclude={"name"})
