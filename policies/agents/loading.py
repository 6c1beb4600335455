"""Agents of every origin behind one protocol: ours, Stable-Baselines3's, scripted, or foreign."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError
from minecraft_tasks.core.importing import load_object, local_imports
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks.base import Task
from policies.agents.base import Agent, ForeignAgent, RandomAgent
from policies.runs.agent_names import LESSENED
from policies.runs.checkpoints import newest_checkpoint
from policies.runs.record import read_run

FORMS = (
    "a run directory or checkpoint, sb3:<zip>, oracle:<candidate>, device:<name>, random,"
    " package.module:factory; and memoryless:<agent>, blind:<agent>"
)


def load_agent(text: str, task: Task, any_version: bool = False) -> Agent:
    """The agent that a person named.

    Args:
        text: A run directory (its newest checkpoint) or a checkpoint inside one, ``sb3:<zip>``,
            ``oracle:<candidate>`` with the options of `policies.agents.oracles.parse_aim`,
            ``device:<name>``, ``random``, or ``package.module:factory``; behind
            ``memoryless:`` or ``blind:`` to take its memory or its sight.
        task: That it is to be judged on.
        any_version: Whether a run of another version of the task will do.

    Raises:
        UnknownNameError: If there is no such agent, module or candidate.
        FalseBeaconError: If its file is missing, broken, or made for another task.
    """
    if text == "random":
        return RandomAgent(len(task.spec.actions))
    kind, _, rest = text.partition(":")
    if kind in LESSENED and rest:
        from policies.agents.ablated import CONTROLS

        return CONTROLS[kind](text, load_agent(rest, task, any_version))
    if kind == "oracle" and rest:
        from policies.agents.oracles import OracleAgent

        return OracleAgent(task, rest)
    if kind == "device" and rest:
        from policies.agents.devices import device_agent

        return device_agent(task, rest)
    if kind == "sb3" and rest:
        return _sb3(Path(rest), text, task.spec)
    path = Path(text)
    if path.is_dir():
        return _run(path, task.spec, any_version)
    if path.suffix == ".zip":
        return _checkpoint(path, task.spec, any_version)
    if rest and "/" not in kind:
        return _foreign(kind, rest, task.spec)
    raise UnknownNameError(f"no agent {text!r}: no such file or directory. Known: {FORMS}.")


def _sb3(path: Path, name: str, spec: TaskSpec) -> Agent:
    from policies.agents.sb3 import load_sb3

    return load_sb3(path, name, spec)


def _run(directory: Path, spec: TaskSpec, any_version: bool) -> Agent:
    read_run(directory, spec, any_version)
    newest = newest_checkpoint(directory, partial(print, file=sys.stderr))
    return _sb3(newest, str(directory), spec)


def _checkpoint(path: Path, spec: TaskSpec, any_version: bool) -> Agent:
    """A checkpoint inside a run directory; what lies elsewhere must say that it is foreign."""
    if not path.is_file():
        raise FalseBeaconError(f"no checkpoint {path}: the file does not exist.")
    directory = path.parent.parent
    if not (directory / "run.json").exists():
        raise FalseBeaconError(
            f"{path} lies in no run directory (no {directory / 'run.json'}): to judge a"
            f" Stable-Baselines3 zip of your own, write sb3:{path}."
        )
    read_run(directory, spec, any_version)
    return _sb3(path, str(path), spec)


def _foreign(module_name: str, factory_name: str, spec: TaskSpec) -> Agent:
    name = f"{module_name}:{factory_name}"
    try:
        factory = load_object(name, "agent")
    except UnknownNameError as error:
        raise UnknownNameError(f"{error} Known: {FORMS}.") from error
    try:
        with local_imports():
            inner = factory(spec)
    except Exception as error:
        raise FalseBeaconError(
            f"agent {name!r} did not load: {type(error).__name__}: {error}."
        ) from error
    if not callable(getattr(inner, "act", None)):
        raise FalseBeaconError(
            f"agent {name!r}: {factory_name}(task_spec) returned {type(inner).__name__}, which has"
            " no method act(observations, starts)."
        )
    return ForeignAgent(name, inner)
