"""Many levels at once, on any engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from minecraft_tasks.actions import ActionTable, check_actions
from minecraft_tasks.backends.base import Backend, Bodies
from minecraft_tasks.backends.failures import FailureBudget
from minecraft_tasks.backends.make import make_backend
from minecraft_tasks.core.errors import FalseBeaconError
from minecraft_tasks.infos import failures, masked, with_final
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.draws import IDLE, LevelDraws, Order
from minecraft_tasks.levels.locked import split_bank
from minecraft_tasks.spec import TRAINING_LEVELS
from minecraft_tasks.tasks import task as find_task
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.worlds.sites import touched

if TYPE_CHECKING:
    from minecraft_tasks.backends.minerl_settings import MineRLSettings

__all__ = ["IDLE", "MinecraftTaskVectorEnv", "Order", "make_vector_env"]


class MinecraftTaskVectorEnv(VectorEnv):
    """N levels of a bank, stepped together; a finished slot takes its next level in the same step.

    Infos follow gymnasium's definition (`minecraft_tasks.infos`). ``level`` int64[N] is the bank
    index that a slot plays, ``elapsed`` int64[N] the decisions so far in that episode,
    ``candidates`` bool[N, C] what this decision touched, ``first_touch`` int64[N, C] the decision
    of each first touch or -1, ``position`` float64[N, 3] and ``yaw`` float64[N] the pose. They
    hold for slots that play a level; ``final_obs`` is uint8[N, H, W, 3].

    Where the engine failed, ``broken`` object[N] gives the reason. There the decision counts for
    nothing: the episode is truncated without reward, and its level is played again from the start,
    or no more where ``given_up`` bool[N] says so.

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
        backend: Name of the engine that shows the levels, or an engine with N slots; only one
            that is given by name is closed with the environment.
        settings: How Minecraft is run, for the backend `minerl`.
        autoreset_mode: When a finished slot takes its next level: in the same step, in the next
            one (whose action and reward then count for nothing), or, where it is disabled, with
            ``reset(options={"reset_mask": bool[N]})``; until then it idles.

    Raises:
        UnknownNameError: If the task has no such candidate, or there is no such backend.
        FalseBeaconError: If the weights are not one for each level, none negative, not all zero,
            there is no such mode, or the engine has not N slots.
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
        backend: str | Backend = "voxel",
        settings: MineRLSettings | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP,
    ) -> None:
        self.task, self.bank, self.num_envs, self.order = task, bank, num_envs, order
        self._autoreset = _mode(autoreset_mode)
        self.metadata = {"autoreset_mode": self._autoreset, "render_modes": []}
        side = observation_size
        self.single_observation_space = spaces.Box(0, 255, (side, side, 3), np.uint8)
        self.single_action_space = spaces.Discrete(len(task.spec.actions))
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._table = ActionTable.of(task.spec.actions)
        self._shape = (num_envs, side, side, 3)
        self._draws = LevelDraws(len(bank), order, seed, weights)
        self._rewarded = task.spec.rewarded(reward)
        self._owned = isinstance(backend, str)
        if isinstance(backend, str):
            backend = make_backend(backend, task.spec, num_envs, side, threads, settings)
        if backend.num_envs != num_envs:
            raise FalseBeaconError(
                f"the engine shows {backend.num_envs} levels at a time, not {num_envs}."
            )
        backend.admit(task.spec, bank.blocks)
        self._backend = backend
        candidates = len(task.spec.candidates)
        self.level = np.full(num_envs, IDLE, np.int64)
        self.elapsed = np.zeros(num_envs, np.int64)
        self.first_touch = np.full((num_envs, candidates), -1, np.int64)
        self._sites = np.full((num_envs, candidates, 6), np.nan)
        self._limit = np.zeros(num_envs, np.int64)
        self._losses = FailureBudget(num_envs)
        self._over = np.zeros(num_envs, bool)
        self._again = np.full(num_envs, IDLE, np.int64)

    @property
    def backend(self) -> Backend:
        """The engine: blocks, poses and velocities of every slot."""
        return self._backend

    @property
    def exhausted(self) -> bool:
        """Whether a sequential run has played every level."""
        return bool((self.level == IDLE).all() and not self._over.any())

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode in every slot.

        Args:
            seed: Reseeds the random order of levels.
            options: ``{"levels": int[N]}`` names the bank index that each slot starts with;
                ``{"reset_mask": bool[N]}`` starts an episode in those slots only.

        Returns:
            Frames uint8[N, H, W, 3], and info.

        Raises:
            FalseBeaconError: If a level is named that the bank does not hold, or the mask is none.
        """
        super().reset(seed=seed)
        options = options or {}
        if "reset_mask" in options:
            self._renew(np.flatnonzero(self._masked(options["reset_mask"])))
        else:
            self._restart(seed, options.get("levels"))
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
            EngineError: If the engine does nothing but fail.
        """
        spec = self.task.spec
        actions = check_actions(actions, self.num_envs, len(spec.actions))
        playing, due = self.level != IDLE, np.flatnonzero(self._over)
        frames = np.empty(self._shape, np.uint8)
        self._backend.step(actions, self._table, spec.ticks, frames)
        broken, given_up = self._broken()
        self.elapsed += playing
        touch = touched(self._backend.position, self._sites) & playing[:, None]
        touch[list(broken)] = False
        first = touch & (self.first_touch < 0)
        self.first_touch[first] = np.broadcast_to(self.elapsed[:, None], touch.shape)[first]

        terminated = touch[:, self._rewarded] & playing
        truncated = (self.elapsed >= self._limit) | self._nothing_left()
        truncated &= playing & ~terminated
        reward = (terminated - spec.step_cost * playing).astype(np.float32)
        truncated[list(broken)], reward[list(broken)] = True, 0.0
        if self._autoreset == AutoresetMode.NEXT_STEP and len(due):
            self._renew(due)
            self._backend.frames(frames, due)
        info = self._info(touch) | failures(broken, given_up, self.num_envs)
        done = np.flatnonzero(terminated | truncated)
        if len(done):
            info = self._finish(done, info, touch, frames)
        return frames, reward, terminated, truncated, info

    def _finish(
        self, done: np.ndarray, info: dict[str, Any], touch: np.ndarray, frames: np.ndarray
    ) -> dict[str, Any]:
        """Ends the episodes of slots int64[K]; begins the next ones where that is in this step.

        Returns:
            Info after it; `frames` then are what is seen next.
        """
        self._over[done] = True
        if self._autoreset != AutoresetMode.SAME_STEP:
            self.level[done] = IDLE
            self._backend.rest(done)
            return info
        ended = self._over.copy()
        # Only the rows of slots that ended are ever written, and so take memory.
        last = np.zeros(self._shape, np.uint8)
        last[done] = frames[done]
        self._renew(done)
        self._backend.frames(frames, done)
        return with_final(self._info(touch & ~ended[:, None]), info, last, ended)

    def close_extras(self, **kwargs: Any) -> None:
        """Lets go of the engine, unless it was given from outside."""
        if self._owned:
            self._backend.close()

    def state(self) -> dict[str, np.ndarray]:
        """All that later steps depend on, as copies; `restore` goes on from it.

        Figures are not part of it, and the levels are named only: they are the bank's. Nor is
        what only other modes than autoreset in the same step know: which slots wait for a reset.
        """
        return {
            "level": self.level.copy(),
            "elapsed": self.elapsed.copy(),
            "first_touch": self.first_touch.copy(),
            **self._draws.state(),
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
        self._over[:], self._again[:] = False, IDLE
        self._begin(np.arange(self.num_envs), levels)
        self.elapsed[:], self.first_touch[:] = state["elapsed"], state["first_touch"]
        self._draws.restore(state)
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

    def _masked(self, mask: Any) -> np.ndarray:
        mask = np.asarray(mask)
        if mask.shape != (self.num_envs,) or mask.dtype != bool:
            raise FalseBeaconError(
                f"reset_mask must be bool[{self.num_envs}], got {mask.dtype}{list(mask.shape)}."
            )
        return mask

    def _restart(self, seed: int | None, chosen: Any) -> None:
        """Starts an episode in every slot, on chosen levels or on those that come next."""
        self._draws.restart(seed)
        self._losses = FailureBudget(self.num_envs)
        self._over[:], self._again[:] = False, IDLE
        levels = self._draws.draw(self.num_envs) if chosen is None else self._checked(chosen)
        self._begin(np.arange(self.num_envs), levels)

    def _broken(self) -> tuple[dict[int, str], set[int]]:
        """What went wrong in slots that play a level; those given up, the rest plays it again."""
        faults = self._backend.faults
        broken = {slot: said for slot, said in faults.items() if self.level[slot] != IDLE}
        given_up = self._losses.note(broken)
        again = list(broken.keys() - given_up)
        self._again[again] = self.level[again]
        return broken, given_up

    def _renew(self, slots: np.ndarray) -> None:
        """Begins the next episode in slots int64[K]; some play the same level again."""
        levels = self._again[slots]
        fresh = levels == IDLE
        self._losses.forget(slots[fresh])
        levels[fresh] = self._draws.draw(int(np.count_nonzero(fresh)))
        self._over[slots], self._again[slots] = False, IDLE
        self._begin(slots, levels)

    def _begin(self, slots: np.ndarray, levels: np.ndarray) -> None:
        self.level[slots] = levels
        self.elapsed[slots] = 0
        self.first_touch[slots] = -1
        self._backend.rest(slots[levels == IDLE])
        slots, levels = slots[levels != IDLE], levels[levels != IDLE]
        if not len(slots):
            return
        bank = self.bank
        self._backend.place(slots, bank.blocks[levels], bank.spawn[levels], bank.time[levels])
        self._sites[slots] = bank.sites[levels]
        self._limit[slots] = bank.time_limits[levels]

    def _info(self, touch: np.ndarray) -> dict[str, Any]:
        values = {
            "level": self.level.copy(),
            "elapsed": self.elapsed.copy(),
            "candidates": touch,
            "first_touch": self.first_touch.copy(),
            "position": self._backend.position.copy(),
            "yaw": self._backend.yaw.copy(),
        }
        return masked(values, self.level != IDLE)


def _mode(text: AutoresetMode | str) -> AutoresetMode:
    try:
        return AutoresetMode(text)
    except ValueError:
        known = ", ".join(mode.value for mode in AutoresetMode)
        raise FalseBeaconError(f"no autoreset mode {text!r}; known: {known}.") from None


def make_vector_env(
    task: str,
    num_envs: int,
    split: str = "train",
    seed: int = 0,
    backend: str = "voxel",
    layouts: int = TRAINING_LEVELS,
    **kwargs: Any,
) -> MinecraftTaskVectorEnv:
    """Many levels of one split, stepped together.

    Args:
        task: Name of the task, or package.module:TASK.
        num_envs: How many episodes run at once.
        split: Name of the split.
        seed: Seeds the order of levels.
        backend: Which engine draws the levels.
        layouts: How many training levels to draw from, for the `train` split.
        kwargs: Passed on to the vector environment.
    """
    found = find_task(task)
    bank = split_bank(found, split, layouts)
    return MinecraftTaskVectorEnv(found, bank, num_envs, seed=seed, backend=backend, **kwargs)
