"""Many levels at once on the embedded engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from minecraft_tasks.backends.base import ActionTable, Backend, Bodies
from minecraft_tasks.backends.voxel.backend import VoxelBackend
from minecraft_tasks.errors import FalseBeaconError
from minecraft_tasks.events import touched
from minecraft_tasks.levels import LevelBank
from minecraft_tasks.tasks.base import Task

Order = Literal["random", "sequential"]
IDLE = -1
"""Level index of a slot for which a sequential run has no level left."""


def check_actions(actions: np.ndarray, num_envs: int, num_actions: int) -> np.ndarray:
    """Actions as int64[N].

    Raises:
        FalseBeaconError: If they are not N whole numbers from 0 to num_actions - 1.
    """
    given = np.asarray(actions)
    if given.shape != (num_envs,) or given.dtype.kind not in "iu":
        raise FalseBeaconError(
            f"actions must be {num_envs} whole numbers, got {given.dtype}{list(given.shape)}."
        )
    bad = (given < 0) | (given >= num_actions)
    if bad.any():
        slot = int(bad.argmax())
        raise FalseBeaconError(
            f"action out of range: {given[slot]} in environment {slot}; "
            f"actions are 0 to {num_actions - 1}."
        )
    return given.astype(np.int64)


def cumulative(weights: np.ndarray, levels: int) -> np.ndarray:
    """Shares of all draws that fall on each level or on one before it: float64[L], rising to 1.

    Args:
        weights: float64[L], relative.
        levels: L.

    Raises:
        FalseBeaconError: If they are not one for each level, none negative, not all zero.
    """
    given = np.asarray(weights, np.float64)
    if given.shape != (levels,) or not (given >= 0).all() or not 0 < given.sum() < np.inf:
        raise FalseBeaconError(
            f"weights must be {levels} numbers, none negative and not all zero, "
            f"got shape {list(given.shape)} with sum {given.sum()}."
        )
    upto = np.cumsum(given) / given.sum()
    # Rounding must not leave a draw beyond the last level that has any weight.
    upto[np.flatnonzero(given)[-1] :] = 1.0
    return upto


class VoxelVectorEnv(VectorEnv):
    """N levels of a bank, stepped together; a finished slot takes its next level in the same step.

    Every info holds plain arrays: ``level`` int64[N] bank index played in this step,
    ``elapsed`` int64[N] decisions so far in that episode, ``candidates`` bool[N, C] touched by
    this decision, ``first_touch`` int64[N, C] decision of each first touch or -1,
    ``position`` float64[N, 3] and ``yaw`` float64[N] after the decision. ``step`` adds
    ``final_obs`` uint8[N, H, W, 3], undefined but where the episode ended.

    Args:
        task: The task family.
        bank: Levels to play.
        num_envs: Slots, N.
        order: ``random`` draws a level for each episode; ``sequential`` plays each level of the
            bank once, in order, and then leaves slots idle (``level`` is -1, nothing ends); there
            an episode also ends when no candidate is left that was not touched.
        seed: Seed of the random order.
        observation_size: Height and width of a frame in pixels.
        threads: How many share the work; by default one for each CPU.
        weights: float64[L] how often the random order draws each level, relative to the others;
            all equally often by default.
        reward: Candidate that reward pays for and whose touch ends the episode; the intended goal
            by default. Infos are the same whatever it is.

    Raises:
        UnknownNameError: If the task has no such candidate.
        FalseBeaconError: If the weights are not one for each level, none negative, not all zero.
    """

    def __init__(
        self,
        task: Task,
        bank: LevelBank,
        num_envs: int,
        order: Order = "random",
        seed: int = 0,
        observation_size: int = 64,
        threads: int | None = None,
        weights: np.ndarray | None = None,
        reward: str = "",
    ) -> None:
        self.task, self.bank, self.num_envs, self.order = task, bank, num_envs, order
        self.metadata = {"autoreset_mode": AutoresetMode.SAME_STEP, "render_modes": []}
        side = observation_size
        self.single_observation_space = spaces.Box(0, 255, (side, side, 3), np.uint8)
        self.single_action_space = spaces.Discrete(len(task.spec.actions))
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._table = ActionTable.of(task.spec.actions)
        self._backend: Backend = VoxelBackend(num_envs, task.spec.world_shape, threads=threads)
        self._shape = (num_envs, side, side, 3)
        self._rng = np.random.default_rng(seed)
        self._upto = None if weights is None else cumulative(weights, len(bank))
        self._rewarded = task.spec.rewarded(reward)
        self._next = 0
        candidates = len(task.spec.candidates)
        self.level = np.full(num_envs, IDLE, np.int64)
        self.elapsed = np.zeros(num_envs, np.int64)
        self.first_touch = np.full((num_envs, candidates), -1, np.int64)
        self._sites = np.full((num_envs, candidates, 6), np.nan)
        self._limit = np.zeros(num_envs, np.int64)

    @property
    def backend(self) -> Backend:
        """The engine: blocks, poses and velocities of every slot."""
        return self._backend

    @property
    def exhausted(self) -> bool:
        """Whether a sequential run has played every level."""
        return bool((self.level == IDLE).all())

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode in every slot.

        Args:
            seed: Reseeds the random order of levels.
            options: ``{"levels": int[N]}`` names the bank index that each slot starts with.

        Returns:
            Frames uint8[N, H, W, 3], and info.

        Raises:
            FalseBeaconError: If a level is named that the bank does not hold.
        """
        super().reset(seed=seed)
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self._next = 0
        slots = np.arange(self.num_envs)
        chosen = (options or {}).get("levels")
        levels = self._draw(self.num_envs) if chosen is None else self._checked(chosen)
        self._begin(slots, levels)
        info = self._info(np.zeros_like(self.first_touch, bool))
        frames = np.empty(self._shape, np.uint8)
        self._backend.frames(frames)
        return frames, info

    def step(
        self, actions: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """One decision in every slot.

        Args:
            actions: int[N], each from 0 to A - 1.

        Returns:
            Frames uint8[N, H, W, 3], reward float32[N], terminated bool[N] (the rewarded
            candidate was reached), truncated bool[N] (the time limit was, or no candidate is left
            to be touched), info.

        Raises:
            FalseBeaconError: If an action is out of range or no whole number.
        """
        spec = self.task.spec
        actions = check_actions(actions, self.num_envs, len(spec.actions))
        playing = self.level != IDLE
        frames = np.empty(self._shape, np.uint8)
        self._backend.step(actions, self._table, spec.ticks, frames)
        self.elapsed += playing
        touch = touched(self._backend.position, self._sites)
        first = touch & (self.first_touch < 0)
        self.first_touch[first] = np.broadcast_to(self.elapsed[:, None], touch.shape)[first]

        terminated = touch[:, self._rewarded] & playing
        truncated = (self.elapsed >= self._limit) | self._nothing_left()
        truncated &= playing & ~terminated
        reward = (terminated - spec.step_cost * playing).astype(np.float32)
        info = self._info(touch)
        # Only the rows of slots that ended are ever written, and so take memory.
        final = info["final_obs"] = np.empty(self._shape, np.uint8)
        done = np.flatnonzero(terminated | truncated)
        if len(done):
            final[done] = frames[done]
            self._begin(done, self._draw(len(done)))
            self._backend.frames(frames, done)
        return frames, reward, terminated, truncated, info

    def state(self) -> dict[str, np.ndarray]:
        """All that later steps depend on, as copies; `restore` goes on from it.

        Figures are not part of it, and the levels are named only: they are the bank's.
        """
        return {
            "level": self.level.copy(),
            "elapsed": self.elapsed.copy(),
            "first_touch": self.first_touch.copy(),
            "next": np.array(self._next),
            "rng": np.array(json.dumps(self._rng.bit_generator.state)),
            **self._backend.bodies()._asdict(),
        }

    def restore(self, state: Mapping[str, np.ndarray]) -> np.ndarray:
        """Goes on from the `state` of an environment with the same bank and as many slots.

        Returns:
            Frames uint8[N, H, W, 3], as they were then; those of idle slots are empty worlds.

        Raises:
            FalseBeaconError: If the state has other slots or levels.
        """
        levels = state["level"]
        if levels.shape != self.level.shape or levels.max(initial=IDLE) >= len(self.bank):
            raise FalseBeaconError(
                f"the state of {len(levels)} slots in levels up to {levels.max(initial=IDLE)} does"
                f" not fit {self.num_envs} slots and a bank of {len(self.bank)} levels."
            )
        self._begin(np.arange(self.num_envs), levels)
        self.elapsed[:], self.first_touch[:] = state["elapsed"], state["first_touch"]
        self._next = int(state["next"])
        self._rng.bit_generator.state = json.loads(str(state["rng"]))
        self._backend.restore(Bodies(*(state[name] for name in Bodies._fields)))
        frames = np.empty(self._shape, np.uint8)
        self._backend.frames(frames)
        return frames

    def _nothing_left(self) -> np.ndarray:
        """bool[N]: whether a slot's episode has nothing more to show."""
        if self.order == "random":
            return np.zeros(self.num_envs, bool)
        absent = np.isnan(self._sites[:, :, 0])
        left = ~absent & (self.first_touch < 0)
        return np.asarray(~left.any(axis=1) & ~absent.all(axis=1))

    def _checked(self, chosen: Any) -> np.ndarray:
        levels = np.asarray(chosen)
        known = levels.dtype.kind in "iu" and ((levels >= 0) & (levels < len(self.bank))).all()
        if levels.shape != (self.num_envs,) or not known:
            raise FalseBeaconError(
                f"levels must be {self.num_envs} numbers from 0 to {len(self.bank) - 1}, "
                f"got {levels.tolist()}."
            )
        return levels.astype(np.int64)

    def _draw(self, count: int) -> np.ndarray:
        if self.order == "random":
            if self._upto is not None:
                return np.searchsorted(self._upto, self._rng.random(count), side="right")
            return self._rng.integers(0, len(self.bank), count)
        levels = np.arange(self._next, self._next + count)
        self._next += count
        return np.where(levels < len(self.bank), levels, IDLE)

    def _begin(self, slots: np.ndarray, levels: np.ndarray) -> None:
        self.level[slots] = levels
        self.elapsed[slots] = 0
        self.first_touch[slots] = -1
        slots, levels = slots[levels != IDLE], levels[levels != IDLE]
        if not len(slots):
            return
        bank = self.bank
        self._backend.place(slots, bank.blocks[levels], bank.spawn[levels], bank.time[levels])
        self._sites[slots] = bank.sites[levels]
        self._limit[slots] = bank.time_limits[levels]

    def _info(self, touch: np.ndarray) -> dict[str, Any]:
        return {
            "level": self.level.copy(),
            "elapsed": self.elapsed.copy(),
            "candidates": touch,
            "first_touch": self.first_touch.copy(),
            "position": self._backend.position.copy(),
            "yaw": self._backend.yaw.copy(),
        }


BACKENDS = {"voxel": VoxelVectorEnv}
"""Engines that can show a level, by the name that `backend=` takes."""
