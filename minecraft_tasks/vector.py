"""Many levels at once, on any engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from minecraft_tasks.actions import ActionTable, check_count, check_indices, check_mask
from minecraft_tasks.backends.base import Backend, Bodies
from minecraft_tasks.backends.failures import FailureBudget
from minecraft_tasks.backends.make import make_backend
from minecraft_tasks.core.errors import FalseBeaconError, lookup
from minecraft_tasks.infos import check_options, failures, masked, with_final
from minecraft_tasks.levels.bank import LevelBank
from minecraft_tasks.levels.draws import IDLE, LevelDraws, Order
from minecraft_tasks.levels.sampler import LevelSampler
from minecraft_tasks.tasks.base import Task
from minecraft_tasks.worlds.sites import touched

if TYPE_CHECKING:
    from minecraft_tasks.backends.minerl_settings import MineRLSettings


class MinecraftTaskVectorEnv(VectorEnv):
    """N levels of a bank, stepped together; a finished slot takes its next level in the same step.

    Infos follow gymnasium's definition (`minecraft_tasks.infos`). ``level`` int64[N] is the bank
    index that a slot plays, ``level_seed`` int64[N] and ``split`` str[N] say which level that is,
    ``elapsed`` int64[N] the decisions so far in that episode,
    ``candidates`` bool[N, C] what this decision touched, ``first_touch`` int64[N, C] the decision
    of each first touch or -1, ``position`` float64[N, 3] and ``yaw`` float64[N] the pose. They
    hold for slots that play a level; ``final_obs`` is uint8[N, H, W, 3].

    Where the engine failed, ``broken`` object[N] gives the reason. There the decision counts for
    nothing: the episode is truncated without reward, and its level is played again from the start,
    or no more where ``given_up`` bool[N] is True.

    Args:
        task: The task family.
        bank: Levels to play.
        num_envs: Slots, N.
        order: ``random`` draws a level for each episode; ``sequential`` plays each level of the
            bank once, in order, and then leaves slots idle (``level`` is -1, nothing ends); there
            an episode also ends when every candidate of the level was touched.
        seed: Seed of the random order; by default it is drawn.
        observation_size: Height and width of a frame in pixels.
        threads: Threads of the engine; by default one for each CPU.
        weights: float64[L] relative frequency of each level in the random order; by default equal.
        sampler: Draws the levels of the random order instead, and is told how episodes ended.
        reward: Candidate that reward pays for and whose touch ends the episode; the intended goal
            by default. Infos do not depend on it.
        backend: Name of the engine that shows the levels, or an engine with N slots, which is not
            closed with the environment.
        settings: How Minecraft is run, for the backend `minerl`.
        autoreset_mode: When a finished slot takes its next level: in the same step, in the next
            one (whose action and reward then count for nothing), or, where it is disabled, with
            ``reset(options={"reset_mask": bool[N]})``; until then it idles.
        render_mode: ``rgb_array``, in which `render` gives what the agent saw last, or None.

    Raises:
        UnknownNameError: If there is no such candidate, backend or mode.
        FalseBeaconError: If the weights do not fit the levels, the engine has not N slots, or a
            number is not a positive one.
    """

    def __init__(
        self,
        task: Task,
        bank: LevelBank,
        num_envs: int,
        order: Order = "random",
        seed: int | None = None,
        observation_size: int = 64,
        threads: int | None = None,
        weights: np.ndarray | None = None,
        reward: str = "",
        backend: str | Backend = "voxel",
        settings: MineRLSettings | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP,
        sampler: LevelSampler | None = None,
        render_mode: str | None = None,
    ) -> None:
        num_envs = check_count("num_envs", num_envs)
        side = check_count("observation_size", observation_size)
        if threads is not None:
            threads = check_count("threads", threads)
        self.task, self.bank, self.num_envs, self.order = task, bank, num_envs, order
        if isinstance(autoreset_mode, str):
            modes = {mode.value: mode for mode in AutoresetMode}
            autoreset_mode = lookup("autoreset mode", autoreset_mode, modes)
        self.autoreset_mode = autoreset_mode
        shown = ["rgb_array"]
        self.metadata = {"render_modes": shown, "render_fps": 5, "autoreset_mode": autoreset_mode}
        if render_mode is not None:
            lookup("render mode", render_mode, dict.fromkeys(shown))
        self.render_mode = render_mode
        self.single_observation_space = spaces.Box(0, 255, (side, side, 3), np.uint8)
        self.single_action_space = spaces.Discrete(len(task.spec.actions))
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._table = ActionTable.of(task.spec.actions)
        self._shape = (num_envs, side, side, 3)
        self.sampler = sampler or LevelSampler(len(bank), weights)
        self._np_random, self._np_random_seed = seeding.np_random(seed)
        self._draws = LevelDraws(order, self._np_random_seed, self.sampler)
        self._rewarded = task.spec.rewarded(reward)
        self._owned = isinstance(backend, str)
        if isinstance(backend, str):
            backend = make_backend(backend, task.spec, num_envs, side, threads, settings)
        if backend.num_envs != num_envs:
            raise FalseBeaconError(
                f"the engine shows {backend.num_envs} levels at a time, not {num_envs}."
            )
        backend.admit(task.spec, bank.blocks)
        self.backend = backend
        candidates = len(task.spec.candidates)
        self._splits = np.array(bank.splits)
        self.level = np.full(num_envs, IDLE, np.int64)
        self.elapsed = np.zeros(num_envs, np.int64)
        self.first_touch = np.full((num_envs, candidates), -1, np.int64)
        self._sites = np.full((num_envs, candidates, 6), np.nan)
        self._limit = np.zeros(num_envs, np.int64)
        self._losses = FailureBudget(num_envs)
        self._shown = np.zeros(self._shape, np.uint8)
        self._over = np.zeros(num_envs, bool)
        self._again = np.full(num_envs, IDLE, np.int64)

    @property
    def exhausted(self) -> bool:
        """Whether a sequential run has played every level."""
        return bool((self.level == IDLE).all() and not self._over.any())

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Starts an episode in every slot.

        Args:
            seed: Reseeds the random order of levels.
            options: ``{"levels": int[N]}`` names the bank index that each slot starts with;
                ``{"reset_mask": bool[N]}`` starts an episode in those slots only.

        Returns:
            Frames uint8[N, H, W, 3], and info.

        Raises:
            FalseBeaconError: If the bank has no such level, the mask is not bool[N], or there is
                no such option.
        """
        check_options(options, ("levels", "reset_mask"))
        levels, mask = ((options or {}).get(name) for name in ("levels", "reset_mask"))
        if levels is not None:
            levels = check_indices("level", levels, self.num_envs, len(self.bank))
        if mask is not None:
            mask = check_mask(mask, self.num_envs)
        super().reset(seed=seed)
        self._draws.reseed(seed)
        if mask is None:
            self._draws.restart()
            self._losses = FailureBudget(self.num_envs)
            self._again[:] = IDLE
        slots = np.arange(self.num_envs) if mask is None else np.flatnonzero(mask)
        self._renew(slots, levels)
        return self._all_frames(), self._info(np.zeros_like(self.first_touch, bool))

    def step(
        self, actions: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """One decision, int[N] actions, in every slot.

        Returns:
            Frames uint8[N, H, W, 3], reward float32[N], terminated bool[N] (the rewarded
            candidate was reached), truncated bool[N] (the time limit was, or every candidate was
            touched), info.

        Raises:
            FalseBeaconError: If an action is out of range or no whole number.
            EngineError: If the engine does nothing but fail.
        """
        spec = self.task.spec
        actions = check_indices("action", actions, self.num_envs, len(spec.actions))
        playing, due = self.level != IDLE, np.flatnonzero(self._over)
        frames = np.empty(self._shape, np.uint8)
        self.backend.step(actions, self._table, spec.ticks, frames)
        broken, given_up = self._broken()
        self.elapsed += playing
        touch = touched(self.backend.position, self._sites) & playing[:, None]
        touch[list(broken)] = False
        first = touch & (self.first_touch < 0)
        self.first_touch[first] = np.broadcast_to(self.elapsed[:, None], touch.shape)[first]

        terminated = touch[:, self._rewarded] & playing
        truncated = (self.elapsed >= self._limit) | self._nothing_left()
        truncated &= playing & ~terminated
        reward = (terminated - spec.step_cost * playing).astype(np.float32)
        truncated[list(broken)], reward[list(broken)] = True, 0.0
        if self.autoreset_mode == AutoresetMode.NEXT_STEP and len(due):
            self._renew(due)
            self.backend.frames(frames, due)
        info = self._info(touch) | failures(broken, given_up, self.num_envs)
        done = np.flatnonzero(terminated | truncated)
        whole = np.setdiff1d(done, list(broken))
        self.sampler.ended(self.level[whole], self.elapsed[whole], terminated[whole])
        if len(done):
            info = self._finish(done, info, touch, frames)
        self._shown = frames
        return frames, reward, terminated, truncated, info

    def _finish(
        self, done: np.ndarray, info: dict[str, Any], touch: np.ndarray, frames: np.ndarray
    ) -> dict[str, Any]:
        """Ends the episodes of slots int64[K]; in mode SAME_STEP, also begins the next ones.

        Returns:
            Info after it; `frames` then show the episodes that begin.
        """
        self._over[done] = True
        if self.autoreset_mode != AutoresetMode.SAME_STEP:
            self.level[done] = IDLE
            self.backend.rest(done)
            return info
        ended = self._over.copy()
        # Only the rows of slots that ended are ever written, and so take memory.
        last = np.zeros(self._shape, np.uint8)
        last[done] = frames[done]
        self._renew(done)
        self.backend.frames(frames, done)
        return with_final(self._info(touch & ~ended[:, None]), info, last, ended)

    def render(self) -> tuple[np.ndarray, ...] | None:
        """N frames uint8[H, W, 3] that agents see now, where `render_mode` is ``rgb_array``."""
        return tuple(self._shown.copy()) if self.render_mode == "rgb_array" else None

    def close_extras(self, **kwargs: Any) -> None:
        """Lets go of the engine, unless it was given from outside."""
        if self._owned:
            self.backend.close()

    def state(self) -> dict[str, np.ndarray]:
        """All that later steps depend on with autoreset in the same step, as copies."""
        return {
            "level": self.level.copy(),
            "elapsed": self.elapsed.copy(),
            "first_touch": self.first_touch.copy(),
            **self._draws.state(),
            **self.backend.bodies()._asdict(),
        }

    def restore(self, state: Mapping[str, np.ndarray]) -> np.ndarray:
        """Goes on from the `state` of an environment with the same bank and as many slots.

        Returns:
            Frames uint8[N, H, W, 3] of that step; those of idle slots are empty worlds.

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
        self.backend.restore(Bodies(*(state[name] for name in Bodies._fields)))
        return self._all_frames()

    def restore_sampler(self, state: Mapping[str, np.ndarray]) -> None:
        """Takes over what the sampler of a `state` knew; errors as in `LevelSampler.restore`."""
        self._draws.restore_sampler(state)

    def _all_frames(self) -> np.ndarray:
        self._shown = np.empty(self._shape, np.uint8)
        self.backend.frames(self._shown)
        return self._shown

    def _nothing_left(self) -> np.ndarray:
        """bool[N]: whether a sequential run's episode has no candidate left to touch."""
        present = ~np.isnan(self._sites[:, :, 0])
        left = present & (self.first_touch < 0)
        return np.asarray(present.any(axis=1) & ~left.any(axis=1) & (self.order == "sequential"))

    def _broken(self) -> tuple[dict[int, str], set[int]]:
        """Reasons of failure in slots that play a level; the slots whose level is given up."""
        faults = self.backend.faults
        broken = {slot: reason for slot, reason in faults.items() if self.level[slot] != IDLE}
        given_up = self._losses.note(broken)
        again = list(broken.keys() - given_up)
        self._again[again] = self.level[again]
        return broken, given_up

    def _renew(self, slots: np.ndarray, chosen: np.ndarray | None = None) -> None:
        """Begins the next episode in slots int64[K]; some play the same level again.

        `chosen` int64[N] names the level of each slot instead.
        """
        levels = self._again[slots] if chosen is None else chosen[slots]
        fresh = levels == IDLE
        self._losses.forget(slots[fresh])
        levels[fresh] = self._draws.draw(int(np.count_nonzero(fresh)))
        self._over[slots], self._again[slots] = False, IDLE
        self._begin(slots, levels)

    def _begin(self, slots: np.ndarray, levels: np.ndarray) -> None:
        self.level[slots], self.elapsed[slots], self.first_touch[slots] = levels, 0, -1
        self.backend.rest(slots[levels == IDLE])
        slots, levels = slots[levels != IDLE], levels[levels != IDLE]
        if not len(slots):
            return
        bank = self.bank
        self.backend.place(slots, bank.blocks[levels], bank.spawn[levels], bank.time[levels])
        self._sites[slots], self._limit[slots] = bank.sites[levels], bank.time_limits[levels]

    def _info(self, touch: np.ndarray) -> dict[str, Any]:
        values = {
            "level": self.level.copy(),
            "level_seed": self.bank.seeds[self.level],
            "split": self._splits[self.level],
            "elapsed": self.elapsed.copy(),
            "candidates": touch,
            "first_touch": self.first_touch.copy(),
            "position": self.backend.position.copy(),
            "yaw": self.backend.yaw.copy(),
        }
        return masked(values, self.level != IDLE)
