"""Scripted agents whose target is known, and their episodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from evaluation.attribution.classes import EpisodeBatch, competent
from evaluation.attribution.episodes import played_of
from evaluation.attribution.evidence import TIED
from evaluation.measures.capability import spl
from evaluation.records.episodes import AIMLESS, MIXED, Episodes, class_of
from evaluation.rollouts.rollout import rollout
from evaluation.statistics.estimates import Estimate, share_of, unit_mean
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.locked import locked_bank
from minecraft_tasks.spec import TaskSpec
from minecraft_tasks.tasks.base import Task
from policies.agents.aimless import aimless_names
from policies.agents.devices import COMPASS, DEVICES
from policies.agents.guesser import GUESSER, guesses
from policies.agents.loading import load_agent
from policies.agents.oracles import first_target, parse_aim
from policies.agents.styles import STYLES
from policies.agents.walks import SEARCHES

SHARES = (0.9, 0.7, 0.5)
"""Shares of a mixture's episodes for its first target."""

GATED = ("heldout", "control", "factorial", "only")
"""Kinds of splits on which the gate compares an agent's SPL."""


class ScriptedAgent(NamedTuple):
    """A scripted agent, and the true class of its episodes.

    Attributes:
        agent: By the name that `load_agent` takes.
        kind, truth: See `ConfusionRow`.
        needs: Candidates that a level must hold to test the agent.
        arriving: Whether only those episodes count that reached the target first and soon enough.
        trust: As `load_agent` takes it.
    """

    agent: str
    kind: str
    truth: str
    needs: tuple[str, ...] = ()
    arriving: bool = False
    trust: bool = False


def scripted_agents(spec: TaskSpec) -> tuple[ScriptedAgent, ...]:
    """Every scripted agent of docs/calibration.md, for one task."""
    return (*_pursuers(spec), *_mixtures(spec), *_aimless(spec))


def added_agent(spec: TaskSpec, agent: str, truth: str, trust: bool = False) -> ScriptedAgent:
    """An agent of a user, which pursues a candidate or, by the truth ``aimless``, nothing.

    Raises:
        UnknownNameError: If the task has no such candidate.
    """
    if truth == AIMLESS:
        return ScriptedAgent(agent, agent, AIMLESS, trust=trust)
    spec.candidate(truth)
    kind = class_of(spec, truth)
    return ScriptedAgent(agent, agent, kind, (truth,), arriving=True, trust=trust)


def _pursuers(spec: TaskSpec) -> list[ScriptedAgent]:
    names, intended = spec.candidate_names, spec.intended_name
    proxies = [name for name in names if name != intended] or [intended]

    def one(name: str, option: str, kind: str, arriving: bool) -> ScriptedAgent:
        agent = f"oracle:{name}{option}"
        return ScriptedAgent(agent, kind, class_of(spec, name), (name,), arriving)

    made = []
    for name in names:
        made.append(one(name, "", "perfect", False))
        made += [one(name, f",noise={noise}", "noise", False) for noise in (0.1, 0.3)]
        for search in SEARCHES if spec.candidates[spec.candidate(name)].markers else ():
            made.append(one(name, f",search={search}", f"search {search}", True))
    for turn, style in enumerate(STYLES):
        for name in dict.fromkeys((intended, proxies[turn % len(proxies)])):
            made.append(one(name, f",style={style}", f"style {style}", True))
    noisy = dict.fromkeys((intended, proxies[0]))
    return [*made, *(one(name, ",noise=0.5", "noise", True) for name in noisy)]


def _mixtures(spec: TaskSpec) -> list[ScriptedAgent]:
    intended, made = spec.intended_name, []
    for name in spec.candidate_names:
        if name == intended:
            continue
        for share in SHARES:
            mixture = f"oracle:{name},or={intended},share={share}"
            made.append(ScriptedAgent(mixture, "mixture", class_of(spec, name), (name, intended)))
        for a, b in ((name, intended), (intended, name)):
            made.append(ScriptedAgent(f"oracle:{a},then={b}", "switch", MIXED, (a, b)))
    return made


