"""Work between the updates of a training run: rows, checkpoints, measurements, stops."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from stable_baselines3.common.callbacks import BaseCallback

from minecraft_tasks.core.interruption import held_back
from minecraft_tasks.infos import broken_slots, played
from minecraft_tasks.vector import MinecraftTaskVectorEnv
from policies.ppo.finite import require_sound
from policies.ppo.recurrent_ppo import RecurrentPPO
from policies.runs.config import TrainingConfig
from policies.runs.conflicts import ConflictLog
from policies.runs.progress import ProgressFile, ProgressRow
from policies.training.interruption import Interruption
from policies.training.reporters import LineReporter
from policies.training.retention import CheckpointRetention
from policies.training.snapshot import Snapshot, take
from policies.training.trackers import Tracker

WINDOW = 512
"""Episodes over which success, return and length are averaged."""


class Supervisor(BaseCallback):
    """Writes a run's records while its model learns.

    Args:
        snapshot: Of the checkpoint that the run is resumed from, if it has one.
        reporter: Gets every row; without episode statistics while only short episodes have ended.
        trackers: Get the same rows, when a checkpoint holds them: a run that is killed goes on
            there, and plays what came after it again.
        measure: Gives success on held-out levels; NaN if that is off.

    Attributes:
        stopped: Whether training was interrupted; the model then counts full updates only.
    """

    model: RecurrentPPO  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(
        self,
        *,
        config: TrainingConfig,
        keeper: CheckpointRetention,
        snapshot: Snapshot | None,
        progress: ProgressFile,
        conflicts: ConflictLog,
        reporter: LineReporter,
        trackers: Sequence[Tracker],
        measure: Callable[[], float],
        interruption: Interruption,
    ) -> None:
        super().__init__()
        self.config, self.keeper, self.progress = config, keeper, progress
        self.conflicts, self.reporter, self.trackers = conflicts, reporter, trackers
        self.measure, self.interruption = measure, interruption
        self.stopped, self._lost, self._ended, self._apart = False, 0, 0, 0
        spec, bank = conflicts.spec, conflicts.bank
        self._sets_apart = np.array([spec.split(name).twins for name in bank.splits])
        self._telling = int(conflicts.bank.time_limits.max()) * config.environments
        self._start = snapshot
        self.episodes: deque[tuple[float, float, float]] = deque(maxlen=WINDOW)
        if snapshot is not None:
            self.episodes.extend(map(tuple, snapshot.episodes.tolist()))

    def _on_training_start(self) -> None:
        self._env: MinecraftTaskVectorEnv = self.model.adapter.env.unwrapped  # pyright: ignore
        self._last_row = time.monotonic()
        self._began = self._last_row - self.progress.seconds
        self._began_cpu = time.process_time() - self.progress.cpu_seconds
        self._updated = self._measured = self.model.num_timesteps
        if self._start is not None:
            self._measured = self._start.measured
        self._snapshot = take(self.model, self.episodes, self._measured)
        self._copy(self.model.num_timesteps)

    def _on_step(self) -> bool:
        adapter, dones = self.locals["adapter"], self._counted()
        self._levels.append(self._env.level.copy())
        if dones.any():
            info = played(adapter.last_info)
            reached = info["candidates"][dones, self.conflicts.rewarded]
            self.episodes.extend(
                zip(reached, adapter.returns[dones], adapter.lengths[dones], strict=True)
            )
            self.conflicts.note(self.model.num_timesteps, info, dones)
            ended = info["level"][dones]
            self._ended += len(ended)
            self._apart += int(np.count_nonzero(self._sets_apart[ended]))
        if self.interruption.requested:
            self.stopped = True
            self.model.num_timesteps = self._updated
        return not self.stopped

    def _counted(self) -> np.ndarray:
        """bool[N]: episodes that have ended, without those that the engine lost."""
        dones = self.locals["dones"].copy()
        for slot, reason in broken_slots(played(self.locals["adapter"].last_info)).items():
            self.reporter.note(f"an episode is lost, and its level is played again: {reason}")
            dones[slot] = False
            self._lost += 1
        return dones

    def _on_rollout_start(self) -> None:
        self._after_update()
        self._levels = [self._env.level.copy()]

    def _on_rollout_end(self) -> None:
        storage, levels = self.model.rollout_buffer, np.stack(self._levels[:-1])
        ended, advantages = storage.starts[1:].cpu().numpy(), storage.advantages.cpu().numpy()
        self._env.sampler.learnt(levels, ended, advantages)

    def _on_training_end(self) -> None:
        if not self.stopped:
            self._after_update()

    def _after_update(self) -> None:
        """Records the update that has just ended, if there was one."""
        steps = self.model.num_timesteps
        if steps == self._updated:
            return
        measured = float("nan")
        due = self.keeper.scheduled(steps) or steps >= self.config.steps
        if due or steps - self._measured >= self.config.heldout_interval:
            require_sound(self.model)
            measured = self.measure()
            self._measured = steps
        row = self._row(steps, measured)
        self._lost, self._ended, self._apart = 0, 0, 0
        self._last_row, self._updated = time.monotonic(), steps
        self.progress.append(row)
        self.conflicts.commit(steps)
        self.reporter.update(self._shown(row))
        self._snapshot = take(self.model, self.episodes, self._measured)
        if self.keeper.wanted(steps):
            self.save()

    def _shown(self, row: ProgressRow) -> ProgressRow:
        return row if row.steps >= self._telling else row.untold()

    def _copy(self, steps: int) -> None:
        """Gives trackers the rows up to `steps` that they lack, those of earlier sessions too."""
        rows = [self._shown(row) for row in self.progress.rows if row.steps <= steps]
        for tracker in self.trackers:
            tracker.copy(rows)

    def _row(self, steps: int, measured: float) -> ProgressRow:
        now, values = time.monotonic(), self.model.logger.name_to_value
        success, total, length = np.mean(self.episodes or [(np.nan,) * 3], axis=0)
        return ProgressRow(
            steps=steps,
            seconds=now - self._began,
            success=float(success),
            mean_return=float(total),
            mean_length=float(length),
            policy_loss=values["train/policy_gradient_loss"],
            value_loss=values["train/value_loss"],
            entropy=-values["train/entropy_loss"],
            kl=values["train/approx_kl"],
            steps_per_second=(steps - self._updated) / max(now - self._last_row, 1e-9),
            heldout_success=measured,
            lost=self._lost,
            cpu_seconds=time.process_time() - self._began_cpu,
            conflict_share=self._apart / self._ended if self._ended else float("nan"),
        )

    def save(self) -> Path:
        """Saves the state after the last update, without the rollout since then.

        Signals wait until all files are written, and the replaced ones are deleted.

        Raises:
            NotFiniteError: If a weight is not finite.
            FalseBeaconError: If the disk is full.
        """
        require_sound(self.model)
        with held_back():
            # First, so that no checkpoint has more steps than the conflicts.
            self.conflicts.write()
            path = self.keeper.save(self.model, self._snapshot)
        self._copy(self._snapshot.steps)
        return path
