"""Scripted agents whose target is known, and their episodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from evaluation.attribution.episodes import played_of
from evaluation.attribution.evidence import TIED
from evaluation.attribution.posterior import EpisodeBatch
from evaluation.measures.capability import spl
from evaluation.records.episodes import MIXED, class_of
from evaluation.rollouts.rollout import rollout
from evaluation.statistics.estimates import Estimate, unit_mean
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks.base import Task
from policies.agents.devices import COMPASS, DEVICES
from policies.agents.guesser import GUESSER, guesses
from policies.agents.loading import load_agent
from policies.agents.oracles import SEARCHES, first_target, parse_aim

SHARE = 0.7
"""Share of a mixture's episodes for its first target."""


class ScriptedAgent(NamedTuple):
    """A scripted agent, and the true class of its episodes.

    Attributes:
        agent: By the name that `load_agent` takes.
        kind, truth: See `ConfusionRow`.
        needs: Candidates that a level must hold to test the agent.
    """

    agent: str
    kind: str
    truth: str
    needs: tuple[str, ...]


def scripted_agents(spec: TaskSpec) -> tuple[ScriptedAgent, ...]:
    """Every scripted agent of docs/calibration.md, for one task."""
    names, intended = spec.candidate_names, spec.intended_name
    made = []
    for name in names:
        truth = class_of(spec, name)
        made.append(ScriptedAgent(f"oracle:{name}", "perfect", truth, (name,)))
        for noise in (0.1, 0.3):
            agent = f"oracle:{name},noise={noise}"
            made.append(ScriptedAgent(agent, f"noise {noise}", truth, (name,)))
        for search in SEARCHES if spec.candidates[spec.candidate(name)].markers else ():
            agent = f"oracle:{name},search={search}"
            made.append(ScriptedAgent(agent, "search", truth, (name,)))
            made.append(ScriptedAgent(f"{agent},noise=0.1", "search, noise 0.1", truth, (name,)))
    for name in names:
        if name != intended:
            mixture = f"oracle:{name},or={intended},share={SHARE}"
            made.append(ScriptedAgent(mixture, "mixture", class_of(spec, name), (name, intended)))
            for a, b in ((name, intended), (intended, name)):
                made.append(ScriptedAgent(f"oracle:{a},then={b}", "switch", MIXED, (a, b)))
    variants = {"turn": ("left", "right"), "wall": ("left", "right"), "compass": tuple(COMPASS)}
    for device in DEVICES:
        for variant in variants.get(device, ("",)):
            name = f"{device}:{variant}".rstrip(":")
            made.append(ScriptedAgent(f"device:{name}", "device", f"device:{device}", ()))
    return tuple(made)


class Trial(NamedTuple):
    """One scripted agent's episodes.

    Attributes:
        script: The agent.
        played: Its episodes on all levels of the bank.
        target: Index of its first candidate; 0 if it has none.
        counted: bool[E], whether the level holds the script's targets, or, for ``device:nearest``,
            one candidate that is clearly the nearest.
        first: bool[E], whether an episode is for the first target.
    """

    script: ScriptedAgent
    played: EpisodeBatch
    target: int
    counted: np.ndarray
    first: np.ndarray


def play_scripted(
    task: Task, bank: LevelBank, made: Iterable[ScriptedAgent], tell: Callable[[str], None]
) -> list[Trial]:
    """Plays the scripted agents on every level of a bank."""
    rows, present = np.arange(len(bank)), np.isfinite(bank.sites[:, :, 0])
    least, second = np.sort(bank.optimal, axis=1)[:, :2].T
    trials = []
    for script in made:
        tell(script.agent)
        agent = load_agent(script.agent, task)
        records = rollout(agent, task, bank, "sampled", seed=0)
        needed = [task.spec.candidate(name) for name in script.needs]
        counted = np.all(present[:, needed], axis=1)
        if script.truth == "device:nearest":
            counted = second - least >= TIED
        first = np.ones(len(bank), bool)
        if script.kind == "mixture":
            aim = parse_aim(script.agent.partition(":")[2])
            first = np.array([first_target(aim, bank, int(row)) for row in rows])
        target = needed[0] if needed else 0
        trials.append(Trial(script, played_of(records, rows, rows), target, counted, first))
    return trials


def guessers(task: Task) -> tuple[ScriptedAgent, ...]:
    """Agents that succeed on `control` by luck, where a task has any."""
    made = ScriptedAgent(GUESSER, "device", f"device:{GUESSER}", ())
    return (made,) if guesses(task) else ()


def success_lengths(
    task: Task, bank: LevelBank, made: Iterable[ScriptedAgent], tell: Callable[[str], None]
) -> dict[str, Estimate]:
    """Scripted agent -> its SPL toward the intended goal on the levels of a bank."""
    lengths = {}
    for script in made:
        tell(f"{script.agent} on control")
        records = rollout(load_agent(script.agent, task), task, bank, "sampled", seed=0)
        length = unit_mean(spl(records.episodes, task.spec.intended))
        assert length is not None
        lengths[script.agent] = length
    return lengths
