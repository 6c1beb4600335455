"""Collects the decisions of a rollout into the tables of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import numpy as np

from evaluation.records.episodes import NEITHER, Episodes, Records, Steps
from evaluation.records.placements import level_indices
from evaluation.rollouts.choices import complaint
from minecraft_tasks.infos import broken_slots
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.spec import Mode
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from minecraft_tasks.worlds.sites import first_touched
from policies.agents.base import Decision


class EpisodeLog:
    """Collects decisions in the order of play and sorts them by episode at the end."""

    def __init__(self, task: Task, bank: LevelBank) -> None:
        levels, candidates = len(bank), len(task.spec.candidates)
        self._task, self._bank = task, bank
        self._rows: list[dict[str, np.ndarray]] = []
        self._return = np.zeros(levels, np.float32)
        self._steps = np.zeros(levels, np.int64)
        self._truncated = np.zeros(levels, bool)
        self._touch = np.full((levels, candidates), -1, np.int64)
        self._reason = np.full(levels, "", object)
        self._over = np.zeros(levels, bool)
        self._attempt = np.zeros(levels, np.int64)
        self._broken = np.full(levels, "", object)

    def __len__(self) -> int:
        return len(self._bank)

    @property
    def finished(self) -> int:
        """Episodes that have ended."""
        return int(np.count_nonzero(self._over))

    def faults(self, name: str, decision: Decision, level: np.ndarray, faulty: np.ndarray) -> None:
        """Marks the episodes whose decision cannot be played."""
        actions = len(self._task.spec.actions)
        for slot in np.flatnonzero(faulty & (level >= 0)):
            if not self._reason[level[slot]]:
                self._reason[level[slot]] = complaint(name, decision, int(slot), actions)

    def hopeless(self, level: np.ndarray) -> bool:
        """Whether every running episode is invalid already."""
        return bool((self._reason[level[level >= 0]] != "").all())

    def abandon(self, env: MinecraftTaskVectorEnv, level: np.ndarray, reason: str = "") -> None:
        """Ends the running episodes; invalid ones keep their reason."""
        running = np.flatnonzero(level >= 0)
        now = level[running]
        self._end(now, env.elapsed[running], env.first_touch[running])
        self._reason[now] = np.where(self._reason[now] == "", reason, self._reason[now])

    def leave_out(self, rows: np.ndarray, reason: str) -> None:
        """Marks episodes that are not played at all."""
        self._over[rows] = True
        self._reason[rows] = reason

    def _end(self, rows: np.ndarray, steps: np.ndarray, touch: np.ndarray) -> None:
        self._over[rows] = True
        self._steps[rows], self._touch[rows] = steps, touch

    def step(
        self,
        decision: Decision,
        actions: np.ndarray,
        level: np.ndarray,
        reward: np.ndarray,
        truncated: np.ndarray,
        done: np.ndarray,
        info: Mapping[str, Any],
    ) -> None:
        """Adds one decision of every playing slot; `info` is the step's (see `infos.played`)."""
        playing = np.flatnonzero(level >= 0)
        now = level[playing]
        row = {
            "episode": now,
            "attempt": self._attempt[now],
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
        broken = broken_slots(info)
        self._begin_again(level, broken, {slot for slot in broken if info["given_up"][slot]})
        ended = np.array([slot for slot in np.flatnonzero(done) if slot not in broken], int)
        steps = info["elapsed"][ended]
        self._end(level[ended], steps, info["first_touch"][ended])
        in_time = steps < self._bank.time_limits[level[ended]]
        self._truncated[level[ended]] = truncated[ended] & ~in_time

    def _begin_again(
        self, level: np.ndarray, broken: Mapping[int, str], given_up: Set[int]
    ) -> None:
        """Drops the decisions of episodes that the engine lost; they restart or are invalid."""
        for slot, reason in broken.items():
            row = level[slot]
            self._attempt[row] += 1
            self._broken[row] = reason
            self._return[row], self._reason[row] = 0.0, ""
            if slot in given_up:
                self.leave_out(row, f"the engine failed: {reason}")

    def stop(self, level: np.ndarray, reason: str) -> None:
        """Ends a rollout whose engine has failed for good: unfinished episodes are invalid."""
        running = {int(slot): reason for slot in np.flatnonzero(level >= 0)}
        self._begin_again(level, running, running.keys())
        self.leave_out(np.flatnonzero(~self._over), reason)

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
            "reruns": self._attempt,
            "rerun_reason": self._broken,
            "first": self._first(steps),
            "class": np.full(count, "", object),
            "posterior": np.full(count, np.nan, np.float32),
        }
        for index, name in enumerate(spec.candidate_names):
            columns[f"touch_{name}"] = self._touch[:, index]
            columns[f"shown_{name}"] = np.full(count, -1, np.int32)
            columns[f"optimal_{name}"] = bank.optimal[:, index]
        return Records(Episodes(columns, spec.candidate_names), steps)

    def _sorted_steps(self) -> Steps:
        bank = self._bank
        unknown = ["value", *(f"logp_{index}" for index in range(len(self._task.spec.actions)))]
        spawn = {name: np.full(len(bank), np.nan, np.float32) for name in unknown}
        spawn |= {"episode": np.arange(len(bank)), "t": np.full(len(bank), -1)}
        spawn |= {"action": np.full(len(bank), -1), "attempt": self._attempt}
        spawn |= {name: bank.spawn[:, i].astype(np.float32) for i, name in enumerate("xyz")}
        spawn["yaw"] = bank.spawn[:, 3].astype(np.float32)
        rows = [spawn, *self._rows]
        joined = {name: np.concatenate([row[name] for row in rows]) for name in spawn}
        kept = np.flatnonzero(joined.pop("attempt") == self._attempt[joined["episode"]])
        order = np.lexsort((joined["t"][kept], joined["episode"][kept]))
        return Steps(joined).take(kept[order])

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
