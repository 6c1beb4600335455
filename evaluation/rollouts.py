"""Play every level of a bank once, in batches, and record what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from evaluation.choices import (
    AgentError,
    Noise,
    check_shapes,
    choose,
    complaint,
    level_indices,
)
from evaluation.records import NEITHER, Episodes, Mode, Records, Steps
from minecraft_tasks.errors import FalseBeaconError
from minecraft_tasks.events import first_touched
from minecraft_tasks.levels import LevelBank
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.vector import VoxelVectorEnv
from policies.agents import Agent, Decision

Progress = Callable[[int, int], None]
"""Called with the episodes finished and the episodes in all."""


def rollout(
    agent: Agent,
    task: Task,
    bank: LevelBank,
    mode: Mode,
    seed: int,
    num_envs: int = 128,
    progress: Progress | None = None,
) -> Records:
    """Play each level of `bank` once.

    An episode in which the agent answers with NaN or with an action that does not exist is
    marked invalid from there on; it never counts as incapable.

    Args:
        agent: Who plays.
        task: The task family of the levels.
        bank: Levels, with their fewest decisions.
        mode: How actions are picked from log-probabilities.
        seed: Seed of the sampling.
        num_envs: Levels played at a time.
        progress: Told about finished episodes.

    Returns:
        One row per level, in the order of the bank, episodes numbered from 0.

    Raises:
        AgentError: If the agent raises, returns arrays of a wrong shape, or gives no valid
            answer in any episode.
    """
    num_envs = min(num_envs, len(bank))
    env = VoxelVectorEnv(task, bank, num_envs, order="sequential")
    log = _Log(task, bank)
    noise = Noise(bank, num_envs, len(task.spec.actions), seed)
    agent.start(env)
    observations, _ = env.reset(seed=seed)
    noise.start(np.arange(num_envs), env.level)
    starts = np.ones(num_envs, bool)
    finished = 0
    while not env.exhausted:
        level, elapsed = env.level.copy(), env.elapsed.copy()
        decision = _ask(agent, observations, starts, len(task.spec.actions))
        actions, faulty = choose(decision, len(task.spec.actions), mode, noise.at(elapsed))
        log.faults(agent.name, decision, level, faulty)
        observations, reward, terminated, truncated, info = env.step(actions)
        starts = terminated | truncated
        log.step(decision, actions, level, reward, truncated, starts, info)
        renewed = np.flatnonzero(starts & (env.level >= 0))
        noise.start(renewed, env.level[renewed])
        finished += int(starts.sum())
        if progress is not None and starts.any():
            progress(finished, len(bank))
    return log.records(agent.name, mode)


def _ask(agent: Agent, observations: np.ndarray, starts: np.ndarray, actions: int) -> Decision:
    try:
        decision = agent.act(observations, starts)
    except FalseBeaconError:
        raise
    except Exception as error:
        raise AgentError(f"agent {agent.name!r} raised {type(error).__name__}: {error}") from error
    check_shapes(agent.name, decision, len(observations), actions)
    return decision


class _Log:
    """Collects decisions in the order they are made and sorts them by episode at the end."""

    def __init__(self, task: Task, bank: LevelBank) -> None:
        levels, candidates = len(bank), len(task.spec.candidates)
        self._task, self._bank = task, bank
        self._rows: list[dict[str, np.ndarray]] = []
        self._return = np.zeros(levels, np.float32)
        self._steps = np.zeros(levels, np.int64)
        self._truncated = np.zeros(levels, bool)
        self._touch = np.full((levels, candidates), -1, np.int64)
        self._reason = np.full(levels, "", object)

    def faults(self, name: str, decision: Decision, level: np.ndarray, faulty: np.ndarray) -> None:
        """Mark the episodes whose answer cannot be played.

        Raises:
            AgentError: If that leaves no valid episode.
        """
        actions = len(self._task.spec.actions)
        for slot in np.flatnonzero(faulty & (level >= 0)):
            if not self._reason[level[slot]]:
                self._reason[level[slot]] = complaint(name, decision, int(slot), actions)
        if (self._reason != "").all():
            raise AgentError(f"no episode is valid: {self._reason[0]}.")

    def step(
        self,
        decision: Decision,
        actions: np.ndarray,
        level: np.ndarray,
        reward: np.ndarray,
        truncated: np.ndarray,
        done: np.ndarray,
        info: dict[str, np.ndarray],
    ) -> None:
        """Keep one decision of every slot that is playing."""
        playing = np.flatnonzero(level >= 0)
        now = level[playing]
        row = {
            "episode": now,
            "t": info["elapsed"][playing] - 1,
            "action": actions[playing],
            "yaw": info["yaw"][playing].astype(np.float32),
            "value": _column(decision.values, playing),
        }
        for axis, name in enumerate("xyz"):
            row[name] = info["position"][playing, axis].astype(np.float32)
        for action in range(len(self._task.spec.actions)):
            scores = None if decision.log_probs is None else decision.log_probs[:, action]
            row[f"logp_{action}"] = _column(scores, playing)
        self._rows.append(row)
        self._return[now] += reward[playing]
        ended = np.flatnonzero(done)
        self._steps[level[ended]] = info["elapsed"][ended]
        self._truncated[level[ended]] = truncated[ended]
        self._touch[level[ended]] = info["first_touch"][ended]

    def records(self, agent: str, mode: Mode) -> Records:
        """Both tables."""
        steps = self._sorted_steps()
        spec, bank, count = self._task.spec, self._bank, len(self._bank)
        columns = {
            "episode": np.arange(count),
            "agent": np.full(count, agent, object),
            "mode": np.full(count, mode, object),
            "split": np.array(bank.splits, object),
            "level": level_indices(bank.splits),
            "level_seed": bank.seeds,
            "layout": np.array(bank.layouts, object),
            "task_hash": np.full(count, spec.task_hash, object),
            "success": self._touch[:, spec.intended] >= 0,
            "steps": self._steps,
            "truncated": self._truncated,
            "return": self._return,
            "valid": self._reason == "",
            "reason": self._reason,
            "first": self._first(steps),
            "class": np.full(count, "", object),
            "posterior": np.full(count, np.nan, np.float32),
        }
        for index, name in enumerate(spec.candidate_names):
            columns[f"touch_{name}"] = self._touch[:, index]
            columns[f"optimal_{name}"] = bank.optimal[:, index]
        return Records(Episodes(columns, spec.candidate_names), steps)

    def _sorted_steps(self) -> Steps:
        bank = self._bank
        spawn = {name: np.full(len(bank), np.nan, np.float32) for name in self._rows[0]}
        spawn |= {"episode": np.arange(len(bank)), "t": np.full(len(bank), -1)}
        spawn |= {"action": np.full(len(bank), -1)}
        spawn |= {name: bank.spawn[:, i].astype(np.float32) for i, name in enumerate("xyz")}
        spawn["yaw"] = bank.spawn[:, 3].astype(np.float32)
        rows = [spawn, *self._rows]
        joined = {name: np.concatenate([row[name] for row in rows]) for name in spawn}
        return Steps(joined).take(np.lexsort((joined["t"], joined["episode"])))

    def _first(self, steps: Steps) -> np.ndarray:
        begins = np.searchsorted(steps["episode"], np.arange(len(self._bank)))
        # Row 0 of an episode is its spawn, so the pose after decision k is row k.
        rows = begins[:, None] + np.maximum(self._touch, 0)
        where = np.stack([steps[axis][rows] for axis in "xyz"], axis=-1)
        winner = first_touched(self._touch, where, self._bank.sites)
        names = np.array([*self._task.spec.candidate_names, NEITHER], object)
        return names[winner]


def _column(values: np.ndarray | None, rows: np.ndarray) -> np.ndarray:
    if values is None:
        return np.full(len(rows), np.nan, np.float32)
    return np.asarray(values, np.float32)[rows]


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
