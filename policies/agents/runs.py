"""Agents of this project's own runs."""

from __future__ import annotations

from pathlib import Path

from minecraft_tasks.spec import TaskSpec
from policies.agents.base import FRAMES, Agent
from policies.agents.sb3 import RecurrentAgent
from policies.networks.weights import read_policy
from policies.runs.record import RunRecord
from wrappers.apply import seen_space
from wrappers.stack import Stack


def load_own(path: Path, name: str, spec: TaskSpec, record: RunRecord) -> tuple[Agent, Stack]:
    """Loads the agent of a run's checkpoint, and the stack that it was trained in.

    Nothing is unpickled, so that a run from elsewhere can be judged without trust.

    Raises:
        CorruptFileError: As in `read_policy`.
    """
    stack = record.config.wrappers
    frames = seen_space(stack, FRAMES)
    policy = read_policy(path, record.config, frames, len(spec.actions))
    return RecurrentAgent(name, policy), stack
