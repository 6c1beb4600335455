"""Rollouts: every level of a bank is played once, in batches, and recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
"""Called with the number of finished episodes and of all episodes."""

MOST_FAULTS = 3
"""Failures of an agent on a whole batch after which it is not called again."""


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
    """Plays each level of `bank` once.

    An episode in which the agent gives NaN or an action that does not exist is invalid; it never
    counts as incapable. If the agent fails on a whole batch, because it raised, returned a wrong
    shape or took too long, every running episode is invalid and ends; the others are played after
    another start of the agent. After `MOST_FAULTS` such failures the others are invalid too.

    An episode in which the engine fails is played again from its start, and its row counts the
    repeats; if the engine keeps failing on it, the episode is invalid. If the engine fails for
    good, all remaining episodes are invalid.

    Args:
        agent, task: The agent, and the task family of the levels.
        bank: Levels, with their fewest decisions.
        mode: How actions are picked from log-probabilities.
        seed: Seed of the sampling.
        num_envs: Levels played at a time on an embedded engine.
        progress: Called after finished episodes.
        act_seconds: Time limit of one call of the agent; see `guard.time_limit`.
        backend: Engine that shows the levels, or the name of an embedded one.
        recording: Stores every frame, if given.

    Returns:
        One row per level, in the order of the bank, episodes numbered from 0.

    Raises:
        FalseBeaconError: If `act_seconds` is not positive, or the engine cannot show a level.
    """
    slots = min(num_envs, len(bank)) if isinstance(backend, str) else backend.num_envs
    actions = len(task.spec.actions)
    guarded, log = GuardedAgent(agent, actions, act_seconds), EpisodeLog(task, bank)
    noise = Noise(bank, slots, actions, seed)
    left, faults = np.arange(len(bank)), 0
    while len(left):
        stretch = _Stretch(guarded, task, bank, left, slots, backend)
        try:
            stretch.play(log, recording, noise, mode, seed, progress)
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


class _Stretch:
    """Plays the levels `rows` int64[K] of a bank until all are played, or all running are invalid.

    Attributes:
        env: The environment.
        begun: Number of rows that have begun.
    """

    def __init__(
        self,
        agent: GuardedAgent,
        task: Task,
        bank: LevelBank,
        rows: np.ndarray,
        num_envs: int,
        backend: Backend | str,
    ) -> None:
        self.agent, self.rows, self.begun = agent, rows, 0
        chosen = bank if len(rows) == len(bank) else subset(bank, rows)
        if isinstance(backend, str):
            num_envs = min(num_envs, len(rows))
        self.env = MinecraftTaskVectorEnv(
            task, chosen, num_envs, order="sequential", backend=backend
        )

    @property
    def level(self) -> np.ndarray:
        """int64[N], row of the whole bank that each slot plays; `IDLE` for none."""
        return np.where(self.env.level == IDLE, IDLE, self.rows[self.env.level])

    def play(
        self,
        log: EpisodeLog,
        recording: Recording | None,
        noise: Noise,
        mode: Mode,
        seed: int,
        progress: _Progress | None,
    ) -> None:
        """Plays the levels and records them."""
        env, agent = self.env, self.agent
        observations, _ = env.reset(seed=seed)
        self.begun = int(np.count_nonzero(env.level != IDLE))
        playing = np.flatnonzero(env.level != IDLE)
        noise.start(playing, self.level[playing])
        if recording is not None:
            recording.begin(self.level, observations)
        starts = np.ones(env.num_envs, bool)
        agent.start(env)
        while not env.exhausted:
            level, elapsed = self.level, env.elapsed.copy()
            decision = agent.act(observations, starts)
            actions, faulty = choose(decision, agent.num_actions, mode, noise.at(elapsed))
            actions = agent.executed(actions)
            log.faults(agent.agent.name, decision, level, faulty)
            if log.hopeless(level):
                log.abandon(env, level)
                return
            observations, reward, terminated, truncated, info = env.step(actions)
            starts = terminated | truncated
            log.step(decision, actions, level, reward, truncated, starts, played(info))
            self.begun = max(self.begun, int(env.level.max()) + 1)
            renewed = np.flatnonzero(starts & (env.level != IDLE))
            noise.start(renewed, self.level[renewed])
            if recording is not None:
                broken = broken_slots(played(info))
                recording.step(np.where(starts, IDLE, level), observations, broken)
                last = info.get("final_obs", observations)
                recording.step(np.where(starts, level, IDLE), last, broken)
                recording.begin(np.where(starts, self.level, IDLE), observations)
            if progress is not None and starts.any():
                progress(log.finished, len(log))


def merge(parts: Sequence[Records]) -> Records:
    """Concatenates tables and numbers their episodes consecutively."""
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
