"""Play every level of a bank once, in batches, and record what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from evaluation.asking import ACT_SECONDS, Asker
from evaluation.choices import AgentError, Noise, choose
from evaluation.episode_log import EpisodeLog
from evaluation.records import Episodes, Mode, Records, Steps
from minecraft_tasks.levels import LevelBank, subset
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.vector import IDLE, VoxelVectorEnv
from policies.agents import Agent

Progress = Callable[[int, int], None]
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
    progress: Progress | None = None,
    act_seconds: float = ACT_SECONDS,
) -> Records:
    """Play each level of `bank` once.

    An episode in which the agent answers with NaN or with an action that does not exist is
    marked invalid from there on; it never counts as incapable. Where the agent gives a whole batch
    no answer, because it raised, answered in a wrong shape or took too long, every episode that
    was running is invalid and ends; the others are played with the agent started anew. After
    `MOST_FAULTS` such failures it is not asked again, and what is left is invalid too.

    Args:
        agent: Who plays.
        task: The task family of the levels.
        bank: Levels, with their fewest decisions.
        mode: How actions are picked from log-probabilities.
        seed: Seed of the sampling.
        num_envs: Levels played at a time.
        progress: Told about finished episodes.
        act_seconds: What one call of the agent may take; see `asking.time_limit`.

    Returns:
        One row per level, in the order of the bank, episodes numbered from 0.

    Raises:
        FalseBeaconError: If `act_seconds` is no time at all.
    """
    actions = len(task.spec.actions)
    asker = Asker(agent, actions, act_seconds)
    log = EpisodeLog(task, bank)
    noise = Noise(bank, min(num_envs, len(bank)), actions, seed)
    left, faults = np.arange(len(bank)), 0
    while len(left):
        stretch = _Stretch(asker, task, bank, left, num_envs)
        try:
            stretch.play(log, noise, mode, seed, progress)
        except AgentError as error:
            faults += 1
            log.abandon(stretch.env, stretch.level, str(error))
        left = left[stretch.begun :]
        if faults == MOST_FAULTS and len(left):
            log.leave_out(left, f"agent {agent.name!r} had failed {faults} times before")
            break
    return log.records(agent.name, mode)


class _Stretch:
    """Plays levels until all are played, or none that is running can be gone on with.

    Args:
        asker: Asks the agent.
        task: The task family.
        bank: All levels of the rollout.
        rows: int64[K] those to be played here.
        num_envs: Levels played at a time.

    Attributes:
        env: The environment.
        begun: How many of the rows have been begun.
    """

    def __init__(
        self, asker: Asker, task: Task, bank: LevelBank, rows: np.ndarray, num_envs: int
    ) -> None:
        self.asker, self.rows, self.begun = asker, rows, 0
        chosen = bank if len(rows) == len(bank) else subset(bank, rows)
        self.env = VoxelVectorEnv(task, chosen, min(num_envs, len(rows)), order="sequential")

    @property
    def level(self) -> np.ndarray:
        """int64[N] row of the whole bank that each slot plays; `IDLE` for none."""
        return np.where(self.env.level == IDLE, IDLE, self.rows[self.env.level])

    def play(
        self, log: EpisodeLog, noise: Noise, mode: Mode, seed: int, progress: Progress | None
    ) -> None:
        """Plays on, and keeps what happens in `log`.

        Raises:
            AgentError: If the agent gives a batch no answer.
        """
        env, num_actions = self.env, self.asker.num_actions
        observations, _ = env.reset(seed=seed)
        self.begun = env.num_envs
        noise.start(np.arange(env.num_envs), self.level)
        starts = np.ones(env.num_envs, bool)
        self.asker.start(env)
        while not env.exhausted:
            level, elapsed = self.level, env.elapsed.copy()
            decision = self.asker.act(observations, starts)
            actions, faulty = choose(decision, num_actions, mode, noise.at(elapsed))
            log.faults(self.asker.agent.name, decision, level, faulty)
            if log.hopeless(level):
                log.abandon(env, level)
                return
            observations, reward, terminated, truncated, info = env.step(actions)
            starts = terminated | truncated
            log.step(decision, actions, level, reward, truncated, starts, info)
            self.begun = max(self.begun, int(env.level.max()) + 1)
            renewed = np.flatnonzero(starts & (env.level != IDLE))
            noise.start(renewed, self.level[renewed])
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
