"""Loads agents by name: runs, Stable-Baselines3 zips, scripted and foreign agents."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError
from minecraft_tasks.core.importing import load_object, local_imports
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks.base import Task
from policies.agents.base import FRAMES, Agent, ForeignAgent, RandomAgent
from policies.agents.wrapped import CONTROLS, acting, observing
from policies.runs.agent_names import AgentOrigin, AgentRef
from policies.runs.checkpoints import newest_checkpoint, weights_alone
from policies.runs.record import read_run
from wrappers.stack import Stack

NO_WRAPPERS = Stack()
FORMS = (
    "a run directory or checkpoint, sb3:<zip>, oracle:<candidate>, searcher:<candidate>,"
    " device:<name>, aimless:<kind>, guesser, random, package.module:factory;"
    " and memoryless:<agent>, blind:<agent>"
)


def load_agent(
    text: str,
    task: Task,
    any_version: bool = False,
    trust: bool = False,
    wrappers: Stack = NO_WRAPPERS,
) -> Agent:
    """Loads the agent of a name.

    Args:
        text: A run directory (its newest checkpoint) or a checkpoint inside one, ``sb3:<zip>``,
            ``oracle:<candidate>`` with the options of `policies.agents.oracles.parse_aim`,
            ``searcher:<candidate>``, ``device:<name>``, ``aimless:<kind>``, ``guesser``,
            ``random``, or ``package.module:factory``; the prefixes ``memoryless:`` and ``blind:``
            remove memory and sight. An agent that was trained in wrappers gets them again.
        task: The task on which it is judged.
        any_version: Whether a run of another version of the task is accepted.
        trust: Whether an ``sb3:`` zip may be unpickled, which runs any code in it.
        wrappers: What an ``sb3:`` zip that names none, or the agent of a factory, was trained in.

    Raises:
        UnknownNameError: If there is no such agent, module or candidate.
        FalseBeaconError: If its file is missing, broken, not trusted, or made for another task, or
            the agent has other wrappers.
    """
    ref = AgentRef.parse(text)
    agent, stack, origin = _bare(ref.name, task, any_version, trust, wrappers)
    if wrappers not in (NO_WRAPPERS, stack):
        raise FalseBeaconError(
            f"{text} was trained in the wrappers {str(stack) or 'none'!r}, not in"
            f" {str(wrappers)!r}: leave out --wrappers."
        )
    agent = observing(agent, stack, FRAMES)
    for ablation in reversed(ref.ablations):
        agent = CONTROLS[ablation](agent)
    agent = acting(agent, stack)
    agent.name = text
    loaded: Any = agent
    loaded.origin = origin.model_copy(update={"ablations": ref.ablations})
    return loaded


def _bare(
    name: str, task: Task, any_version: bool, trust: bool, wrappers: Stack
) -> tuple[Agent, Stack, AgentOrigin]:
    """An agent without ablations and wrappers, its wrappers of training, and its origin."""
    kind, _, rest = name.partition(":")
    path, is_run = Path(name), name not in ("random", "guesser") and Path(name).is_dir()
    if kind == "sb3" and rest:
        from policies.agents.sb3 import load_sb3

        loaded = load_sb3(Path(rest), name, task.spec, trust, wrappers)
        return *loaded, AgentOrigin(checkpoint=rest)
    if is_run or path.suffix in (".zip", ".safetensors"):
        from policies.agents.runs import load_own

        run = path if is_run else _run_of(path)
        record = read_run(run, task.spec, any_version)
        if is_run:
            alone = weights_alone(run)
            notify = partial(print, file=sys.stderr)
            path = alone[-1] if alone else newest_checkpoint(run, notify)
        steps = int(path.stem) if path.stem.isdigit() else None
        origin = AgentOrigin(run=str(run), checkpoint=str(path), steps=steps)
        return *load_own(path, name, task.spec, record), origin
    agent = _scripted(name, task)
    stack = wrappers if isinstance(agent, ForeignAgent) else NO_WRAPPERS
    return agent, stack, AgentOrigin()


def _scripted(name: str, task: Task) -> Agent:
    """An agent without a file."""
    kind, _, rest = name.partition(":")
    if name == "random":
        return RandomAgent(len(task.spec.actions))
    if name == "guesser":
        from policies.agents.guesser import GuesserAgent

        return GuesserAgent(task)
    if kind == "oracle" and rest:
        from policies.agents.oracles import OracleAgent

        return OracleAgent(task, rest)
    if kind == "searcher" and rest:
        from policies.agents.searcher import SearcherAgent

        return SearcherAgent(task, rest)
    if kind == "device" and rest:
        from policies.agents.devices import device_agent

        return device_agent(task, rest)
    if kind == "aimless" and rest:
        from policies.agents.aimless import aimless_agent

        return aimless_agent(task, rest)
    if rest and "/" not in kind:
        return _foreign(kind, rest, task.spec)
    raise UnknownNameError(f"no agent {name!r}: no such file or directory. Known: {FORMS}.")


def _run_of(path: Path) -> Path:
    """The run directory of a checkpoint."""
    if not path.is_file():
        raise FalseBeaconError(f"no checkpoint {path}: the file does not exist.")
    directory = path.parent.parent
    if not (directory / "run.json").exists():
        raise FalseBeaconError(
            f"{path} lies in no run directory (no {directory / 'run.json'}): to judge a"
            f" Stable-Baselines3 zip of your own, write sb3:{path}."
        )
    return directory


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
