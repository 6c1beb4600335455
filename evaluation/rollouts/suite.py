"""Everything that is played for one evaluation, on whichever engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from evaluation.records.episodes import REFERENCE, Records
from evaluation.records.info import EngineInfo
from evaluation.records.requests import EvaluationRequest
from evaluation.rollouts.rollout import merge, rollout
from minecraft_tasks.backends.base import Backend
from minecraft_tasks.backends.make import make_backend
from minecraft_tasks.backends.minerl.backend import MineRLBackend
from minecraft_tasks.core.progress import StageProgress
from minecraft_tasks.levels.bank import LevelBank, subset
from minecraft_tasks.spec import Mode, SplitKind, TaskSpec
from minecraft_tasks.tasks.base import Task
from policies.agents.base import Agent
from policies.agents.loading import load_agent
from wrappers.recording import Recording

CHANCE: tuple[SplitKind, ...] = ("control", "conflict")
"""Kinds of splits on which the random agent is the measure of chance."""


class RolloutSuite(NamedTuple):
    """What was played.

    Attributes:
        records: Of the agent in every mode, and of the random agent.
        shown: Which engine showed it.
        recordings: Mode -> what the agent saw, where the engine cannot show it again.
    """

    records: Records
    shown: EngineInfo
    recordings: Mapping[Mode, Recording]


def play(
    agent: Agent,
    task: Task,
    bank: LevelBank,
    request: EvaluationRequest,
    tell: StageProgress,
    frames: Path,
) -> RolloutSuite:
    """The agent in every mode, and the random agent where it is the measure of chance.

    The random agent plays on the same engine.

    Args:
        agent: Who is judged.
        task: The task family.
        bank: All levels.
        request: Modes, seed, time limit and engine.
        tell: Told how far it is.
        frames: Folder for what is seen, where it must be kept.

    Raises:
        FalseBeaconError: If the engine cannot show a level.
    """
    parts, recordings = [], {}
    with _engine(task.spec, request) as engine:
        for mode in request.modes:
            if not isinstance(engine, str):
                recordings[mode] = Recording(frames, mode)
            parts.append(
                rollout(
                    agent,
                    task,
                    bank,
                    mode,
                    request.seed,
                    progress=partial(tell, mode),
                    act_seconds=request.act_timeout,
                    backend=engine,
                    recording=recordings.get(mode),
                )
            )
        chance = [split.name for split in task.spec.of_kind(*CHANCE)]
        rows = np.flatnonzero(np.isin(bank.splits, chance))
        if len(rows):
            parts.append(_chance(task, subset(bank, rows), request.seed, tell, engine))
    records = merge(parts)
    shown = EngineInfo(backend=request.backend)
    if isinstance(engine, MineRLBackend):
        reruns = int(records.episodes["reruns"].sum())
        shown = EngineInfo(
            backend=request.backend, settings=request.minerl, restarts=engine.restarts,
            reruns=reruns, tally=engine.tally,
        )  # fmt: skip
    return RolloutSuite(records, shown, recordings)


def _chance(
    task: Task, bank: LevelBank, seed: int, tell: StageProgress, engine: Backend | str
) -> Records:
    told = partial(tell, "random agent")
    random = load_agent("random", task)
    played = rollout(random, task, bank, "sampled", seed, progress=told, backend=engine)
    played.episodes["agent"][:] = REFERENCE
    return played


@contextmanager
def _engine(spec: TaskSpec, request: EvaluationRequest) -> Iterator[Backend | str]:
    """The engine that is to show the levels; an embedded one's name, as rollouts make it."""
    if request.backend != "minerl":
        yield request.backend
        return
    engine = make_backend(request.backend, spec, request.minerl.slots, settings=request.minerl)
    try:
        yield engine
    finally:
        engine.close()
