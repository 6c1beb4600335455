"""Play every level of a bank once, in batches, and record what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from evaluation.records.episodes import Episodes, Records, Steps
from evaluation.records.requests import ACT_SECONDS
from evaluation.rollouts.choices import AgentError, Noise, choose
from evaluation.rollouts.episode_log import EpisodeLog
from evaluation.rollouts.guard import GuardedAgent
from minecraft_tasks.backends.base import Backend
from minecraft_tasks.core.errors import EngineError
from minecraft_tasks.infos import broken_slots, played
from minecraft_tasks.levels.bank import LevelBank, subset
from minecraft_tasks.levels.draws import IDLE
from minecraft_tasks.spec import Mode
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.agents.base import Agent
from wrappers.recording import Recording

_Progress = Callable[[int, int], None]
"""Called with the episodes finished and the episodes in all."""

MOST_FAULTS = 3
"""Batches that an agent may leave unanswered before it is not asked again."""


def rollout(
    agent: Agent,
    task: Task,
    bank: LevelBank,
    mode: Mode,
    seed: int,
    num_envs: int = 128,
    progress: _Progress | None = None,
    act_seconds: float = ACT_SECONDS,
    backend: Backend | str = "voxel",
    recording: Recording | None = None,
) -> Records:
    """Play each level of `bank` once.

    An episode in which the agent answers with NaN or with an action that does not exist is
    marked invalid from there on; it never counts as incapable. Where the agent gives a whole batch
    no answer, because it raised, answered in a wrong shape or took too long, every episode that
    was running is invalid and ends; the others are played with the agent started anew. After
    `MOST_FAULTS` such failures it is not asked again, and what is left is invalid too.

    An episode in which the engine fails is played again from its start, and says how often; one in
    which it keeps failing is invalid. Where it does nothing but fail, all that is left is.

    Args:
        agent: Who plays.
        task: The task family of the levels.
        bank: Levels, with their fewest decisions.
        mode: How actions are picked from log-probabilities.
        seed: Seed of the sampling.
        num_envs: Levels played at a time.
        progress: Told about finished episodes.
        act_seconds: What one call of the agent may take; see `asking.time_limit`.
        backend: Engine that shows the levels, as many at a time as it has room for; the embedded
            one by default.
        recording: Keeps every frame, where given.

    Returns:
        One row per level, in the order of the bank, episodes numbered from 0.

    Raises:
        FalseBeaconError: If `act_seconds` is no time at all, or the engine cannot show a level.
    """
    slots = min(num_envs, len(bank)) if isinstance(backend, str) else backend.num_envs
    actions = len(task.spec.actions)
    asker = GuardedAgent(agent, actions, act_seconds)
    log = EpisodeLog(task, bank)
    kept = _Kept(log, recording)
    noise = Noise(bank, slots, actions, seed)
    left, faults = np.arange(len(bank)), 0
    while len(left):
        stretch = _Stretch(asker, task, bank, left, slots, backend)
        try:
            stretch.play(kept, noise, mode, seed, progress)
        except AgentError as error:
            faults += 1
            log.abandon(stretch.env, stretch.level, str(error))
        except EngineError as error:
            log.stop(stretch.level, str(error))
            break
        left = left[stretch.begun :]
        if faults == MOST_FAULTS and len(left):
            log.leave_out(left, f"agent {agent.name!r} had failed {faults} times before")
            break
    return log.records(agent.name, mode)


class _Kept(NamedTuple):
    """What is kept of a rollout: its tables, and its frames where they are wanted."""

    log: EpisodeLog
    recording: Recording | None

    def begin(self, level: np.ndarray, frames: np.ndarray) -> None:
        """Keeps the first frames uint8[N, H, W, 3] of the episodes int64[N] that begin."""
        if self.recording is not None:
            self.recording.begin(level, frames)

    def step(
        self, level: np.ndarray, going_on: np.ndarray, frames: np.ndarray, info: dict[str, Any]
    ) -> None:
        """Keeps the frames after a decision, the last ones of episodes that ended among them."""
        if self.recording is not None:
            ended = np.where(going_on == IDLE, level, IDLE)
            broken = broken_slots(played(info))
            self.recording.step(going_on, frames, broken)
            self.recording.step(ended, info.get("final_obs", frames), broken)


class _Stretch:
    """Plays levels until all are played, or none that is running can be gone on with.

    Args:
        asker: Asks the agent.
        task: The task family.
        bank: All levels of the rollout.
        rows: int64[K] those to be played here.
        num_envs: Levels played at a time.
        backend: Engine with as many slots, or the name of an embedded one.

    Attributes:
        env: The environment.
        begun: How many of the rows have been begun.
    """

    def __init__(
        self,
        asker: GuardedAgent,
        task: Task,
        bank: LevelBank,
        rows: np.ndarray,
        num_envs: int,
        backend: Backend | str,
    ) -> None:
        self.asker, self.rows, self.begun = asker, rows, 0
        chosen = bank if len(rows) == len(bank) else subset(bank, rows)
        if isinstance(backend, str):
            num_envs = min(num_envs, len(rows))
        self.env = MinecraftTaskVectorEnv(
            task, chosen, num_envs, order="sequential", backend=backend
        )

    @property
    def level(self) -> np.ndarray:
        """int64[N] row of the whole bank that each slot plays; `IDLE` for none."""
        return np.where(self.env.level == IDLE, IDLE, self.rows[self.env.level])

    def play(
        self, kept: _Kept, noise: Noise, mode: Mode, seed: int, progress: _Progress | None
    ) -> None:
        """Plays on, and keeps what happens.

        Raises:
            AgentError: If the agent gives a batch no answer.
        """
        env, num_actions, log = self.env, self.asker.num_actions, kept.log
        observations, _ = env.reset(seed=seed)
        self.begun = int(np.count_nonzero(env.level != IDLE))
        playing = np.flatnonzero(env.level != IDLE)
        noise.start(playing, self.level[playing])
        kept.begin(self.level, observations)
        starts = np.ones(env.num_envs, bool)
        self.asker.start(env)
        while not env.exhausted:
            level, elapsed = self.level, env.elapsed.copy()
            decision = self.asker.act(observations, starts)
            actions, faulty = choose(decision, num_actions, mode, noise.at(elapsed))
            actions = self.asker.executed(actions)
            log.faults(self.asker.agent.name, decision, level, faulty)
            if log.hopeless(level):
                log.abandon(env, level)
                return
            observations, reward, terminated, truncated, info = env.step(actions)
            starts = terminated | truncated
            log.step(decision, actions, level, reward, truncated, starts, played(info))
            kept.step(level, np.where(starts, IDLE, level), observations, info)
            self.begun = max(self.begun, int(env.level.max()) + 1)
            renewed = np.flatnonzero(starts & (env.level != IDLE))
            noise.start(renewed, self.level[renewed])
            kept.begin(np.where(starts, self.level, IDLE), observations)
            if progress is not None and starts.any():
                progress(log.finished, len(log))


def merge(parts: Sequence[Records]) -> Records:
    """One table after the other, episodes numbered on."""
    offset, episodes, steps = 0, [], []
    for part in parts:
        for table, kept in ((part.episodes, episodes), (part.steps, steps)):
            kept.append({**table.columns, "episode": table["episode"] + offset})
        offset += len(part.episodes)
    joined = [
        {name: np.concatenate([columns[name] for columns in tables]) for name in tables[0]}
        for tables in (episodes, steps)
    ]
    return Records(Episodes(joined[0], parts[0].episodes.candidates), Steps(joined[1]))
