"""All rollouts of one evaluation, on any engine."""

from __future__ import annotations

import time
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
"""Kinds of splits on which the random agent measures chance."""


class Stopwatch:
    """Passes on the progress of an evaluation, and measures how long each stage takes."""

    def __init__(self, progress: StageProgress | None) -> None:
        self._progress = progress
        self._spent: dict[str, float] = {}
        self._stage, self._since = "", time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Reports a stage; the time until the next stage is counted for it."""
        if stage != self._stage:
            self._turn(stage)
        if self._progress is not None:
            self._progress(stage, done, total)

    def seconds(self) -> dict[str, float]:
        """Stage -> wall time in seconds, in the order in which they began."""
        self._turn("")
        return {stage: round(spent, 1) for stage, spent in self._spent.items() if stage}

    def _turn(self, stage: str) -> None:
        moment = time.monotonic()
        self._spent[self._stage] = self._spent.get(self._stage, 0.0) + moment - self._since
        self._stage, self._since = stage, moment


class RolloutSuite(NamedTuple):
    """All rollouts of an evaluation.

    Attributes:
        records: Of the agent in every mode, and of the random agent.
        shown: The engine that showed the levels.
        recordings: Mode -> the agent's frames, for an engine that cannot show them again.
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
    """Plays the agent in every mode, and the random agent on the splits of `CHANCE`.

    Both play on the same engine.

    Args:
        agent, task, bank: The judged agent, its task and all levels.
        request: Modes, seed, time limit and engine.
        tell: Called with the progress of each stage.
        frames: Folder for recordings.

    Raises:
        FalseBeaconError: If the engine cannot show a level.
    """
    parts, recordings = [], {}
    with _engine(task.spec, request) as engine:
        seconds, seed = request.act_timeout, request.seed
        run = partial(rollout, agent, task, bank, seed=seed, act_seconds=seconds, backend=engine)
        for mode in request.modes:
            if not isinstance(engine, str):
                recordings[mode] = Recording(frames, mode)
            progress = partial(tell, mode)
            parts.append(run(mode, progress=progress, recording=recordings.get(mode)))
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
    progress = partial(tell, "random agent")
    random = load_agent("random", task)
    played = rollout(random, task, bank, "sampled", seed, progress=progress, backend=engine)
    played.episodes["agent"][:] = REFERENCE
    return played


@contextmanager
def _engine(spec: TaskSpec, request: EvaluationRequest) -> Iterator[Backend | str]:
    """The engine that shows the levels; the name of an embedded one, which rollouts make."""
    if request.backend != "minerl":
        yield request.backend
        return
    engine = make_backend(request.backend, spec, request.minerl.slots, settings=request.minerl)
    try:
        yield engine
    finally:
        engine.close()