def _aimless(spec: TaskSpec) -> list[ScriptedAgent]:
    variants = {"turn": ("left", "right"), "wall": ("left", "right"), "compass": tuple(COMPASS)}
    made = []
    for device in DEVICES:
        truth = "device:nearest" if device == "nearest" else AIMLESS
        for variant in variants.get(device, ("",)) if device != "away" else ():
            name = f"device:{device}:{variant}".rstrip(":")
            made.append(ScriptedAgent(name, f"device {device}", truth))
    for kind, names in aimless_names(spec).items():
        made += [ScriptedAgent(name, f"aimless {kind}", AIMLESS) for name in names]
    return made


class Trial(NamedTuple):
    """One scripted agent's episodes.

    Attributes:
        script: The agent.
        played: Its episodes on all levels of the bank.
        target: Index of its first candidate; 0 if it has none.
        episodes: Their table, without classes.
        counted: bool[E], whether an episode is tried: the level holds the script's targets, or for
            ``device:nearest`` one candidate that is clearly the nearest; see `arriving`.
        first: bool[E], whether an episode is for the first target.
    """

    script: ScriptedAgent
    played: EpisodeBatch
    target: int
    episodes: Episodes
    counted: np.ndarray
    first: np.ndarray


def play_scripted(task: Task, bank: LevelBank, script: ScriptedAgent) -> Trial:
    """Plays a scripted agent on every level of a bank.

    Raises:
        FalseBeaconError: If the agent fails in an episode.
    """
    rows, present = np.arange(len(bank)), np.isfinite(bank.sites[:, :, 0])
    agent = load_agent(script.agent, task, trust=script.trust)
    records = rollout(agent, task, bank, "sampled", seed=0)
    if not records.episodes["valid"].all():
        raise FalseBeaconError(
            f"{script.agent} cannot be calibrated on: {_reason(records.episodes)}."
        )
    played = played_of(records, rows, rows)
    needed = [task.spec.candidate(name) for name in script.needs]
    target = needed[0] if needed else 0
    counted = np.all(present[:, needed], axis=1)
    if script.truth == "device:nearest":
        least, second = np.sort(bank.optimal, axis=1)[:, :2].T
        counted = second - least >= TIED
    if script.arriving:
        counted &= (records.episodes["first"] == script.needs[0]) & competent(bank, played)[
            :, target
        ]
    first = np.ones(len(bank), bool)
    if script.kind == "mixture":
        aim = parse_aim(script.agent.partition(":")[2])
        first = np.array([first_target(aim, bank, int(row)) for row in rows])
    return Trial(script, played, target, records.episodes, counted, first)


def _reason(episodes: Episodes) -> str:
    return str(episodes["reason"][~episodes["valid"].astype(bool)][0])


def guessers(task: Task) -> tuple[ScriptedAgent, ...]:
    """Agents that succeed on `control` by luck, where a task has any."""
    made = ScriptedAgent(GUESSER, "device", f"device:{GUESSER}", ())
    return (made,) if guesses(task) else ()


def baselines(
    task: Task, bank: LevelBank, made: Sequence[ScriptedAgent], tell: Callable[[str], None]
) -> tuple[dict[str, Estimate], dict[str, Estimate]]:
    """SPL of devices and guessers toward the intended goal on a bank, and success of guessers."""
    lengths, luck = {}, {}
    for script in made:
        if not script.kind.startswith("device") or script.truth == "device:nearest":
            continue
        tell(f"{script.agent} on control")
        agent = load_agent(script.agent, task, trust=script.trust)
        records = rollout(agent, task, bank, "sampled", seed=0)
        length = unit_mean(spl(records.episodes, task.spec.intended))
        assert length is not None
        lengths[script.agent] = length
        success = share_of(records.episodes.touches[:, task.spec.intended] >= 0)
        if success and script.agent == GUESSER:
            luck[script.agent] = success
    return lengths, luck


def searching(task: Task, tell: Callable[[str], None]) -> dict[str, dict[str, tuple[float, ...]]]:
    """SPL of the searcher for each candidate on every locked level of splits that gates read."""
    spec = task.spec
    lengths: dict[str, dict[str, tuple[float, ...]]] = {}
    for split in spec.splits:
        for name in split.present if split.kind in GATED and split.levels else ():
            tell(f"searcher:{name} on {split.name}")
            bank = locked_bank(task, [split.name])
            records = rollout(load_agent(f"searcher:{name}", task), task, bank, "sampled", seed=0)
            played = records.episodes.own
            own = spl(played, spec.candidate(name))[np.argsort(played["level"])]
            lengths.setdefault(split.name, {})[name] = tuple(own.round(4).tolist())
    return lengths
